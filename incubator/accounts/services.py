"""Inviting people and letting them in. There is no other way to get an account."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import Invalid, NotAllowed, refusing, validate
from incubator.common.models import CampSettings

from .acting import acting_of
from .enums import Kind, StaffGroup
from .errors import AddressTaken, InvitationClosed, UnknownScope
from .models import Invitation, StaffMembership, User
from .tokens import hash_of

VALID_FOR = timedelta(days=14)

_admitters: dict[str, Callable[[User, int, str], Any]] = {}


def register_admitter(kind: str, admit: Callable[[User, int, str], Any]) -> None:
    """Tell how an accepted invitation of `kind` becomes a grant: `admit(user, scope_id, level)`.

    Raises DomainError from `admit` where the scope is gone; a grant that exists already is left as it is.
    """
    _admitters[kind] = admit


def _admit_staff(user: User, scope_id: int, level: str) -> None:
    StaffMembership.objects.get_or_create(user=user, group=level)
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


def may_invite(user: Any, kind: str, scope_id: int | None) -> bool:
    """Staff invite anyone (only the director other staff); the owner of a company invites its members."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return acting.in_group() if kind == Kind.STAFF else not acting.read_only
    return (
        acting.kind == Kind.FOUNDER and acting.level == "owner" and kind == Kind.FOUNDER and scope_id == acting.scope_id
    )


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    kind: str,
    scope_id: int | None = None,
    scope_label: str = "",
    level: str = "",
    language: str = "ko",
    actor: Any,
    now: datetime,
    base_url: str,
) -> tuple[Invitation, str]:
    """Invite a person and mail the address of the invitation. Returns the invitation and its secret.

    Raises NotAllowed, Invalid (a wrong address or level), UnknownScope.
    """
    if not may_invite(actor, kind, scope_id):
        raise NotAllowed
    if kind == Kind.STAFF and level not in StaffGroup.values:
        raise UnknownScope(field="level")
    secret = secrets.token_urlsafe(24)
    invitation = Invitation(
        email=email.strip().lower(),
        name=name.strip(),
        kind=kind,
        scope_id=scope_id,
        scope_label=scope_label,
        level=level,
        language=language,
        token_hash=hash_of(secret),
        invited_by=actor if getattr(actor, "pk", None) else None,
        expires_at=now + VALID_FOR,
    )
    validate(invitation)
    invitation.save()
    url = base_url.rstrip("/") + reverse("invitation", args=[secret])
    transaction.on_commit(lambda: _mail(invitation, url))
    return invitation, secret


def _mail(invitation: Invitation, url: str) -> None:
    context = {"invitation": invitation, "url": url, "camp": CampSettings.current()}
    with translation.override(invitation.language):
        EmailMessage(
            render_to_string("emails/invitation_subject.txt", context).strip(),
            render_to_string("emails/invitation_body.txt", context),
            to=[invitation.email],
        ).send()


def find_invitation(secret: str, *, now: datetime) -> Invitation:
    """The open invitation of this secret. Raises InvitationClosed."""
    with acting_as_system():
        found = Invitation.objects.select_related("invited_by").filter(token_hash=hash_of(secret)).first()
    if found is None or not found.is_open(now):
        raise InvitationClosed
    return found


def accept_invitation(
    *, secret: str, user: User | None, name: str = "", password: str = "", now: datetime
) -> User:
    """Turn an invitation into its grant, once. A new person gets an account with this name and password;
    a signed-in person keeps theirs and gains a role.

    Works beyond the public role's wall, since the person is nobody until it ends.
    Raises InvitationClosed, AddressTaken, Invalid (a weak password), UnknownScope.
    """
    with acting_as_system(), transaction.atomic():
        invitation = Invitation.objects.select_for_update().filter(token_hash=hash_of(secret)).first()
        if invitation is None or not invitation.is_open(now):
            raise InvitationClosed
        if user is None:
            if User.objects.filter(email=invitation.email).exists():
                raise AddressTaken
            user = User(email=invitation.email, name=name.strip() or invitation.name, language=invitation.language)
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise Invalid(" ".join(error.messages), field="password") from error
            user.set_password(password)
            validate(user, exclude={"password"})
            with refusing({"accounts_user_email": AddressTaken}):
                user.save()
        admit = _admitters.get(invitation.kind)
        if admit is None:
            raise UnknownScope
        admit(user, invitation.scope_id or 0, invitation.level)
        invitation.accepted_at, invitation.accepted_by = now, user
        invitation.save(update_fields=["accepted_at", "accepted_by", "updated_at"])
    user.__dict__.pop("_camp_grants", None)
    return user


def revoke_invitation(*, invitation: Invitation, actor: Any, now: datetime) -> None:
    """Close an open invitation. Raises NotAllowed, InvitationClosed."""
    if not may_invite(actor, invitation.kind, invitation.scope_id):
        raise NotAllowed
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=now, updated_at=timezone.now()
    )
    if not changed:
        raise InvitationClosed


register_admitter(Kind.STAFF, _admit_staff)
