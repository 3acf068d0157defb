"""Inviting people and letting them in (there is no other way to get an account), and what people may do."""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import Invalid, NotAllowed, refusing, validate
from incubator.common.models import CampSettings

from .acting import roles_of
from .enums import Kind, StaffGroup
from .errors import (
    AddressTaken,
    InvitationClosed,
    LastDirector,
    OwnAccount,
    TokenRevoked,
    UnknownRole,
    UnknownScope,
)
from .models import ApiToken, Invitation, StaffMembership, User
from .rules import may_invite, may_manage_people
from .tokens import create_token, hash_of

VALID_FOR = timedelta(days=14)


@dataclass(frozen=True)
class _Admission:
    admit: Callable[[User, int, str], Any]
    scopes: Callable[[], QuerySet] | None = None
    levels: tuple[str, str] = ("", "")


_admissions: dict[str, _Admission] = {}


def register_admitter(
    kind: str,
    admit: Callable[[User, int, str], Any],
    *,
    scopes: Callable[[], QuerySet] | None = None,
    levels: tuple[str, str] = ("", ""),
) -> None:
    """Tell how an accepted invitation of `kind` becomes a grant: `admit(user, scope_id, level)`.

    Raises DomainError from `admit` where the scope is gone; a grant that exists already is left as it is.
    `scopes()` gives everything a person of this kind can be invited to; the name of each is its text.
    `levels` are the level of whoever leads there and that of everybody else.
    """
    _admissions[kind] = _Admission(admit, scopes, levels)


def level_of(kind: str, *, leading: bool) -> str:
    """The level of an invitation to lead, or not, what a person of `kind` is invited to."""
    leader, ordinary = _admissions[kind].levels
    return leader if leading else ordinary


def invitation_scopes() -> Iterable[tuple[str, list[tuple[int, str]]]]:
    """By kind, everything a person can be invited to, as (id, name). One query for each kind."""
    for kind, admission in _admissions.items():
        if admission.scopes is not None:
            yield kind, [(scope.pk, str(scope)) for scope in admission.scopes()]


def _scope_label(kind: str, scope_id: int | None, level: str) -> str:
    """The name of what a person is invited to. Raises UnknownScope."""
    if kind == Kind.STAFF:
        if level not in StaffGroup.values:
            raise UnknownScope(field="level")
        return ""
    admission = _admissions.get(kind)
    if admission is None or scope_id is None:
        raise UnknownScope
    if admission.scopes is None:
        return ""
    scope = admission.scopes().filter(pk=scope_id).first()
    if scope is None:
        raise UnknownScope
    return str(scope)


def _admit_staff(user: User, scope_id: int, level: str) -> None:
    StaffMembership.objects.get_or_create(user=user, group=level)
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


@transaction.atomic
def prepare_invitation(
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
) -> Invitation:
    """An invitation that is kept and not yet mailed; `send_invitation` mails it, as often as it is needed.

    Raises NotAllowed, Invalid (a wrong address), UnknownScope.
    """
    if not may_invite(actor, kind, scope_id):
        raise NotAllowed
    invitation = Invitation(
        email=email.strip().lower(),
        name=name.strip(),
        kind=kind,
        scope_id=scope_id,
        scope_label=(_scope_label(kind, scope_id, level) or scope_label)[:160],
        level=level,
        language=language,
        token_hash=hash_of(secrets.token_urlsafe(24)),
        invited_by=actor if getattr(actor, "pk", None) else None,
        expires_at=now + VALID_FOR,
    )
    validate(invitation)
    invitation.save()
    return invitation


@transaction.atomic
def send_invitation(*, invitation: Invitation, actor: Any, now: datetime, base_url: str) -> str:
    """Mail the address of an invitation that nobody has used, valid from now; returns its secret.

    An address that was mailed before stops working. Raises NotAllowed, InvitationClosed (used or revoked).
    """
    if not may_invite(actor, invitation.kind, invitation.scope_id):
        raise NotAllowed
    secret = secrets.token_urlsafe(24)
    invitation.token_hash, invitation.expires_at = hash_of(secret), now + VALID_FOR
    changed = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
    ).update(token_hash=invitation.token_hash, expires_at=invitation.expires_at, updated_at=now)
    if not changed:
        raise InvitationClosed
    url = base_url.rstrip("/") + reverse("invitation", args=[secret])
    # A mail server that is down does not undo the invitation: it stays "not sent" and can be sent again.
    transaction.on_commit(lambda: _mail(invitation, url), robust=True)
    return secret


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
    invitation = prepare_invitation(
        email=email,
        name=name,
        kind=kind,
        scope_id=scope_id,
        scope_label=scope_label,
        level=level,
        language=language,
        actor=actor,
        now=now,
    )
    return invitation, send_invitation(invitation=invitation, actor=actor, now=now, base_url=base_url)


