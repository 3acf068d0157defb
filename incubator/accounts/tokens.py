"""Bearer tokens for machines: made once in clear, kept as SHA-256, asked on every API request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from .acting import PUBLIC, Acting, choose, roles_of
from .enums import Kind
from .models import ApiToken, User

PREFIX = "camp_"


@dataclass(frozen=True)
class TokenUser:
    user: User
    acting: Acting
    token: ApiToken


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    *, user: User, name: str, role: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token that acts in `role` (a value of `roles_of(user)`). Returns it and its secret, shown once."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        role=role,
        scopes=scopes,
        prefix=secret[:8],
        token_hash=hash_of(secret),
        expires_at=expires_at,
    )
    return token, secret


def user_of_token(request: HttpRequest) -> TokenUser | None:
    """The owner and role of the request's bearer token; None for none, an unknown, expired or revoked one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
        .filter(token_hash=hash_of(secret.strip()), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    roles = [role for role in roles_of(token.user) if role.value == token.role and role.kind != Kind.REVIEWER]
    request.camp_token = token  # type: ignore[attr-defined]
    return TokenUser(token.user, choose(roles) if roles else PUBLIC, token)
