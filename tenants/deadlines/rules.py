"""Who may do what with deadlines."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup

from .enums import ClockKind

# Where no reminder harms nobody; a kind of duty says for itself.
HARMLESS = frozenset({ClockKind.REPORT, ClockKind.AGE_LIMIT, ClockKind.REGISTRATION})


def may_manage_deadlines(user: Any) -> bool:
    """Managers of leases and the director. None is the system: a command or a task."""
    return user is None or acting_of(user).in_group(StaffGroup.LEASES)


def may_send_in(user: Any, company_id: int) -> bool:
    """Members of the company, and managers of leases for it."""
    return company_id in acting_of(user).company_ids or may_manage_deadlines(user)
