"""The payment sheet of a month: what was held, at which rate, and what is due of earlier months that turned out different.

A session counts in the month, and at the rate, of the day in Seoul on which it began, once however many companies came.
What an open sheet says is computed anew each time; a closed one says for ever what it was closed with. What is computed of
a closed month today, less all that was settled of it so far, is due in the next sheet, so nothing is paid twice or lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from incubator.common.display import month as month_name
from incubator.common.display import won_exact
from incubator.common.downloads import Cell

from . import selectors
from .enums import BookingState, PayeeKind, RateUnit
from .models import HonorariumRate, HonorariumSheet
from .quarters import SEOUL
from .withholding import Withholding, withheld, worth

# How many closed months are looked at again for what has changed since.
MONTHS_BACK = 12


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def months_earlier(month: date, count: int) -> date:
    at = month.year * 12 + month.month - 1 - count
    return date(at // 12, at % 12 + 1, 1)


@dataclass(frozen=True)
class Held:
    """A session that took place, and its rate, if there is one for its day."""

    adviser_id: int
    adviser: str
    starts: datetime
    minutes: int
    rate: HonorariumRate | None

    @property
    def day(self) -> date:
        return self.starts.astimezone(SEOUL).date()

    @property
    def month(self) -> date:
        return month_of(self.day)

    @property
    def gross(self) -> int | None:
        """What it is worth; None where no rate is known, which is not nothing."""
        if self.rate is None:
            return None
        return worth(self.rate.amount_krw, by_hour=self.rate.unit == RateUnit.HOUR, minutes=self.minutes)


@dataclass
class Line:
    """What is due of one month: all of it, or the difference to what was settled."""

    for_month: date
    sessions: int = 0
    minutes: int = 0
    gross: int = 0

    def __bool__(self) -> bool:
        return bool(self.sessions or self.minutes or self.gross)


@dataclass
class Payment:
    adviser_id: int
    adviser: str
    kind: str
    lines: list[Line]
    withholding: Withholding
    rates: list[str] = field(default_factory=list)

    @property
    def kind_label(self) -> Any:
        return PayeeKind(self.kind).label

    def own(self, month: date) -> Line:
        return next((line for line in self.lines if line.for_month == month), Line(month))

    def earlier(self, month: date) -> list[Line]:
        return [line for line in self.lines if line.for_month != month]

    @property
    def is_tax_free(self) -> bool:
        return self.kind == PayeeKind.OTHER and self.withholding.gross > 0 and not self.withholding.withheld


@dataclass(frozen=True)
class Missing:
    """Sessions for whose day no rate is known."""

    adviser_id: int
    adviser: str
    sessions: int
    minutes: int


@dataclass
class Sheet:
    month: date
    closed: HonorariumSheet | None
    payments: list[Payment]
    missing: list[Missing]
    held: list[Held]

    def total(self, name: str) -> int:
        return sum(getattr(payment.withholding, name) for payment in self.payments)

    @property
    def gross(self) -> int:
        return self.total("gross")

    @property
    def net(self) -> int:
        return self.total("net")

    @property
    def withheld(self) -> int:
        return self.total("withheld")

    @property
    def missing_sessions(self) -> int:
        return sum(each.sessions for each in self.missing)

    @property
    def rows(self) -> list[tuple[Payment, Line, int]]:
        """Every payment with its own line, and what is due of earlier months."""
        return [
            (each, each.own(self.month), sum(line.gross for line in each.earlier(self.month)))
            for each in self.payments
        ]


def held_sessions(user: Any, first: date, end: date) -> list[Held]:
    """The sessions that took place from the first day on and before the end, each with its rate; in two statements."""
    begin, until = (datetime.combine(day, time(), SEOUL) for day in (first, end))
    rows = list(
        selectors.bookings_for(user)
        .filter(state=BookingState.HELD, period__startswith__gte=begin, period__startswith__lt=until)
        .order_by("slot_id", "pk")
        .distinct("slot_id")
        .values_list("adviser_id", "adviser__name", "period")
    )
    rates: dict[int, list[HonorariumRate]] = defaultdict(list)
    for rate in selectors.rates_for(user).filter(adviser_id__in={row[0] for row in rows}):
        rates[rate.adviser_id].append(rate)
    found = []
    for adviser_id, name, period in rows:
        day = period.lower.astimezone(SEOUL).date()
        in_force = next((each for each in rates[adviser_id] if day in each.period), None)
        minutes = round((period.upper - period.lower).total_seconds() / 60)
        found.append(Held(adviser_id, name, period.lower, minutes, in_force))
    found.sort(key=lambda each: (each.adviser, each.adviser_id, each.starts))
    return found


def sheet_of(user: Any, month: date) -> Sheet:
    """The sheet of a month, as far as the person may see it: all advisers', or their own. At most six statements."""
    closed = selectors.sheets_for(user).filter(month=month).first()
    if closed is not None:
        return _stored(user, closed)
    settled_months = set(
        selectors.sheets_for(user)
        .filter(month__lt=month, month__gte=months_earlier(month, MONTHS_BACK))
        .values_list("month", flat=True)
    )
    held = held_sessions(user, min([month, *settled_months]), next_month(month))
    lines: dict[tuple[int, str], dict[date, Line]] = defaultdict(dict)
    names: dict[int, str] = {}
    for each in held:
        names[each.adviser_id] = each.adviser
        if each.rate is None or each.gross is None or each.month not in settled_months | {month}:
            continue
        months = lines[each.adviser_id, each.rate.kind]
        line = months.setdefault(each.month, Line(each.month))
        line.sessions, line.minutes, line.gross = (
            line.sessions + 1,
            line.minutes + each.minutes,
            line.gross + each.gross,
        )
    settled = (
        selectors.lines_for(user)
        .filter(for_month__in=settled_months, sheet__month__lt=month)
        .order_by()
        .values_list("adviser_id", "adviser__name", "kind", "for_month")
        .annotate(Sum("sessions"), Sum("minutes"), Sum("gross_krw"))
    )
    for adviser_id, name, kind, for_month, sessions, minutes, gross in settled:
        names[adviser_id] = name
        line = lines[adviser_id, kind].setdefault(for_month, Line(for_month))
        line.sessions, line.minutes, line.gross = (
            line.sessions - sessions,
            line.minutes - minutes,
            line.gross - gross,
        )
    own = [each for each in held if each.month == month]
    payments = []
    for (adviser_id, kind), months in lines.items():
        due = [line for line in sorted(months.values(), key=lambda each: each.for_month) if line]
        if due:
            gross = sum(line.gross for line in due)
            words = _rates_in_words(each for each in own if each.adviser_id == adviser_id)
            payments.append(Payment(adviser_id, names[adviser_id], kind, due, withheld(kind, gross), words))
    payments.sort(key=lambda each: (each.adviser, each.adviser_id, each.kind))
    return Sheet(month, None, payments, _missing(own), own)


