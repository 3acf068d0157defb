"""The meetings of a firm as events of a calendar, and the secret address under which calendar programmes read them."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incubator.accounts.acting import Acting, acting_of
from incubator.accounts.enums import Kind
from incubator.accounts.tokens import hash_of
from incubator.common.dbroles import Role, acting_as_system, database_role
from incubator.common.errors import NotAllowed
from incubator.common.icalendars import CalendarEvent, write_calendar
from incubator.common.models import CampSettings
from investors.demoday import selectors as demodays
from investors.demoday.enums import PlanState
from investors.demoday.events import events_of_meetings
from investors.firms.models import Firm
from investors.matching import selectors as matching
from investors.matching.models import Introduction
from investors.matching.rules import may_match

from .models import FirmCalendar

TOKEN_BYTES = 32
LENGTH = timedelta(hours=1)
# How far back a feed reaches: calendars keep what they once took in.
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Reader:
    """Whoever reads for a firm without a person behind it: a calendar programme."""

    acting: Acting = field(default_factory=Acting)
    is_authenticated: bool = False


def meetings_of(user: Any, now: datetime) -> list[Introduction]:
    """The firm's introductions that have a time, the next first. One query."""
    found = matching.introductions_for(user).for_firm().filter(meets_at__gte=now - KEPT)
    return list(found.order_by("meets_at", "pk"))


def demo_day_events(user: Any, now: datetime) -> tuple[list[CalendarEvent], list[int]]:
    """The firm's meetings at demo days of late and to come, and the companies that they are with."""
    firm_ids = acting_of(user).firm_ids
    events: list[CalendarEvent] = []
    met: list[int] = []
    days = demodays.days_for(user).filter(firms__firm_id__in=firm_ids, day__gte=(now - KEPT).date())
    for day in days.distinct():
        found = list(demodays.meetings_for(user).filter(plan__day=day, plan__state=PlanState.PUBLISHED))
        number = day.plans.filter(state=PlanState.PUBLISHED).values_list("number", flat=True).first() or 0
        events += events_of_meetings(found, day=day, number=number, for_firms=firm_ids)
        met += [each.company_id for each in found]
    return events, met


def calendar_of(user: Any, now: datetime) -> tuple[bytes, list[int]]:
    """The text of the firm's calendar, and the companies that are in it."""
    introductions = meetings_of(user, now)
    events, met = demo_day_events(user, now)
    content = write_calendar(
        [*events_of(introductions), *events], name=str(CampSettings.current().display_name)
    )
    return content, [*met, *(each.company_id for each in introductions)]


def events_of(meetings: Iterable[Introduction]) -> list[CalendarEvent]:
    return [
        CalendarEvent(
            uid=f"introduction-{each.pk}@startup-camp",
            sequence=int(each.updated_at.timestamp()),
            changed_at=each.updated_at,
            starts=each.meets_at,
            ends=each.meets_at + LENGTH,
            summary=_("Meeting with %(company)s") % {"company": each.company.name},
            location=each.meets_where,
        )
        for each in meetings
        if each.meets_at
    ]


@transaction.atomic
def renew_calendar(*, firm: Firm, actor: Any, now: datetime) -> str:
    """A new secret token for the firm's meetings; the old address is dead at once. It is told once and kept as its hash.

    Raises NotAllowed.
    """
    if not may_match(actor):
        raise NotAllowed
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token_hash": hash_of(token), "made_at": now, "made_by": actor, "revoked_at": None}
    FirmCalendar.objects.update_or_create(firm=firm, defaults=values)
    return token


@transaction.atomic
def close_calendar(*, calendar: FirmCalendar, actor: Any, now: datetime) -> None:
    """Close the firm's address. Closed twice, it is closed. Raises NotAllowed."""
    if not may_match(actor):
        raise NotAllowed
    FirmCalendar.objects.filter(pk=calendar.pk, revoked_at=None).update(token_hash=None, revoked_at=now)


@dataclass(frozen=True)
class Feed:
    content: bytes
    company_ids: list[int]
    firm_id: int


def feed_of(token: str, *, now: datetime) -> Feed | None:
    """The calendar behind a token, None where there is none: unknown, renewed, closed, or of a firm that nobody reads for."""
    if not 20 <= len(token) <= 100:
        return None
    # A calendar programme signs in with nothing but the token, so the firm behind it is asked for by the system.
    with acting_as_system():
        found = FirmCalendar.objects.filter(token_hash=hash_of(token), firm__members__isnull=False).first()
        if found is None:
            return None
    # What it reads, it reads behind the firm's own wall: a consent withdrawn a second ago is withdrawn here too.
    reader = Reader(Acting(Kind.INVESTOR, None, found.pk))
    with database_role(Role.INVESTOR, firm_ids=[found.pk], read_only=True):
        content, company_ids = calendar_of(reader, now)
    return Feed(content, company_ids, found.pk)