def _mail(invitation: Invitation, url: str) -> None:
    context = {"invitation": invitation, "url": url, "camp": CampSettings.current()}
    with translation.override(invitation.language):
        EmailMessage(
            render_to_string("emails/invitation_subject.txt", context).strip(),
            render_to_string("emails/invitation_body.txt", context),
            to=[invitation.email],
        ).send()
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())


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
            user = User(
                email=invitation.email, name=name.strip() or invitation.name, language=invitation.language
            )
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise Invalid(" ".join(error.messages), field="password") from error
            user.set_password(password)
            validate(user, exclude={"password"})
            with refusing({"accounts_user_email": AddressTaken}):
                user.save()
        admission = _admissions.get(invitation.kind)
        if admission is None:
            raise UnknownScope
        admission.admit(user, invitation.scope_id or 0, invitation.level)
        invitation.accepted_at, invitation.accepted_by = now, user
        invitation.save(update_fields=["accepted_at", "accepted_by", "updated_at"])
    user.__dict__.pop("_camp_grants", None)
    return user


def revoke_invitation(*, invitation: Invitation, actor: Any, now: datetime) -> None:
    """Close an open invitation. Raises NotAllowed, InvitationClosed."""
    if not may_invite(actor, invitation.kind, invitation.scope_id):
        raise NotAllowed
    changed = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=now, updated_at=now)
    if not changed:
        raise InvitationClosed


def _other_directors(user: User) -> bool:
    """Whether the camp keeps a director without this person; two who leave at once wait for each other."""
    directors = (
        StaffMembership.objects.select_for_update(of=("self",))
        .filter(group=StaffGroup.DIRECTOR)
        .order_by("pk")
    )
    return any(director.user_id != user.pk for director in directors.filter(user__is_active=True))


@transaction.atomic
def change_person(
    *, user: User, name: str, language: str, staff_groups: Collection[str], actor: Any, now: datetime
) -> User:
    """Name, language and staff groups of a person. Without a group they are no manager any more.

    Raises NotAllowed, Invalid, LastDirector.
    """
    if not may_manage_people(actor):
        raise NotAllowed
    user.name, user.language, user.is_staff = name.strip(), language, bool(staff_groups)
    validate(user, exclude={"password"})
    held = set(StaffMembership.objects.filter(user=user).values_list("group", flat=True))
    dropped = held - set(staff_groups)
    if StaffGroup.DIRECTOR in dropped and not _other_directors(user):
        raise LastDirector
    StaffMembership.objects.filter(user=user, group__in=dropped).delete()
    for group in sorted(set(staff_groups) - held):
        StaffMembership.objects.create(user=user, group=group)
    user.save(update_fields=["name", "language", "is_staff"])
    user.__dict__.pop("_camp_grants", None)
    return user


def set_own_language(*, user: User, language: str) -> None:
    """Write to the person in this language ("ko" or "en"). A sign-in page may do this too, so it is one column."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def deactivate_person(*, user: User, actor: Any, now: datetime) -> None:
    """Close an account: sessions and tokens stop working at once, what the person did stays on record.

    Raises NotAllowed, OwnAccount, LastDirector.
    """
    if not may_manage_people(actor):
        raise NotAllowed
    if actor is not None and user.pk == actor.pk:
        raise OwnAccount
    directs = StaffMembership.objects.filter(user=user, group=StaffGroup.DIRECTOR).exists()
    if directs and not _other_directors(user):
        raise LastDirector
    user.is_active = False
    user.save(update_fields=["is_active"])


@transaction.atomic
def reactivate_person(*, user: User, actor: Any, now: datetime) -> None:
    """Open a closed account again, with the roles it had. Raises NotAllowed."""
    if not may_manage_people(actor):
        raise NotAllowed
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def issue_token(
    *,
    user: User,
    name: str,
    role: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    actor: Any,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A bearer token that acts as the person in one of their roles. Returns it and its secret, shown once.

    Raises NotAllowed, UnknownRole.
    """
    if not may_manage_people(actor):
        raise NotAllowed
    held = [each.value for each in roles_of(user)]
    if role not in held:
        raise UnknownRole(held=", ".join(held) or "–")
    return create_token(user=user, name=name, role=role, scopes=sorted(scopes), expires_at=expires_at)


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: Any, now: datetime) -> None:
    """The token stops working at once. Raises NotAllowed, TokenRevoked."""
    if not may_manage_people(actor):
        raise NotAllowed
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=now, updated_at=now
    ):
        raise TokenRevoked


register_admitter(Kind.STAFF, _admit_staff)