def _rates_in_words(held: Iterable[Held]) -> list[str]:
    rates = {each.rate.pk: each.rate for each in held if each.rate is not None}
    return [
        f"{won_exact(rate.amount_krw)} / {rate.get_unit_display()}"
        for rate in sorted(rates.values(), key=lambda each: each.period.lower)
    ]


def _missing(held: list[Held]) -> list[Missing]:
    without: dict[int, list[Held]] = defaultdict(list)
    for each in held:
        if each.rate is None:
            without[each.adviser_id].append(each)
    return [
        Missing(adviser_id, found[0].adviser, len(found), sum(each.minutes for each in found))
        for adviser_id, found in without.items()
    ]


def _stored(user: Any, closed: HonorariumSheet) -> Sheet:
    """What the month was closed with; the sessions as they stand today, to see where it has changed since."""
    lines: dict[tuple[int, str], list[Line]] = defaultdict(list)
    for line in selectors.lines_for(user).filter(sheet=closed).order_by("for_month"):
        lines[line.adviser_id, line.kind].append(
            Line(line.for_month, line.sessions, line.minutes, line.gross_krw)
        )
    held = held_sessions(user, closed.month, next_month(closed.month))
    payments = []
    found = selectors.payments_for(user).filter(sheet=closed).order_by("adviser__name", "adviser_id", "kind")
    for paid in found.values_list(
        "adviser_id",
        "adviser__name",
        "kind",
        "gross_krw",
        "taxable_krw",
        "income_tax_krw",
        "local_tax_krw",
    ):
        adviser_id, name, kind, *amounts = paid
        words = _rates_in_words(each for each in held if each.adviser_id == adviser_id)
        payments.append(
            Payment(adviser_id, name, kind, lines[adviser_id, kind], Withholding(*amounts), words)
        )
    return Sheet(closed.month, closed, payments, _missing(held), held)


def payment_rows(sheet: Sheet) -> Iterator[list[Cell]]:
    """The sheet for a file: a line a payment, one for what is missing, and the sums. No account of any bank is in it."""
    yield [
        _("Adviser"),
        _("Paid as"),
        _("Sessions"),
        _("Minutes"),
        _("Rates"),
        _("Gross of the month, KRW"),
        _("Differences of earlier months, KRW"),
        _("Gross, KRW"),
        _("Taxable amount, KRW"),
        _("Income tax, KRW"),
        _("Local income tax, KRW"),
        _("Net, KRW"),
    ]
    sums = [0] * 9
    for payment, own, earlier in sheet.rows:
        due = payment.withholding
        amounts = [own.sessions, own.minutes, own.gross, earlier, due.gross, due.taxable]
        amounts += [due.income_tax, due.local_tax, due.net]
        sums = [one + other for one, other in zip(sums, amounts, strict=True)]
        words = " · ".join(payment.rates)
        yield [payment.adviser, str(payment.kind_label), *amounts[:2], words, *amounts[2:]]
    yield [_("Total"), "", *sums[:2], "", *sums[2:]]
    for each in sheet.missing:
        yield [each.adviser, _("The rate is missing"), each.sessions, each.minutes, *[None] * 8]


def session_rows(sheet: Sheet) -> Iterator[list[Cell]]:
    """Every session of the month: what the sheet adds up."""
    yield [_("Adviser"), _("Beginning"), _("Minutes"), _("Rate"), _("Gross, KRW")]
    for each in sheet.held:
        words = _("The rate is missing")
        if each.rate is not None:
            words = f"{won_exact(each.rate.amount_krw)} / {each.rate.get_unit_display()}"
        yield [each.adviser, each.starts, each.minutes, words, each.gross]


def difference_words(line: Line) -> str:
    return f"{month_name(line.for_month)}: {won_exact(line.gross)}"
