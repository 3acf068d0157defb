"""How much of what advisers offer is booked: who is idle, who has too much."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.db.models import CharField, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common.holiday import holidays_between
from incubator.common.states import state_text
from tenants.consulting import selectors as consulting
from tenants.consulting.availability import DAY, Hours, Span, minute_from, minute_of, minute_on
from tenants.consulting.enums import BookingState, ExceptionKind, SlotState

from .consulting import Booked, bounds
from .tables import Column, Line, Table

# Per cent of the offered time that is booked: below the one an adviser is idle, from the other on overloaded.
IDLE_BELOW, OVERLOADED_FROM = 20, 85
_HELD = "held"


@dataclass(frozen=True)
class Load:
    """An adviser's minutes on the days asked for."""

    adviser_id: int
    adviser: str
    offered: int
    booked: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(100 * self.booked) / self.offered if self.offered else None

    @property
    def is_idle(self) -> bool:
        return self.share is not None and self.share < IDLE_BELOW

    @property
    def is_overloaded(self) -> bool:
        return self.share is not None and self.share >= OVERLOADED_FROM


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap or touch made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of the spans (in order and apart) without those taken."""
    away = joined(taken)
    left: list[Span] = []
    for start, end in joined(spans):
        for begin, until in away:
            if until <= start or begin >= end:
                continue
            if begin > start:
                left.append((start, begin))
            start = max(start, until)
        if start < end:
            left.append((start, end))
    return left


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def clipped(spans: Iterable[Span], window: Span) -> list[Span]:
    return [(max(start, window[0]), min(end, window[1])) for start, end in spans]


def loads(user: Any, rows: Iterable[Booked], first: date, last: date) -> list[Load]:
    """Of all advisers who can be booked or were; in four statements, however many there are.

    Offered are the weekly and extra hours without what is closed, holidays and held times, the times offered by hand, and
    whatever was booked; each minute counts once.
    """
    names = dict(consulting.advisers_for(user).filter(active=True).order_by().values_list("pk", "name"))
    window = (minute_on(first), minute_on(last + DAY))
    begin, end = bounds(first, last)
    moments = DateTimeTZRange(begin, end)
    hours: dict[int, list[Span]] = defaultdict(list)
    away: dict[int, list[Span]] = defaultdict(list)
    extra: dict[int, list[Span]] = defaultdict(list)
    booked: dict[int, list[Span]] = defaultdict(list)
    holidays = holidays_between(first - DAY, last)
    kept = consulting.hours_for(user).filter(period__overlap=DateRange(first - DAY, last + DAY))
    for adviser, weekday, starts, ends, period, on_holidays in kept.order_by().values_list(
        "adviser_id", "weekday", "starts", "ends", "period", "on_holidays"
    ):
        each = Hours(int(weekday), starts, ends, 60, period.lower, period.upper, on_holidays)
        hours[adviser] += each.on(first - DAY, last, holidays)
    differing = (
        consulting.exceptions_for(user)
        .filter(period__overlap=moments)
        .order_by()
        .values_list("adviser_id", "kind", "period")
    )
    holds = (
        consulting.holds_for(user)
        .filter(live=True, adviser__isnull=False, period__overlap=moments)
        .order_by()
        .values_list("adviser_id", Value(_HELD, CharField()), "period")
    )
    for adviser, kind, period in differing.union(holds, all=True):
        (extra if kind == ExceptionKind.EXTRA else away)[adviser].append(_span(period))
    offered = consulting.slots_for(user).filter(state=SlotState.OPEN, period__overlap=moments)
    for adviser, period in offered.order_by().values_list("adviser_id", "period"):
        extra[adviser].append(_span(period))
    for row in rows:
        if row.state != BookingState.CANCELLED:
            names.setdefault(row.adviser_id, row.adviser)
            booked[row.adviser_id].append((minute_of(row.starts), minute_from(row.ends)))
    found = []
    for pk, name in names.items():
        taken = joined(clipped(booked[pk], window))
        open_hours = [*without(hours[pk], away[pk]), *extra[pk], *taken]
        found.append(Load(pk, name, length(joined(clipped(open_hours, window))), length(taken)))
    return sorted(found, key=lambda each: (each.adviser, each.adviser_id))


def _span(period: Any) -> Span:
    return minute_of(period.lower), minute_from(period.upper)


def load_table(found: Sequence[Load]) -> Table:
    columns = [
        Column(gettext_lazy("Adviser")),
        Column(gettext_lazy("Offered"), "minutes"),
        Column(gettext_lazy("Booked"), "minutes"),
        Column(gettext_lazy("Of what was offered"), "percent"),
        Column(gettext_lazy("State")),
    ]
    lines = []
    for each in found:
        word = ""
        if each.is_overloaded:
            word = state_text("attention", _("Overloaded"))
        elif each.is_idle:
            word = state_text("waiting", _("Idle"))
        elif each.share is None:
            word = _("Offers no time")
        url = reverse("admin:consulting_adviser_change", args=[each.adviser_id])
        lines.append(Line([each.adviser, each.offered, each.booked, each.share, word], url))
    offered, booked = sum(each.offered for each in found), sum(each.booked for each in found)
    share = Decimal(100 * booked) / offered if offered else None
    note = _(
        "Idle: less than %(idle)s%% of the offered time is booked. Overloaded: %(most)s%% or more. Offered are weekly and "
        "extra hours without closed days and holidays, times offered by hand, and what was booked."
    ) % {"idle": IDLE_BELOW, "most": OVERLOADED_FROM}
    return Table(
        "load",
        gettext_lazy("How much of the offered time is booked"),
        columns,
        lines,
        note,
        [_("Total"), offered, booked, share, ""],
    )
