"""Who may furnish a room, open it, and look into it."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup


def may_furnish(user: Any, company_id: int) -> bool:
    """People of the company itself, not those of the camp and not former residents."""
    acting = acting_of(user)
    return company_id in acting.company_ids and not acting.read_only


def may_look_inside(user: Any) -> bool:
    """Managers of matching open a company's file for a reason, which the company reads. Nobody else of the camp does."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.MATCHING) and not acting.read_only
