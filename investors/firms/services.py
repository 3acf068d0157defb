"""Writes on firms, their members, mandates and holdings."""

from typing import Any

from incubator.accounts.errors import UnknownScope

from .enums import FirmMemberLevel
from .models import Firm, FirmMember


def admit_firm_member(user: Any, firm_id: int, level: str) -> FirmMember:
    """Give the person a place in the firm, as an accepted invitation says. A place they have is left as it is.

    Raises UnknownScope when the firm is gone.
    """
    if not Firm.objects.filter(pk=firm_id).exists():
        raise UnknownScope
    member, _ = FirmMember.objects.get_or_create(
        firm_id=firm_id, user=user, defaults={"level": level or FirmMemberLevel.MEMBER}
    )
    return member
