"""Consulting in numbers: what took place, who stayed away, how long companies wait.

All tables are made of the same rows, one a booking whose session begins on the days asked for. A figure is a sum over some
of them, and its list shows these rows with the same columns: so a list always adds up to its figure, to the minute.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common import display
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import AdviceField, BookingState, Ending, OfferState, Side
from tenants.consulting.quarters import SEOUL

from .tables import Column, Line, Table

MINUTES_A_DAY = 1440
# Bookings that became nothing, without anyone's absence: not agreed to in time, or another one in their place.
_NOTHING = (Ending.MOVED, Ending.DECLINED, Ending.EXPIRED)


@dataclass(frozen=True)
class Booked:
    """A booking as the numbers see it. `adviser_minutes` are the adviser's: of a session with several companies, one has them."""

    pk: int
    slot_id: int
    adviser_id: int
    adviser: str
    fields: tuple[str, ...]
    company_id: int
    company: str
    starts: datetime
    ends: datetime
    state: str
    late: bool
    side: str
    booked_at: datetime
    decided_at: datetime | None
    adviser_came: bool | None
    company_came: bool | None
    is_first: bool = True

    @property
    def minutes(self) -> int:
        return round((self.ends - self.starts).total_seconds() / 60)

    @property
    def is_held(self) -> bool:
        return self.state == BookingState.HELD

    @property
    def company_minutes(self) -> int:
        return self.minutes if self.is_held else 0

    @property
    def adviser_minutes(self) -> int:
        return self.minutes if self.is_held and self.is_first else 0

    @property
    def session(self) -> int:
        return int(self.is_held and self.is_first)

    @property
    def is_recorded(self) -> int:
        return int(self.adviser_came is not None)

    @property
    def company_away(self) -> int:
        return int(self.company_came is False)

    @property
    def adviser_away(self) -> int:
        return int(self.adviser_came is False)

    def late_of(self, side: str) -> int:
        return int(self.state == BookingState.CANCELLED and self.late and self.side == side)

    @property
    def topic(self) -> tuple[str, ...]:
        """What its adviser advises on: a booking's own topic is free text."""
        return self.fields

    @property
    def month(self) -> date:
        return self.starts.astimezone(SEOUL).date().replace(day=1)


