"""Managers check what came in: eligible, not eligible, or more documents first."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed
from tenants.intake.enums import ApplicationState, LetterKind
from tenants.intake.errors import ReasonMissing
from tenants.intake.models import Application, Review
from tenants.intake.rules import may_manage_intake

from .letters import next_turn, write_letter
from .steps import demand, locked, record, step


@transaction.atomic
def screen_application(
    *, application: Application, eligible: bool, reason: str = "", actor: Any, now: datetime
) -> Application:
    """Say whether an application goes on to review. Not eligible needs a reason, which the applicant is written.

    Until it is reviewed or decided this can be said anew. Raises NotAllowed, WrongState, ReasonMissing.
    """
    if not may_manage_intake(actor):
        raise NotAllowed
    held = locked(application)
    demand(held, (ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE))
    state = ApplicationState.ELIGIBLE if eligible else ApplicationState.INELIGIBLE
    if held.state == state:
        return held
    if not eligible and not reason.strip():
        raise ReasonMissing
    if Review.objects.filter(application=held).exists():
        demand(held, (ApplicationState.SUBMITTED,))
    step(held, state, actor=actor, now=now, note=reason, reason=reason.strip(), screened_at=now)
    if not eligible:
        kind = LetterKind.INELIGIBLE
        write_letter(application=held, kind=kind, now=now, note=reason, turn=next_turn(held, kind))
    return held


@transaction.atomic
def ask_for_documents(
    *, application: Application, what: str, until: datetime, actor: Any, now: datetime
) -> Application:
    """Ask the applicant for more, until a moment; they add it on their page. Raises NotAllowed, WrongState, ReasonMissing."""
    if not may_manage_intake(actor):
        raise NotAllowed
    held = locked(application)
    demand(held, (ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE))
    if not what.strip():
        raise ReasonMissing(field="what")
    held.asked_for, held.asked_until = what.strip(), until
    held.save(update_fields=["asked_for", "asked_until", "updated_at"])
    record(held, from_state=held.state, actor=actor, now=now, note=what)
    kind = LetterKind.DOCUMENTS
    write_letter(application=held, kind=kind, now=now, note=what, until=until, turn=next_turn(held, kind))
    return held
