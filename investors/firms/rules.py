"""Who may keep the list of firms."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup


def may_manage_firms(user: Any) -> bool:
    """Managers of matching keep firms, their mandates, holdings and members."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.MATCHING) and not acting.read_only
