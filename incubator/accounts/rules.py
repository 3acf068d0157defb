"""Who may invite, and who may change what people may do."""

from typing import Any

from .acting import acting_of
from .enums import Kind


def may_invite(user: Any, kind: str, scope_id: int | None) -> bool:
    """Staff invite anyone (only the director other staff); the owner of a company invites its members."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return acting.in_group() if kind == Kind.STAFF else not acting.read_only
    return (
        acting.kind == Kind.FOUNDER
        and acting.level == "owner"
        and kind == Kind.FOUNDER
        and scope_id == acting.scope_id
    )


def may_manage_people(user: Any) -> bool:
    """The director: staff groups, accounts, tokens."""
    return acting_of(user).in_group()
