"""Writes on companies and their members."""

from typing import Any

from incubator.accounts.errors import UnknownScope

from .enums import MemberLevel
from .models import Company, Membership


def admit_member(user: Any, company_id: int, level: str) -> Membership:
    """Give the person a place in the company, as an accepted invitation says. A place they have is left as it is.

    Raises UnknownScope when the company is gone.
    """
    if not Company.objects.filter(pk=company_id).exists():
        raise UnknownScope
    membership, _ = Membership.objects.get_or_create(
        company_id=company_id, user=user, defaults={"level": level or MemberLevel.MEMBER}
    )
    return membership
