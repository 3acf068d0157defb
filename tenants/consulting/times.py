"""Which times can be booked: read from hours, exceptions, busy times and slots, and computed. A handful of statements,
however many advisers and sessions there are."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.db.models import BigIntegerField, BooleanField, CharField, F, Func, IntegerField, Value

from incubator.common.holiday import holidays_between

from . import selectors
from .availability import (
    DAY,
    WEEK,
    Apart,
    Calendar,
    Extra,
    Free,
    Hours,
    day_of,
    minute_from,
    minute_of,
    minute_on,
    moment_of,
    monday_of,
)
from .enums import ExceptionKind, Origin, Place, SlotState
from .models import Adviser, Availability, BookingTerms, BusyTime, HoursException, MeetingRoom

KEY = re.compile(r"(?P<adviser>[1-9][0-9]{0,17})-(?P<stamp>[0-9]{12})-(?P<minutes>[1-9][0-9]{0,2})", re.ASCII)
# Parts of a day to choose from, by Seoul's hours.
PARTS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24)}
# No slot and no horizon lies further ahead.
FURTHEST = timedelta(days=732)
# Where a row comes from that is no slot: time held for something else than sessions.
_HOLD = "hold"
_HOLD_COLUMNS = (Value(True, BooleanField()), Value(_HOLD, CharField()), Value(1, IntegerField()))
_BUSY = "busy"
# What a busy time has instead of kind, length, room and place.
_BUSY_COLUMNS = (
    Value(_BUSY, CharField()),
    Value(0, IntegerField()),
    Value(None, BigIntegerField()),
    Value("", CharField()),
)


class _Minute(Func):
    """The minute in which one end of a range lies, rounded away from the range's middle."""

    output_field = BigIntegerField()

    def __init__(self, field_name: str, *, end: bool = False) -> None:
        template = "ceil(extract(epoch FROM upper(%(expressions)s)) / 60)::bigint"
        if not end:
            template = "floor(extract(epoch FROM lower(%(expressions)s)) / 60)::bigint"
        super().__init__(F(field_name), template=template)


@dataclass(frozen=True)
class Source:
    """Where a computed time comes from: weekly hours or extra ones, and what they say of it."""

    kind: str
    pk: int
    place: str
    seats: int = 1


@dataclass(frozen=True)
class Time:
    """A time that can be booked. It has a slot's row where it was offered by hand or shares a session with others; all else
    is computed and gets its row when it is booked."""

    adviser: Adviser
    start: int
    minutes: int
    room_id: int | None
    source: Source | None = None
    slot_id: int | None = None
    seats: int = 1

    @property
    def key(self) -> str:
        """What it is booked by: a slot's number, or adviser, start and length."""
        if self.slot_id is not None:
            return str(self.slot_id)
        return f"{self.adviser.pk}-{self.starts:%Y%m%d%H%M}-{self.minutes}"

    @property
    def starts(self) -> datetime:
        return moment_of(self.start)

    @property
    def ends(self) -> datetime:
        return moment_of(self.start + self.minutes)

    @property
    def day(self) -> date:
        return day_of(self.start)

    @property
    def period(self) -> DateTimeTZRange:
        return DateTimeTZRange(self.starts, self.ends)

    @property
    def held(self) -> DateTimeTZRange:
        """With the adviser's buffers."""
        terms = terms_of(self.adviser).computed
        return DateTimeTZRange(
            moment_of(self.start - terms.before), moment_of(self.start + self.minutes + terms.after)
        )

    @property
    def place(self) -> str:
        if self.source is not None:
            return self.source.place
        return Place.ROOM if self.room_id else Place.ONLINE


def terms_of(adviser: Adviser) -> BookingTerms:
    """The adviser's terms of booking, the defaults where none are set."""
    return getattr(adviser, "terms", None) or BookingTerms(adviser_id=adviser.pk)


@dataclass
class Wanted:
    """What is asked for; empty for everything. `part` is one of PARTS."""

    field: str = ""
    adviser: int | None = None
    language: str = ""
    part: str = ""

    def suits(self, adviser: Adviser, topics: Iterable[str] = (), languages: Iterable[str] = ()) -> bool:
        return (
            self.adviser in (None, adviser.pk)
            and (not self.field or self.field in (topics or adviser.fields))
            and (not self.language or self.language in (languages or adviser.languages))
        )

    def at(self, start: int) -> bool:
        if not self.part:
            return True
        first, last = PARTS[self.part]
        return first <= (start + 540) % 1440 // 60 < last


