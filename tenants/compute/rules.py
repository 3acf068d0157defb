"""Who may do what with credits."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup


def may_manage_credits(user: Any) -> bool:
    """Staff of the credits group and directors, unless they only audit; None is the system."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.CREDITS) and not acting.read_only


def may_see_imports(user: Any) -> bool:
    """Imports hold every company's jobs: staff alone."""
    return acting_of(user).kind == Kind.STAFF


def may_ask_for(user: Any, company_id: int) -> bool:
    """Every member of the company, owner or not: ask for credits or an exemption, take a request back."""
    acting = acting_of(user)
    return user is None or (acting.kind == Kind.FOUNDER and company_id in acting.company_ids)


def may_set_policy(user: Any) -> bool:
    """The director alone; None is the system."""
    acting = acting_of(user)
    return acting.kind == Kind.STAFF and StaffGroup.DIRECTOR in acting.groups
