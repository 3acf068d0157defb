"""Who may do what with calls, applications and reviews."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup

from .links import Bearer
from .models import Application, Review


def may_manage_intake(user: Any) -> bool:
    """Managers of leases publish calls, screen, assign and decide."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.LEASES) and not acting.read_only


def is_applicant_of(actor: Any, application: Application) -> bool:
    """The application is that of whoever shows its link."""
    return isinstance(actor, Bearer) and actor.application_id == application.pk


def may_write_application(actor: Any, application: Application) -> bool:
    return is_applicant_of(actor, application) or (actor is None and may_manage_intake(actor))


def may_review(user: Any, review: Review) -> bool:
    """Only whoever it was assigned to: a manager reads reviews, and writes none."""
    return acting_of(user).kind == Kind.REVIEWER and review.reviewer.user_id == user.pk