@dataclass(frozen=True)
class Waited:
    """How long someone waited for something."""

    kind: str
    who: str
    since: datetime
    until: datetime

    @property
    def minutes(self) -> int:
        return int((self.until - self.since).total_seconds() // 60)

    @property
    def days(self) -> Decimal:
        return Decimal(self.minutes) / MINUTES_A_DAY


WAITS = {
    "list": gettext_lazy("From the waiting list to the session"),
    "request": gettext_lazy("From the request to the adviser's answer"),
    "booking": gettext_lazy("From the booking, or its last move, to the session"),
}
# By what the tables are made: the name of each, its title, what a row is of, and that row's words.
Key = Callable[[Booked], Hashable]
BY: dict[str, tuple[Any, Any, Key, Callable[[Booked], str]]] = {
    "adviser": (
        gettext_lazy("By adviser"),
        gettext_lazy("Adviser"),
        lambda row: row.adviser_id,
        lambda row: row.adviser,
    ),
    "company": (
        gettext_lazy("By company"),
        gettext_lazy("Company"),
        lambda row: row.company_id,
        lambda row: row.company,
    ),
    "topic": (
        gettext_lazy("By topic"),
        gettext_lazy("Fields of the adviser"),
        lambda row: ".".join(row.topic),
        lambda row: ", ".join(str(AdviceField(code).label) for code in row.topic) or "–",
    ),
    "month": (
        gettext_lazy("By month"),
        gettext_lazy("Month"),
        lambda row: f"{row.month:%Y-%m}",
        lambda row: display.month(row.month),
    ),
}


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of the first day, and that after the last."""
    return (
        datetime.combine(first, time(), SEOUL),
        datetime.combine(last + timedelta(days=1), time(), SEOUL),
    )


def bookings_between(user: Any, first: date, last: date) -> list[Booked]:
    """The bookings whose session begins from the first to the last day, both counted, in order; in one statement."""
    begin, end = bounds(first, last)
    rows = (
        consulting.bookings_for(user)
        .filter(period__startswith__gte=begin, period__startswith__lt=end)
        .exclude(ended_as__in=_NOTHING)
        .order_by("period", "pk")
        .values_list(
            "pk",
            "slot_id",
            "adviser_id",
            "adviser__name",
            "adviser__fields",
            "company_id",
            "company__name",
            "period",
            "state",
            "late",
            "cancelled_side",
            "booked_at",
            "decided_at",
            "attendance__adviser_came",
            "attendance__company_came",
        )
    )
    seen: set[int] = set()
    found = []
    for row in rows:
        values: list[Any] = list(row)
        slot_id, period, state = values[1], values[7], values[8]
        is_first = state != BookingState.HELD or slot_id not in seen
        if state == BookingState.HELD:
            seen.add(slot_id)
        values[4], values[7:8] = tuple(values[4]), [period.lower, period.upper]
        found.append(Booked(*[*values, is_first]))
    return found


COLUMNS = [
    Column(gettext_lazy("Bookings"), "number"),
    Column(gettext_lazy("Sessions held"), "number"),
    Column(gettext_lazy("Advisers' time"), "minutes"),
    Column(gettext_lazy("Companies' time"), "minutes"),
    Column(gettext_lazy("Attendance recorded"), "number"),
    Column(gettext_lazy("Company stayed away"), "number"),
    Column(gettext_lazy("Adviser stayed away"), "number"),
    Column(gettext_lazy("Cancelled late by the company"), "number"),
    Column(gettext_lazy("Cancelled late by the adviser"), "number"),
]
RATES = [
    Column(gettext_lazy("No-shows of companies"), "percent"),
    Column(gettext_lazy("No-shows of advisers"), "percent"),
]


def _values(row: Booked) -> list[int]:
    """What a booking adds to each of COLUMNS."""
    return [
        1,
        row.session,
        row.adviser_minutes,
        row.company_minutes,
        row.is_recorded,
        row.company_away,
        row.adviser_away,
        row.late_of(Side.COMPANY),
        row.late_of(Side.ADVISER),
    ]


def _added(rows: Iterable[Booked]) -> list[int]:
    sums = [0] * len(COLUMNS)
    for row in rows:
        sums = [one + other for one, other in zip(sums, _values(row), strict=True)]
    return sums


def _rates(sums: Sequence[int]) -> list[Decimal | None]:
    """Of the bookings whose attendance is recorded, in how many either side stayed away."""
    recorded, company, adviser = sums[4:7]
    if not recorded:
        return [None, None]
    return [Decimal(100 * company) / recorded, Decimal(100 * adviser) / recorded]


def _list_url(first: date, last: date, **what: Any) -> str:
    query = urlencode({"from": first.isoformat(), "to": last.isoformat(), **what})
    return f"{reverse('reporting:consulting_list')}?{query}"


def table_by(by: str, rows: Sequence[Booked], first: date, last: date) -> Table:
    """What took place, by adviser, company, topic or month; each line leads to the list that adds up to it."""
    title, label, key, words = BY[by]
    groups: dict[Hashable, list[Booked]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    lines = []
    for value, group in groups.items():
        sums = _added(group)
        url = _list_url(first, last, by=by, key=value)
        lines.append((words(group[0]), Line([words(group[0]), *sums, *_rates(sums)], url), value))
    # Months by their own order, all else by its words.
    lines.sort(key=lambda each: (each[2] if by == "month" else each[0], str(each[2])))
    total = _added(rows)
    return Table(
        by,
        title,
        [Column(label), *COLUMNS, *RATES],
        [line for _word, line, _key in lines],
        total=[_("Total"), *total, *_rates(total)],
    )


def listed(by: str, key: str, rows: Iterable[Booked]) -> list[Booked]:
    """The bookings behind one line of a table; all of them without `by`."""
    if by not in BY:
        return list(rows)
    return [row for row in rows if str(BY[by][2](row)) == key]


def list_table(rows: Sequence[Booked]) -> Table:
    """Booking by booking, with the same columns as the tables, so that the sums are the table's line."""
    columns = [
        Column(gettext_lazy("Company")),
        Column(gettext_lazy("Beginning"), "moment"),
        Column(gettext_lazy("Adviser")),
        Column(gettext_lazy("State")),
        *COLUMNS,
    ]
    lines = [
        Line(
            [row.company, row.starts, row.adviser, str(BookingState(row.state).label), *_values(row)],
            reverse("admin:consulting_booking_change", args=[row.pk]),
        )
        for row in rows
    ]
    return Table(
        "list", gettext_lazy("Bookings"), columns, lines, total=[_("Total"), None, "", "", *_added(rows)]
    )


def waits_between(user: Any, rows: Iterable[Booked], first: date, last: date) -> list[Waited]:
    """How long companies waited for the sessions of these days; in one more statement than the bookings."""
    begin, end = bounds(first, last)
    found = []
    for row in rows:
        if row.state == BookingState.CANCELLED:
            continue
        who = f"{row.company} · {row.adviser}"
        found.append(Waited("booking", who, row.booked_at, row.starts))
        if row.decided_at is not None:
            found.append(Waited("request", who, row.booked_at, row.decided_at))
    taken = (
        consulting.offers_for(user)
        .filter(
            state=OfferState.ACCEPTED,
            slot__period__startswith__gte=begin,
            slot__period__startswith__lt=end,
        )
        .order_by("slot__period", "pk")
        .values_list("company__name", "slot__adviser__name", "entry__joined_at", "slot__period")
    )
    for company, adviser, since, period in taken:
        found.append(Waited("list", f"{company} · {adviser}", since, period.lower))
    return found


@dataclass(frozen=True)
class Rated:
    """What a company thought of a session."""

    adviser_id: int
    adviser: str
    company: str
    starts: datetime
    stars: int


def ratings_between(user: Any, first: date, last: date) -> list[Rated]:
    """The ratings of the sessions of these days that the person may read, in one statement: other staff read none."""
    begin, end = bounds(first, last)
    rows = (
        consulting.ratings_for(user)
        .filter(booking__period__startswith__gte=begin, booking__period__startswith__lt=end)
        .order_by("adviser__name", "adviser_id", "booking__period")
        .values_list("adviser_id", "adviser__name", "company__name", "booking__period", "stars")
    )
    return [Rated(pk, name, company, period.lower, stars) for pk, name, company, period, stars in rows]


def _mean(found: Sequence[Rated]) -> Decimal | None:
    return Decimal(sum(each.stars for each in found)) / len(found) if found else None


def ratings_table(ratings: Sequence[Rated], first: date, last: date) -> Table:
    groups: dict[int, list[Rated]] = defaultdict(list)
    for each in ratings:
        groups[each.adviser_id].append(each)
    columns = [
        Column(gettext_lazy("Adviser")),
        Column(gettext_lazy("Ratings"), "number"),
        Column(gettext_lazy("Stars together"), "number"),
        Column(gettext_lazy("Mean of the stars"), "mean"),
    ]
    lines = [
        Line(
            [found[0].adviser, len(found), sum(each.stars for each in found), _mean(found)],
            _list_url(first, last, by="rating", key=pk),
        )
        for pk, found in groups.items()
    ]
    total = [_("Total"), len(ratings), sum(each.stars for each in ratings), _mean(ratings)]
    note = gettext_lazy("For the managers of consulting. From one star to five.")
    return Table("ratings", gettext_lazy("Satisfaction"), columns, lines, note, total)


def ratings_list(ratings: Iterable[Rated], key: str) -> Table:
    chosen = [each for each in ratings if str(each.adviser_id) == key]
    columns = [
        Column(gettext_lazy("Company")),
        Column(gettext_lazy("Beginning"), "moment"),
        Column(gettext_lazy("Adviser")),
        Column(gettext_lazy("Stars"), "number"),
    ]
    lines = [Line([each.company, each.starts, each.adviser, each.stars]) for each in chosen]
    total = [_("Total"), None, "", sum(each.stars for each in chosen)]
    return Table("list", gettext_lazy("Satisfaction"), columns, lines, total=total)


def _median(values: list[Decimal]) -> Decimal | None:
    """The middle one, or the mean of the middle two."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def waits_table(waits: Sequence[Waited], first: date, last: date) -> Table:
    columns = [
        Column(gettext_lazy("Wait")),
        Column(gettext_lazy("Times"), "number"),
        Column(gettext_lazy("Half waited at most"), "days"),
        Column(gettext_lazy("Longest"), "days"),
        Column(gettext_lazy("Together"), "minutes"),
    ]
    lines = []
    for kind, label in WAITS.items():
        days = [each.days for each in waits if each.kind == kind]
        values = [label, len(days), _median(days), max(days, default=None)]
        values.append(sum(each.minutes for each in waits if each.kind == kind))
        lines.append(Line(values, _list_url(first, last, by="wait", key=kind)))
    note = gettext_lazy("Of the sessions on these days that were not cancelled.")
    return Table("waits", gettext_lazy("How long companies wait"), columns, lines, note)


def waits_list(waits: Iterable[Waited], kind: str) -> Table:
    chosen = [each for each in waits if each.kind == kind]
    columns = [
        Column(gettext_lazy("Company and adviser")),
        Column(gettext_lazy("Waited since"), "moment"),
        Column(gettext_lazy("Waited until"), "moment"),
        Column(gettext_lazy("Waited"), "minutes"),
    ]
    lines = [Line([each.who, each.since, each.until, each.minutes]) for each in chosen]
    total = [_("Total"), None, None, sum(each.minutes for each in chosen)]
    return Table("list", WAITS.get(kind, ""), columns, lines, total=total)
