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
