"""What a person may see of people, invitations and tokens."""

from typing import Any

from django.db.models import QuerySet

from incubator.common.dbroles import acting_as_system

from .acting import acting_of
from .enums import Kind
from .models import ApiToken, Invitation, User


def people_for(user: Any) -> QuerySet[User]:
    """Staff see everyone, anyone else themselves."""
    if acting_of(user).kind == Kind.STAFF:
        return User.objects.all()
    return User.objects.filter(pk=user.pk or 0)


def address_known(email: str) -> bool:
    """Whether a person with this address has an account. For whoever holds an invitation to that address only."""
    with acting_as_system():
        return User.objects.filter(email=email).exists()


def invitations_for(user: Any) -> QuerySet[Invitation]:
    """Staff see all invitations, founders those of their company."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Invitation.objects.all()
    return Invitation.objects.filter(kind=Kind.FOUNDER, scope_id__in=acting.company_ids)


def tokens_for(user: Any) -> QuerySet[ApiToken]:
    """Staff see all tokens, anyone else their own."""
    if acting_of(user).kind == Kind.STAFF:
        return ApiToken.objects.all()
    return ApiToken.objects.filter(user_id=user.pk or 0)
