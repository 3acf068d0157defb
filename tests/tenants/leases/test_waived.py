"""Waived amounts against a count of single days that shares no code with them."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenants.leases.waived import MonthWaived, RateGap, RateSpan, Span, Waived, waived

ALWAYS = [RateSpan(None, None, 8_200, 3_400)]
AREA = Decimal("33.00")


def lease(first: date, last: date) -> Span:
    return Span(first, last + timedelta(days=1))


def test_a_whole_month_costs_the_monthly_rate_whatever_its_length():
    for month, length in (
        (date(2026, 1, 1), 31),
        (date(2026, 2, 1), 28),
        (date(2028, 2, 1), 29),
        (date(2026, 4, 1), 30),
    ):
        last = month + timedelta(days=length - 1)
        amount = waived(lease(date(2020, 1, 1), date(2030, 1, 1)), AREA, ALWAYS, month, last)
        assert amount == Waived((MonthWaived(month, length, 270_600, 112_200),))


def test_a_part_of_a_month_is_its_days_over_the_days_of_that_month():
    # 10 of 28 days: 270,600 × 10 ÷ 28 = 96,642.857…, 112,200 × 10 ÷ 28 = 40,071.428…
    amount = waived(
        lease(date(2026, 2, 1), date(2026, 2, 10)), AREA, ALWAYS, date(2026, 1, 1), date(2026, 12, 31)
    )
    assert amount.months == (MonthWaived(date(2026, 2, 1), 10, 96_643, 40_071),)
    # The same ten days of a leap year's February.
    amount = waived(
        lease(date(2028, 2, 1), date(2028, 2, 10)), AREA, ALWAYS, date(2028, 1, 1), date(2028, 12, 31)
    )
    assert (amount.rent_krw, amount.fee_krw) == (93_310, 38_690)


def test_half_a_won_is_rounded_up():
    # 1 won × 1.00 m² × 15 ÷ 30 = 0.5
    half = [RateSpan(None, None, 1, 0)]
    amount = waived(
        lease(date(2026, 4, 1), date(2026, 4, 15)), Decimal("1.00"), half, date(2026, 4, 1), date(2026, 4, 30)
    )
    assert (amount.rent_krw, amount.fee_krw) == (1, 0)
    amount = waived(
        lease(date(2026, 4, 1), date(2026, 4, 14)), Decimal("1.00"), half, date(2026, 4, 1), date(2026, 4, 30)
    )
    assert (amount.rent_krw, amount.fee_krw) == (0, 0)


def test_a_month_split_by_a_change_of_rate_is_added_up_before_it_is_rounded():
    # 15 days at 1 and 15 at 1: two halves make one won, not two.
    rates = [RateSpan(None, date(2026, 4, 16), 1, 1), RateSpan(date(2026, 4, 16), None, 1, 1)]
    amount = waived(
        lease(date(2026, 1, 1), date(2026, 12, 31)),
        Decimal("1.00"),
        rates,
        date(2026, 4, 1),
        date(2026, 4, 30),
    )
    assert amount == Waived((MonthWaived(date(2026, 4, 1), 30, 1, 1),))
    # 10 days at 9,000 and 20 at 12,000: (9,000 × 10 + 12,000 × 20) × 33 ÷ 30
    rates = [RateSpan(date(2026, 4, 11), None, 12_000, 0), RateSpan(None, date(2026, 4, 11), 9_000, 0)]
    amount = waived(
        lease(date(2026, 1, 1), date(2026, 12, 31)), AREA, rates, date(2026, 4, 1), date(2026, 4, 30)
    )
    assert amount.rent_krw == 363_000


def test_a_window_cut_within_a_month_counts_its_own_days():
    held = lease(date(2026, 1, 4), date(2027, 1, 3))
    whole = waived(held, AREA, ALWAYS, date(2026, 3, 1), date(2026, 3, 31))
    left = waived(held, AREA, ALWAYS, date(2026, 3, 1), date(2026, 3, 10))
    right = waived(held, AREA, ALWAYS, date(2026, 3, 11), date(2026, 3, 31))
    assert (whole.days, left.days, right.days) == (31, 10, 21)
    assert (left.rent_krw, right.rent_krw) == (87_290, 183_310)


def test_days_outside_lease_or_window_cost_nothing():
    held = lease(date(2026, 1, 4), date(2026, 1, 31))
    assert waived(held, AREA, ALWAYS, date(2026, 2, 1), date(2026, 12, 31)) == Waived()
    assert waived(held, AREA, ALWAYS, date(2025, 1, 1), date(2026, 1, 3)) == Waived()
    assert waived(held, AREA, ALWAYS, date(2026, 1, 31), date(2026, 1, 1)) == Waived()
    assert waived(held, AREA, ALWAYS, date(2026, 1, 31), date(2026, 1, 31)).days == 1
    assert Waived().total_krw == 0


def test_days_without_a_rate_are_named_and_never_zero():
    rates = [
        RateSpan(date(2026, 1, 10), date(2026, 3, 1), 8_200, 3_400),
        RateSpan(date(2026, 4, 3), None, 8_200, 3_400),
    ]
    amount = waived(
        lease(date(2026, 1, 4), date(2026, 4, 30)), AREA, rates, date(2026, 1, 1), date(2026, 12, 31)
    )
    assert amount.gaps == (
        RateGap(date(2026, 1, 4), date(2026, 1, 9)),
        RateGap(date(2026, 3, 1), date(2026, 4, 2)),
    )
    assert (amount.rent_krw, amount.fee_krw, amount.total_krw) == (None, None, None)
    assert [month.rent_krw for month in amount.months] == [None, 270_600, None, None]
    assert str(amount.gaps[0]) == "2026-01-04 – 2026-01-09"
    # Where the window needs no such day, nothing is missing.
    assert (
        waived(
            lease(date(2026, 1, 4), date(2026, 4, 30)), AREA, rates, date(2026, 2, 1), date(2026, 2, 28)
        ).rent_krw
        == 270_600
    )


def count_day_by_day(first, last, area, rates, window_first, window_last):
    """(rent, fee) or the set of days without a rate: one day after the other, rounded once a month."""
    sums, missing = defaultdict(lambda: [Decimal(0), Decimal(0)]), set()
    day = max(first, window_first)
    with localcontext() as context:
        context.prec = 60
        while day <= min(last, window_last):
            found = [
                r for r in rates if (r.first is None or r.first <= day) and (r.until is None or day < r.until)
            ]
            if found:
                sums[day.year, day.month][0] += area * found[0].rent_krw_per_m2
                sums[day.year, day.month][1] += area * found[0].fee_krw_per_m2
            else:
                missing.add(day)
            day += timedelta(days=1)
        rounded = [0, 0]
        for (year, month), pair in sums.items():
            length = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
            for place in (0, 1):
                # Cents of a square metre make hundredths: exact as a whole number over 100 × length.
                numerator = int(pair[place] * 100)
                rounded[place] += (2 * numerator + 100 * length) // (200 * length)
    return tuple(rounded), missing


days = st.dates(date(2023, 12, 1), date(2028, 4, 1))
won = st.integers(0, 40_000)


@st.composite
def rate_lists(draw):
    """Rates without overlap, some touching, some with a gap, the ends open or not."""
    cuts = sorted(set(draw(st.lists(days, max_size=5))))
    edges = [None if draw(st.booleans()) else date(2023, 1, 1), *cuts, None]
    spans = [RateSpan(a, b, draw(won), draw(won)) for a, b in pairwise(edges)]
    kept = [span for span in spans if draw(st.integers(0, 5))]
    return draw(st.permutations(kept))


@given(
    st.tuples(days, days).map(sorted),
    rate_lists(),
    st.tuples(days, days).map(sorted),
    st.integers(1, 9_999_999),
)
def test_the_sum_equals_a_count_of_single_days(held, rates, window, hundredths):
    area = Decimal(hundredths) / 100
    amount = waived(lease(*held), area, rates, *window)
    expected, missing = count_day_by_day(*held, area, rates, *window)
    named = {
        gap.first + timedelta(days=n) for gap in amount.gaps for n in range((gap.last - gap.first).days + 1)
    }
    assert named == missing
    if not missing:
        assert (amount.rent_krw, amount.fee_krw) == expected
