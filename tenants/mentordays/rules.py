"""Who may do what with mentor days."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup

from .enums import Side


def may_manage(user: Any) -> bool:
    """The managers of consulting, the director and the system itself."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.CONSULTING) and not acting.read_only


def may_wish(user: Any, side: str, party_id: int) -> bool:
    """A company's founders for it, an adviser for themselves, the office for anybody."""
    acting = acting_of(user)
    if acting.read_only:
        return False
    if acting.kind == Kind.STAFF:
        return may_manage(user)
    return party_id in acting.company_ids if side == Side.COMPANY else acting.adviser_id == party_id
