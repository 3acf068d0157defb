"""What a lease would have cost by the rates in force, to the won and to the day. Knows no Django.

Monthly rate per square metre × area × days held ÷ days of that calendar month, rounded half up to the won once per
calendar month of a lease, rent and fee apart. A month split by a change of rate is added up first and rounded once; a
window cut within a month counts its own days. All arithmetic is exact.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

ONE_DAY = timedelta(days=1)
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Span:
    """Days from `first` until, and without, `until`; None leaves a side open."""

    first: date | None
    until: date | None


@dataclass(frozen=True)
class RateSpan(Span):
    """Won a month for a square metre, rent and maintenance fee, on these days."""

    rent_krw_per_m2: int
    fee_krw_per_m2: int


@dataclass(frozen=True)
class RateGap:
    """Days held for which no rate is known, `first` and `last` included."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"


@dataclass(frozen=True)
class MonthWaived:
    """One calendar month of a lease: `month` is its first day, `days` how many of it were held.

    The amounts are None when a day of the month has no rate.
    """

    month: date
    days: int
    rent_krw: int | None
    fee_krw: int | None

    @property
    def total_krw(self) -> int | None:
        return None if self.rent_krw is None or self.fee_krw is None else self.rent_krw + self.fee_krw


@dataclass(frozen=True)
class Waived:
    """Waived rent and fee of a lease in a window. While `gaps` names days without a rate, the sums are None, never too small."""

    months: tuple[MonthWaived, ...] = ()
    gaps: tuple[RateGap, ...] = ()

    @property
    def days(self) -> int:
        return sum(month.days for month in self.months)

    @property
    def rent_krw(self) -> int | None:
        return None if self.gaps else sum(month.rent_krw or 0 for month in self.months)

    @property
    def fee_krw(self) -> int | None:
        return None if self.gaps else sum(month.fee_krw or 0 for month in self.months)

    @property
    def total_krw(self) -> int | None:
        return None if self.gaps else sum(month.total_krw or 0 for month in self.months)


def half_up(amount: Fraction) -> int:
    """The nearest whole won, a half upwards."""
    return (amount + HALF).__floor__()


def overlap(left: Span, right: Span) -> Span | None:
    """The days that two spans share, None when there are none."""
    first = max((day for day in (left.first, right.first) if day), default=None)
    until = min((day for day in (left.until, right.until) if day), default=None)
    return None if first and until and first >= until else Span(first, until)


def months_of(first: date, until: date) -> Iterator[tuple[date, Span, int]]:
    """Each calendar month that the days from `first` until `until` touch: its first day, its days among them, its length."""
    month = first.replace(day=1)
    while month < until:
        length = monthrange(month.year, month.month)[1]
        following = month + timedelta(days=length)
        yield month, Span(max(first, month), min(until, following)), length
        month = following


def waived(held: Span, area_m2: Decimal, rates: Sequence[RateSpan], first: date, last: date) -> Waived:
    """Month by month what the days of `held` between `first` and `last` (both included) would have cost.

    `held` is bounded; `rates` are those of the space, in any order, never two for one day.
    """
    window = overlap(held, Span(first, last + ONE_DAY)) if first <= last else None
    if window is None or window.first is None or window.until is None:
        return Waived()
    ordered = sorted(rates, key=lambda rate: rate.first or date.min)
    months, gaps = [], []
    for month, days, length in months_of(window.first, window.until):
        rent, fee, missing = _month(days, ordered)
        gaps += missing
        share = Fraction(area_m2) / length
        months.append(
            MonthWaived(
                month,
                _length(days),
                None if missing else half_up(rent * share),
                None if missing else half_up(fee * share),
            )
        )
    return Waived(tuple(months), tuple(_joined(gaps)))


def _length(span: Span) -> int:
    assert span.first
    assert span.until
    return (span.until - span.first).days


def _month(days: Span, rates: Iterable[RateSpan]) -> tuple[int, int, list[RateGap]]:
    """Rate-days of rent and of fee within one month, and its days without a rate."""
    rent = fee = 0
    gaps = []
    assert days.first
    assert days.until
    reached = days.first
    for rate in rates:
        shared = overlap(days, rate)
        if shared is None:
            continue
        assert shared.first
        assert shared.until
        if shared.first > reached:
            gaps.append(RateGap(reached, shared.first - ONE_DAY))
        rent += rate.rent_krw_per_m2 * _length(shared)
        fee += rate.fee_krw_per_m2 * _length(shared)
        reached = shared.until
    if reached < days.until:
        gaps.append(RateGap(reached, days.until - ONE_DAY))
    return rent, fee, gaps


def _joined(gaps: Iterable[RateGap]) -> list[RateGap]:
    """Gaps that go on over the end of a month are one gap."""
    joined: list[RateGap] = []
    for gap in gaps:
        if joined and joined[-1].last + ONE_DAY == gap.first:
            joined[-1] = RateGap(joined[-1].first, gap.last)
        else:
            joined.append(gap)
    return joined