@dataclass
class Times:
    """The free times from `first` to `last`, both counted, and how many of each day are taken."""

    first: date
    last: date
    advisers: list[Adviser]
    found: list[Time]
    taken: Counter[date] = field(default_factory=Counter)

    @cached_property
    def free(self) -> Counter[date]:
        return Counter(day_of(time.start) for time in self.found)

    def of(self, first: date, last: date) -> tuple[int, int]:
        """Free and taken from the first to the last day, both counted."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return sum(self.free[day] for day in days), sum(self.taken[day] for day in days)

    def of_key(self, key: str) -> Time | None:
        """The computed time of this key, if it is among these."""
        parts = key_parts(key)
        if parts is None:
            return None
        adviser_id, starts, minutes = parts
        wanted = (adviser_id, minute_of(starts), minutes)
        return next(
            (
                time
                for time in self.found
                if time.slot_id is None and (time.adviser.pk, time.start, time.minutes) == wanted
            ),
            None,
        )

    def between(self, first: date, last: date) -> list[Time]:
        begin, end = minute_on(first), minute_on(last + DAY)
        return [time for time in self.found if begin <= time.start < end]

    def full(self, first: date, last: date) -> list[date]:
        """The days from the first to the last, both counted, whose times are all taken."""
        return [day for day in sorted(self.taken) if first <= day <= last and not self.free[day]]

    @property
    def next(self) -> Time | None:
        return self.found[0] if self.found else None

    @property
    def last_with_times(self) -> date | None:
        return max([*self.free, *self.taken], default=None)


@dataclass
class _Row:
    """An open slot or a held time, in minutes."""

    pk: int
    adviser: int | None
    room: int | None
    start: int
    end: int
    held: tuple[int, int]
    taken: bool
    origin: str
    seats: int

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> Self:
        pk, adviser, room, start, end, held_from, held_to, *rest = values
        return cls(pk, adviser, room, start, end, (held_from, held_to), *rest)


def _slots(user: Any, first: date, last: date) -> list[_Row]:
    """Every open slot that touches these days or the days around them, whose buffers may reach into them, and of the
    weeks that they lie in, whose sessions count towards the longest week; and every held time."""
    window = DateTimeTZRange(
        moment_of(minute_on(monday_of(first) - DAY)), moment_of(minute_on(monday_of(last) + WEEK + DAY))
    )
    rows = (
        selectors.slots_for(user)
        .filter(state=SlotState.OPEN, period__overlap=window)
        .order_by()
        .values_list(
            "pk",
            "adviser_id",
            "room_id",
            _Minute("period"),
            _Minute("period", end=True),
            _Minute("held"),
            _Minute("held", end=True),
            "taken",
            "origin",
            "seats",
        )
    )
    ends = (_Minute("period"), _Minute("period", end=True))
    held = (
        selectors.holds_for(user)
        .filter(live=True, period__overlap=window)
        .order_by()
        .values_list("pk", "adviser_id", "room_id", *ends, *ends, *_HOLD_COLUMNS)
    )
    return [_Row.of(row) for row in rows.union(held, all=True)]


def _calendars(advisers: list[Adviser], wanted: Wanted, first: date, last: date) -> dict[int, Calendar]:
    calendars = {adviser.pk: Calendar(terms=terms_of(adviser).computed) for adviser in advisers}
    by_id = {adviser.pk: adviser for adviser in advisers}
    for (
        pk,
        adviser,
        weekday,
        starts,
        ends,
        period,
        minutes,
        room,
        topics,
        languages,
        holidays,
        place,
        seats,
    ) in (
        Availability.objects.filter(adviser__in=calendars, period__overlap=DateRange(first - DAY, last + DAY))
        .order_by("pk")
        .values_list(
            "pk",
            "adviser_id",
            "weekday",
            "starts",
            "ends",
            "period",
            "minutes",
            "room_id",
            "topics",
            "languages",
            "on_holidays",
            "place",
            "seats",
        )
    ):
        if wanted.suits(by_id[adviser], topics, languages):
            calendars[adviser].hours.append(
                Hours(
                    int(weekday),
                    starts,
                    ends,
                    minutes,
                    period.lower,
                    period.upper,
                    holidays,
                    room,
                    Source("hours", pk, place, seats),
                )
            )
    window = DateTimeTZRange(moment_of(minute_on(first - DAY)), moment_of(minute_on(last + DAY + DAY)))
    both = (_Minute("period"), _Minute("period", end=True))
    differing = (
        HoursException.objects.filter(adviser__in=calendars, period__overlap=window)
        .order_by()
        .values_list("adviser_id", "kind", *both, "pk", "minutes", "room_id", "place")
    )
    elsewhere = (
        BusyTime.objects.filter(adviser__in=calendars, period__overlap=window)
        .order_by()
        .values_list("adviser_id", *_BUSY_COLUMNS[:1], *both, "pk", *_BUSY_COLUMNS[1:])
    )
    for adviser, kind, start, end, pk, minutes, room, place in differing.union(elsewhere, all=True):
        calendar = calendars[adviser]
        if kind == ExceptionKind.EXTRA:
            if wanted.suits(by_id[adviser]):
                source = Source("extra", pk, place)
                calendar.extras.append(Extra((start, end), minutes, room, source))
        else:
            (calendar.busy if kind == _BUSY else calendar.closed).append((start, end))
    return calendars


def bookable_advisers_for(user: Any) -> list[Adviser]:
    """The advisers who take bookings, with their terms, in one statement."""
    found = selectors.advisers_for(user).filter(active=True).select_related("terms").order_by("name", "pk")
    return list(found.defer(*Adviser.PRIVATE_FIELDS))


def times_for(
    user: Any,
    *,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
    wanted: Wanted | None = None,
    advisers: list[Adviser] | None = None,
) -> Times:
    """The times that the person may book from the first to the last day, both counted; without them, from today as far
    ahead as anything can be booked. `advisers` are those of `bookable_advisers_for`, where they have been read already."""
    wanted = wanted or Wanted()
    advisers = bookable_advisers_for(user) if advisers is None else advisers
    suiting = [adviser for adviser in advisers if wanted.adviser in (None, adviser.pk)]
    today = day_of(minute_of(now))
    furthest = today + FURTHEST
    first = min(max(first or today, today), furthest)
    last = min(last, furthest) if last else None
    horizon = max((terms_of(adviser).horizon_days for adviser in suiting), default=0)
    if last is not None and last < first:
        return Times(first, last, advisers, [])
    slots = _slots(user, first, last or furthest)
    reach = max([today + timedelta(days=horizon), *(day_of(slot.start) for slot in slots)])
    last = max(first, min(last, reach) if last else reach)
    calendars = _calendars(suiting, wanted, first, last)
    taken_rooms: dict[int, list[tuple[int, int]]] = {}
    by_id = {adviser.pk: adviser for adviser in suiting}
    begin, end, soonest = minute_on(first), minute_on(last + DAY), minute_from(now)
    found: list[Time] = []
    taken: Counter[date] = Counter()
    for slot in slots:
        if slot.room is not None:
            taken_rooms.setdefault(slot.room, []).append(slot.held)
        calendar, adviser = calendars.get(slot.adviser or 0), by_id.get(slot.adviser or 0)
        if calendar is None or adviser is None:
            continue
        calendar.busy.append(slot.held)
        if slot.origin == _HOLD:
            continue
        if slot.taken or slot.origin == Origin.HOURS:
            calendar.sessions.append((slot.start, slot.end))
        if begin <= slot.start < end and wanted.suits(adviser) and wanted.at(slot.start):
            if slot.taken:
                taken[day_of(slot.start)] += slot.start >= soonest
            elif slot.start > soonest:
                found.append(
                    Time(adviser, slot.start, slot.end - slot.start, slot.room, None, slot.pk, slot.seats)
                )
    rooms = {room: Apart(spans) for room, spans in taken_rooms.items()}
    holidays = holidays_between(first - DAY, last)
    for pk, calendar in calendars.items():
        if not calendar.hours and not calendar.extras:
            continue
        free = calendar.free(first=first, last=last, now=now, holidays=holidays, rooms=rooms)
        found += [_time(by_id[pk], each) for each in free if wanted.at(each.start)]
    found.sort(key=lambda time: (time.start, time.adviser.name, time.adviser.pk))
    return Times(first, last, advisers, found, taken)


def _time(adviser: Adviser, free: Free) -> Time:
    source: Any = free.source
    return Time(adviser, free.start, free.minutes, free.room, source, None, source.seats)


def key_parts(key: str) -> tuple[int, datetime, int] | None:
    """Adviser, start and length of a computed time's key, None for what is none."""
    match = KEY.fullmatch(key)
    if match is None:
        return None
    try:
        naive = datetime.strptime(match["stamp"], "%Y%m%d%H%M")  # noqa: DTZ007
        start = minute_on(naive.date(), naive.time())
        return int(match["adviser"]), moment_of(start), int(match["minutes"])
    except (ValueError, OverflowError):
        return None


def time_for(user: Any, key: str, *, now: datetime) -> Time | None:
    """The computed time of this key, if the person may book it now."""
    parts = key_parts(key)
    if parts is None:
        return None
    adviser_id, starts, _minutes = parts
    day = starts.date()
    advisers = [each for each in bookable_advisers_for(user) if each.pk == adviser_id]
    today = day_of(minute_of(now))
    if not advisers or not today <= day <= today + FURTHEST:
        return None
    wanted = Wanted(adviser=adviser_id)
    return times_for(user, now=now, first=day, last=day, wanted=wanted, advisers=advisers).of_key(key)


def rooms_of(times: Iterable[Time]) -> dict[int, MeetingRoom]:
    """The meeting rooms of these times by id, in at most one statement."""
    wanted = {time.room_id for time in times if time.room_id is not None}
    return MeetingRoom.objects.in_bulk(wanted) if wanted else {}


def booked_over(adviser_id: int, period: Any) -> bool:
    """Whether another open slot of the adviser lies in the time. Asked by services, beyond their caller's wall."""
    from .models import Slot

    return Slot.objects.filter(state=SlotState.OPEN, adviser_id=adviser_id, held__overlap=period).exists()
