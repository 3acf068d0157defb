"""When an adviser can be booked: weekly hours, what is added to and taken from them, and what is in the way.

Knows no Django. Everything is half-open and counted in whole minutes since 1970 (`minute_of`, `moment_of`); weekdays,
days and weeks are Seoul's.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from .quarters import SEOUL

# Seoul has kept nine hours ahead since 1988, so that its days are found by counting.
OFFSET, MINUTES_A_DAY = 540, 1440
EPOCH = date(1970, 1, 1).toordinal()
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
Span = tuple[int, int]


def minute_of(moment: datetime) -> int:
    """The minute in which a moment lies."""
    return int(moment.timestamp() // 60)


def minute_from(moment: datetime) -> int:
    """The first minute that begins at a moment or after it."""
    return -int(-moment.timestamp() // 60)


def moment_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, SEOUL)


def day_of(minute: int) -> date:
    return date.fromordinal((minute + OFFSET) // MINUTES_A_DAY + EPOCH)


def minute_on(day: date, clock: time = time()) -> int:
    """The minute at which Seoul's clocks show this on that day."""
    return (day.toordinal() - EPOCH) * MINUTES_A_DAY - OFFSET + clock.hour * 60 + clock.minute


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Hours:
    """Weekly hours. `until` is the first day they are no longer in force. They cross midnight where `ends` is not after
    `starts`; the day they begin decides on weekday, force and holiday. `weekday` is 1 (Monday) to 7."""

    weekday: int
    starts: time
    ends: time
    minutes: int = 60
    first: date = date.min
    until: date | None = None
    on_holidays: bool = False
    room: int | None = None
    source: object = None

    def on(self, first: date, last: date, holidays: Collection[date]) -> Iterator[Span]:
        """The spans that begin from the first to the last day, both counted."""
        day = max(first, self.first)
        day += timedelta(days=(self.weekday - day.isoweekday()) % 7)
        last = min(last, self.until - DAY) if self.until else last
        while day <= last:
            if self.on_holidays or day not in holidays:
                ending = day if self.ends > self.starts else day + DAY
                yield minute_on(day, self.starts), minute_on(ending, self.ends)
            day += WEEK


@dataclass(frozen=True)
class Extra:
    """Hours of one day besides the weekly ones; no holiday takes them away."""

    span: Span
    minutes: int = 60
    room: int | None = None
    source: object = None


@dataclass(frozen=True)
class Terms:
    """Buffers and `notice` in minutes, `horizon` in days, the longest day and week in minutes, None without a limit."""

    before: int = 0
    after: int = 0
    notice: int = 0
    horizon: int = 42
    longest_day: int | None = None
    longest_week: int | None = None


class Free(NamedTuple):
    """A time that can be booked; `source` is that of the hours it comes from."""

    start: int
    minutes: int
    room: int | None
    source: object

    @property
    def end(self) -> int:
        return self.start + self.minutes

    @property
    def starts(self) -> datetime:
        return moment_of(self.start)

    @property
    def ends(self) -> datetime:
        return moment_of(self.end)


class Apart:
    """Spans that never overlap (those of one room), to be asked for what lies in a span."""

    def __init__(self, spans: Iterable[Span]) -> None:
        joined = _joined(spans)
        self._starts, self._ends = [start for start, _ in joined], [end for _, end in joined]

    def meets(self, start: int, end: int) -> bool:
        before = bisect_left(self._starts, end) - 1
        return before >= 0 and self._ends[before] > start


@dataclass
class Calendar:
    """What an adviser's free times follow from. `closed` is time taken from the hours, sessions may border on it; `busy` is
    what a session keeps its buffers from, its own buffers included; `sessions` count towards the longest day and week."""

    hours: list[Hours] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    closed: list[Span] = field(default_factory=list)
    busy: list[Span] = field(default_factory=list)
    sessions: list[Span] = field(default_factory=list)
    terms: Terms = Terms()

    @cached_property
    def _blocked(self) -> tuple[list[int], list[int]]:
        """Starts and ends of what no session may touch, in order and apart.

        Keeping a session and its buffers off a span is keeping the session alone off the span widened by them.
        """
        before, after = self.terms.before, self.terms.after
        widened = ((start - after, end + before) for start, end in self.busy)
        joined = _joined([*self.closed, *widened])
        return [start for start, _ in joined], [end for _, end in joined]

    @cached_property
    def _used(self) -> tuple[Counter[date], Counter[date]]:
        """Minutes of sessions by day, and by the Monday of their week."""
        days: Counter[date] = Counter()
        weeks: Counter[date] = Counter()
        for start, end in self.sessions:
            day = day_of(start)
            days[day] += end - start
            weeks[monday_of(day)] += end - start
        return days, weeks

    def _fits_limits(self, start: int, minutes: int) -> bool:
        terms = self.terms
        days, weeks = self._used
        day = day_of(start)
        return (terms.longest_day is None or days[day] + minutes <= terms.longest_day) and (
            terms.longest_week is None or weeks[monday_of(day)] + minutes <= terms.longest_week
        )

    def free(
        self,
        *,
        first: date,
        last: date,
        now: datetime,
        holidays: Collection[date] = (),
        rooms: Mapping[int, Apart] | None = None,
    ) -> list[Free]:
        """The times that can be booked and begin from the first to the last day, both counted; the earliest first.

        Hours are cut into sessions from their beginning on, buffers between them; what is left at the end is not offered.
        Times of two overlapping hours may overlap: booking one takes the other away. The same time is offered once.
        """
        terms, rooms = self.terms, rooms or {}
        earliest = max(minute_from(now) + terms.notice, minute_on(first))
        latest = min(minute_from(now) + terms.horizon * MINUTES_A_DAY, minute_on(last + DAY))
        if earliest >= latest:
            return []
        found: dict[tuple[int, int], Free] = {}
        for hours in self.hours:
            for span in hours.on(first - DAY, last, holidays):
                self._cut(span, hours, earliest, latest, rooms, found)
        for extra in self.extras:
            self._cut(extra.span, extra, earliest, latest, rooms, found)
        return [found[key] for key in sorted(found)]

    def _cut(
        self,
        span: Span,
        offer: Hours | Extra,
        earliest: int,
        latest: int,
        rooms: Mapping[int, Apart],
        found: dict[tuple[int, int], Free],
    ) -> None:
        begin, end = span
        terms, minutes, room = self.terms, offer.minutes, offer.room
        if end <= earliest or begin >= latest or minutes < 1:
            return
        step = minutes + terms.before + terms.after
        if begin < earliest:
            begin += -(-(earliest - begin) // step) * step
        starts, ends = self._blocked
        taken = rooms.get(room) if room is not None else None
        limited = terms.longest_day is not None or terms.longest_week is not None
        at, count = bisect_right(ends, begin), len(ends)
        for start in range(begin, min(end - minutes + 1, latest), step):
            while at < count and ends[at] <= start:
                at += 1
            if at < count and starts[at] < start + minutes:
                continue
            if taken is not None and taken.meets(start - terms.before, start + minutes + terms.after):
                continue
            if limited and not self._fits_limits(start, minutes):
                continue
            found.setdefault((start, minutes), Free(start, minutes, room, offer.source))


def _joined(spans: Iterable[Span]) -> Sequence[Span]:
    """The spans in order, those that overlap or touch made one; empty ones left out."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
