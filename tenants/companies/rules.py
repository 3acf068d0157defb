"""Who may do what with a company. A founder acts for one company at a time."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup

from .enums import MemberLevel
from .models import Company


def may_manage_companies(user: Any) -> bool:
    """Managers of leases admit companies, keep their register and see them off."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.LEASES) and not acting.read_only


def is_of(user: Any, company: Company) -> bool:
    """Whether the person acts for this company."""
    return company.pk in acting_of(user).company_ids


def is_owner_of(user: Any, company: Company) -> bool:
    return is_of(user, company) and acting_of(user).level == MemberLevel.OWNER


def may_edit_profile(user: Any, company: Company) -> bool:
    return is_of(user, company) or may_manage_companies(user)


def may_set_visibility(user: Any, company: Company) -> bool:
    """Consent is the company's own: its owner gives it, a manager records it from paper."""
    return is_owner_of(user, company) or may_manage_companies(user)


def may_change_members(user: Any, company: Company) -> bool:
    return is_owner_of(user, company) or may_manage_companies(user)
