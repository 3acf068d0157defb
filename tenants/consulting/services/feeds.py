"""A person's calendar under a secret address."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation

from incubator.accounts.acting import grants_of
from incubator.accounts.tokens import hash_of
from incubator.common.dbroles import acting_as_system
from incubator.common.errors import NotAllowed
from incubator.common.icalendars import events_of, write_calendar
from incubator.common.models import CampSettings
from tenants.consulting.models import CalendarFeed

TOKEN_BYTES = 32


@transaction.atomic
def renew_feed(*, user: Any, actor: Any, now: datetime) -> str:
    """A new secret token for the person's calendar; the old address is dead at once. It is told once and kept as its hash.

    Raises NotAllowed for anybody else's calendar.
    """
    if actor is None or actor.pk != user.pk:
        raise NotAllowed
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token_hash": hash_of(token), "made_at": now, "revoked_at": None}
    CalendarFeed.objects.update_or_create(user_id=user.pk, defaults=values)
    return token


@transaction.atomic
def revoke_feed(*, user: Any, actor: Any, now: datetime) -> None:
    """Close the person's calendar address. Closed twice, it is closed. Raises NotAllowed."""
    if actor is None or actor.pk != user.pk:
        raise NotAllowed
    CalendarFeed.objects.filter(user_id=user.pk, revoked_at=None).update(token_hash=None, revoked_at=now)


def feed_of(token: str, *, now: datetime) -> bytes | None:
    """The calendar behind a token, None where there is none: unknown, renewed, closed, or of a person who has left."""
    if not 20 <= len(token) <= 100:
        return None
    # A calendar programme signs in with nothing but the token, so the person behind it is asked for by the system.
    with acting_as_system():
        feed = CalendarFeed.objects.select_related("user").filter(token_hash=hash_of(token)).first()
        if feed is None or not grants_of(feed.user):
            return None
        with translation.override(feed.user.language):
            return write_calendar(events_of(feed.user, now), name=str(CampSettings.current().display_name))
