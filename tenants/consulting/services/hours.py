"""When an adviser can be booked: weekly hours, the days that differ, the terms of booking."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from incubator.common.errors import NotAllowed, validate
from tenants.consulting import rules
from tenants.consulting.availability import Hours
from tenants.consulting.enums import ExceptionKind, Place
from tenants.consulting.errors import BadHours, BadPeriod, HeldByCamp, HoursOverlap, PlaceMissing
from tenants.consulting.locks import hold
from tenants.consulting.models import (
    LONGEST_SESSION,
    MOST_SEATS,
    Adviser,
    Availability,
    Booking,
    BookingTerms,
    HoursException,
    MeetingRoom,
)
from tenants.consulting.quarters import SEOUL

TERMS = frozenset(
    {
        "minutes_before",
        "minutes_after",
        "notice_hours",
        "horizon_days",
        "longest_day_hours",
        "longest_week_hours",
        "needs_approval",
        "answer_hours",
    }
)


def _may(actor: Any, adviser_id: int) -> None:
    if not rules.may_open_slots(actor, adviser_id):
        raise NotAllowed


def _place(place: str, room: MeetingRoom | None, online_url: str) -> dict[str, Any]:
    if place == Place.ROOM and room is None:
        raise PlaceMissing
    return {
        "place": place,
        "room": room if place == Place.ROOM else None,
        "online_url": online_url if place == Place.ONLINE else "",
    }


@transaction.atomic
def set_terms(*, adviser: Adviser, actor: Any, **changes: Any) -> BookingTerms:
    """Change what is in TERMS; booked sessions stay as they are. Raises NotAllowed, Invalid; TypeError for another name."""
    if unknown := changes.keys() - TERMS:
        raise TypeError(f"no terms of booking: {', '.join(sorted(unknown))}")
    _may(actor, adviser.pk)
    hold(("adviser", adviser.pk))
    terms = BookingTerms.objects.filter(adviser=adviser).first() or BookingTerms(adviser=adviser)
    for name, value in changes.items():
        setattr(terms, name, value)
    validate(terms, exclude={"adviser"})
    terms.save()
    return terms


@transaction.atomic
def add_hours(
    *,
    adviser: Adviser,
    weekday: str,
    starts: time,
    ends: time,
    minutes: int = 60,
    seats: int = 1,
    place: str = Place.ONLINE,
    room: MeetingRoom | None = None,
    online_url: str = "",
    topics: Sequence[str] = (),
    languages: Sequence[str] = (),
    on_holidays: bool = False,
    first: date,
    last: date | None = None,
    actor: Any,
    now: datetime,
) -> Availability:
    """Keep hours of a weekday free from the first to the last day, both counted; across midnight where they end earlier
    than they begin. Raises NotAllowed, BadHours, BadPeriod, PlaceMissing, HoursOverlap, Invalid."""
    _may(actor, adviser.pk)
    if last is not None and last < first:
        raise BadPeriod(field="last")
    if not 1 <= seats <= MOST_SEATS or not 1 <= minutes <= LONGEST_SESSION:
        raise BadHours(field="minutes")
    hours = Availability(
        adviser=adviser,
        weekday=weekday,
        starts=starts,
        ends=ends,
        period=DateRange(first, last + timedelta(days=1) if last else None),
        minutes=minutes,
        seats=seats,
        topics=list(topics),
        languages=list(languages),
        on_holidays=on_holidays,
        **_place(place, room, online_url),
    )
    validate(hours, exclude={"adviser", "room"})
    begin, end = _week_minutes(hours)
    if starts == ends or end - begin < minutes:
        raise BadHours
    hold(("adviser", adviser.pk))
    for other in Availability.objects.filter(adviser=adviser, period__overlap=hours.period):
        if _meet(_week_minutes(hours), _week_minutes(other)):
            raise HoursOverlap
    hours.save()
    return hours


def _week_minutes(hours: Availability) -> tuple[int, int]:
    """Begin and end in minutes from Monday's midnight on; the end may lie in the next week."""
    monday = date(2024, 1, 1)
    found = Hours(int(hours.weekday), hours.starts, hours.ends).on(monday, monday + timedelta(days=6), ())
    begin, end = next(found)
    zero = next(Hours(1, time(), time(1)).on(monday, monday, ()))[0]
    return begin - zero, end - zero


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    week = 7 * 1440
    return any(one[0] < other[1] + shift and other[0] + shift < one[1] for shift in (-week, 0, week))


@transaction.atomic
def end_hours(*, hours: Availability, last: date, actor: Any, now: datetime) -> Availability | None:
    """Keep the weekly hours until this day, included, and no longer; sessions that are booked stay. Hours that would end
    before they begin are taken out, and None is given. Raises NotAllowed."""
    _may(actor, hours.adviser_id)
    hold(("adviser", hours.adviser_id))
    current = Availability.objects.select_for_update(of=("self",)).get(pk=hours.pk)
    if last < current.period.lower:
        current.delete()
        return None
    current.period = DateRange(current.period.lower, last + timedelta(days=1))
    current.save(update_fields=["period", "updated_at"])
    return current


@transaction.atomic
def add_exception(
    *,
    adviser: Adviser,
    kind: str,
    starts: datetime,
    ends: datetime,
    minutes: int = 60,
    place: str = Place.ONLINE,
    room: MeetingRoom | None = None,
    online_url: str = "",
    reason: str = "",
    actor: Any,
    now: datetime,
) -> HoursException:
    """Close a time, or offer extra hours in it. Sessions that are booked in a closed time stay; see `sessions_in`.

    Raises NotAllowed, BadPeriod, BadHours, PlaceMissing, Invalid.
    """
    _may(actor, adviser.pk)
    if not starts < ends or ends <= now or ends - starts > timedelta(days=366):
        raise BadPeriod
    if kind == ExceptionKind.EXTRA and (
        ends - starts < timedelta(minutes=minutes) or ends - starts > timedelta(days=1)
    ):
        raise BadHours
    exception = HoursException(
        adviser=adviser,
        kind=kind,
        period=DateTimeTZRange(starts, ends),
        minutes=minutes,
        reason=reason.strip(),
        **_place(place, room, online_url),
    )
    validate(exception, exclude={"adviser", "room"})
    hold(("adviser", adviser.pk))
    exception.save()
    return exception


def go_away(
    *, adviser: Adviser, first: date, last: date, reason: str = "", actor: Any, now: datetime
) -> HoursException:
    """Be away from the first to the last day, both counted: nobody can book these days. Raises NotAllowed, BadPeriod, Invalid."""
    return add_exception(
        adviser=adviser,
        kind=ExceptionKind.CLOSED,
        starts=datetime.combine(first, time(), SEOUL),
        ends=datetime.combine(last, time(), SEOUL) + timedelta(days=1),
        reason=reason,
        actor=actor,
        now=now,
    )


@transaction.atomic
def remove_exception(*, exception: HoursException, actor: Any, now: datetime) -> None:
    """Let the weekly hours hold again. Raises NotAllowed, HeldByCamp."""
    _may(actor, exception.adviser_id)
    if exception.held_for:
        raise HeldByCamp
    hold(("adviser", exception.adviser_id))
    exception.delete()


def sessions_in(exception: HoursException) -> int:
    """How many sessions are booked in a time that was closed."""
    return (
        Booking.objects.live().filter(adviser=exception.adviser_id, period__overlap=exception.period).count()
    )
