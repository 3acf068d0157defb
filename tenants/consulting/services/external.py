"""Busy times from an adviser's own calendar."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from incubator.common.errors import NotAllowed, validate
from tenants.consulting import rules
from tenants.consulting.busy import NotACalendar, read_apart
from tenants.consulting.errors import CalendarAddressBad
from tenants.consulting.fetching import Unreadable, fetch
from tenants.consulting.locks import hold
from tenants.consulting.models import Adviser, BusyTime, ExternalCalendar
from tenants.consulting.models.hours import LONGEST_HORIZON
from tenants.consulting.quarters import SEOUL
from tenants.consulting.tasks import read_calendar_soon


@transaction.atomic
def connect_calendar(*, adviser: Adviser, url: str, actor: Any, now: datetime) -> ExternalCalendar:
    """Let the times of this calendar be busy; it is read at once and every half hour. Raises NotAllowed, CalendarAddressBad."""
    if not rules.may_open_slots(actor, adviser.pk):
        raise NotAllowed
    url = url.strip().replace("webcal://", "https://", 1)
    if not url.startswith("https://"):
        raise CalendarAddressBad
    found = ExternalCalendar.objects.filter(adviser=adviser).first() or ExternalCalendar(adviser=adviser)
    if found.url != url:
        found.read_at, found.problem, found.busy_times = None, "", 0
    found.url = url
    validate(found, exclude={"adviser"})
    found.save()
    read_calendar_soon(adviser.pk)
    return found


@transaction.atomic
def disconnect_calendar(*, adviser: Adviser, actor: Any, now: datetime) -> None:
    """Forget the calendar and its times. Raises NotAllowed."""
    if not rules.may_open_slots(actor, adviser.pk):
        raise NotAllowed
    BusyTime.objects.filter(adviser=adviser).delete()
    ExternalCalendar.objects.filter(adviser=adviser).delete()


def read_calendar(*, adviser_id: int, now: datetime, get: Callable[[str], bytes] = fetch) -> int | None:
    """Read the adviser's calendar and keep its times instead of the former ones; how many, None where there is none to read.

    A calendar that cannot be read leaves the former times as they are and says why. Nothing is held while it is fetched.
    """
    calendar = ExternalCalendar.objects.filter(adviser=adviser_id).first()
    if calendar is None:
        return None
    today = now.astimezone(SEOUL).date()
    try:
        spans = read_apart(get(calendar.url), first=today, last=today + timedelta(days=LONGEST_HORIZON + 1))
    except (Unreadable, NotACalendar) as error:
        problem = getattr(error, "code", "not_a_calendar")
        ExternalCalendar.objects.filter(adviser=adviser_id, url=calendar.url).update(
            fetched_at=now, problem=problem
        )
        return None
    with transaction.atomic():
        hold(("adviser", adviser_id))
        kept = ExternalCalendar.objects.filter(adviser=adviser_id, url=calendar.url).update(
            fetched_at=now, read_at=now, problem="", busy_times=len(spans)
        )
        if not kept:  # changed or forgotten while it was fetched
            return None
        BusyTime.objects.filter(adviser=adviser_id).delete()
        BusyTime.objects.bulk_create(
            [BusyTime(adviser_id=adviser_id, period=DateTimeTZRange(*span)) for span in spans],
            batch_size=1000,
        )
    return len(spans)
