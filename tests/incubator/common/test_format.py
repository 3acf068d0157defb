"""Money, credits, days and areas as readers see them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from incubator.common import display
from incubator.common.counts import ALL, SOME, counted

PFH = display.GFLOP_PER_PFH


@pytest.fixture(autouse=True)
def _korean():
    with translation.override("ko"):
        yield


def english(function, *args):
    with translation.override("en"):
        return function(*args)


def rendered(source: str, **context: object) -> str:
    return Template("{% load camp %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("krw", "korean", "in_english"),
    [
        (0, "0원", "₩0"),
        (1_234_567, "1,234,567원", "₩1,234,567"),
        (-1_500, "−1,500원", "−₩1,500"),
        (99_999_999, "99,999,999원", "₩99,999,999"),
        (100_000_000, "1.0억 원", "₩100,000,000"),
        (1_234_567_890, "12.3억 원", "₩1,234,567,890"),
        (1_235_000_000, "12.4억 원", "₩1,235,000,000"),
        (-250_000_000, "−2.5억 원", "−₩250,000,000"),
        (None, "–", "–"),
    ],
)
def test_won(krw, korean, in_english):
    assert display.won(krw) == korean
    assert english(display.won, krw) == in_english


def test_shortened_won_carries_the_exact_amount():
    assert rendered("{{ amount|won }}", amount=1_234_567_890) == (
        '<data value="1234567890" title="1,234,567,890원">12.3억 원</data>'
    )
    assert rendered("{{ amount|won }}", amount=1_234_567) == "1,234,567원"
    assert rendered("{{ amount|won_exact }}", amount=1_234_567_890) == "1,234,567,890원"


@pytest.mark.parametrize(
    ("gflop", "shown"),
    [
        (0, "0.000"),
        (PFH, "1.000"),
        (166_374_000_000, "46.215"),
        (1_800_000, "0.001"),
        (1_799_999, "0.000"),
        (-1_799_999, "0.000"),
        (-1_800_000, "−0.001"),
        (775_260 * PFH, "775,260.000"),
        (None, "–"),
    ],
)
def test_credits_in_petaflop_hours(gflop, shown):
    assert display.pfh(gflop) == shown


@given(st.integers(min_value=-(10**24), max_value=10**24))
def test_credits_are_rounded_exactly_half_up(gflop):
    thousandths, rest = divmod(abs(gflop), 3_600_000)
    expected = thousandths + (rest >= 1_800_000)
    assert abs(display.petaflop_hours(gflop)) * 1000 == expected


def test_days_and_moments():
    sunday = date(2026, 11, 22)
    just_after_midnight_in_seoul = datetime(2026, 11, 21, 15, 20, tzinfo=UTC)
    assert display.day(sunday) == "2026. 11. 22. (일)"
    assert display.day(just_after_midnight_in_seoul) == "2026. 11. 22. (일)"
    assert display.day_short(sunday) == "11. 22. (일)"
    assert display.month(sunday) == "2026년 11월"
    assert display.moment(just_after_midnight_in_seoul) == "2026. 11. 22. (일) 00:20"
    assert display.clock(just_after_midnight_in_seoul) == "00:20"
    assert display.clock(time(14, 5)) == "14:05"
    assert english(display.day, sunday) == "22 Nov 2026"
    assert english(display.day_short, sunday) == "22 Nov"
    assert english(display.month, sunday) == "Nov 2026"
    assert english(display.moment, just_after_midnight_in_seoul) == "22 Nov 2026, 00:20"


def test_periods_show_the_last_day_held():
    assert (
        display.period(DateRange(date(2026, 1, 3), date(2027, 1, 3))) == "2026. 1. 3. (토) – 2027. 1. 2. (토)"
    )
    assert display.period(DateRange(date(2026, 1, 3), date(2026, 1, 4))) == "2026. 1. 3. (토)"
    assert english(display.period, DateRange(date(2026, 1, 3), None)) == "from 3 Jan 2026"
    assert english(display.period, DateRange(None, date(2026, 1, 3))) == "until 2 Jan 2026"
    assert display.period(DateRange(empty=True)) == "–"
    assert display.period(None) == "–"


def test_periods_of_moments():
    start = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    hour_later = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    next_day = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
    assert display.period(DateTimeTZRange(start, hour_later)) == "2026. 11. 24. (화) 14:00–15:00"
    assert (
        display.period(DateTimeTZRange(start, next_day))
        == "2026. 11. 24. (화) 14:00 – 2026. 11. 25. (수) 14:00"
    )


@pytest.mark.parametrize(
    ("last", "shown"),
    [(date(2027, 1, 3), "D-42"), (date(2026, 11, 22), "D-Day"), (date(2026, 11, 19), "D+3")],
)
def test_dday(last, shown):
    assert display.dday(last, date(2026, 11, 22)) == shown


def test_dday_of_days_left_and_of_nothing():
    assert display.dday(42) == "D-42"
    assert display.dday(None) == "–"
    with pytest.raises(ValueError, match="today"):
        display.dday(date(2027, 1, 3))


def test_areas_shares_hours_and_numbers():
    assert display.square_metres(Decimal("33.055")) == "33.06 m²"
    assert display.percent(Decimal("86.45")) == "86.5%"
    assert display.percent(Decimal("60.0")) == "60%"
    assert display.ratio(Decimal("0.865")) == "86.5%"
    assert display.number(12345) == "12,345"
    assert display.number(Decimal("88.5")) == "88.5"
    assert display.score(Decimal("0.6735")) == "0.674"
    assert english(display.hours, 90) == "1 h 30 min"
    assert english(display.hours, 120) == "2 h"
    assert english(display.hours, 0) == "0 min"
    assert display.business_number("1234567890") == "123-45-67890"
    assert display.business_number("12345") == "12345"
    assert display.business_number("") == "–"


def test_counts_use_the_same_nouns_and_plurals():
    assert ALL.keys() == SOME.keys()
    assert english(counted, "company", 12, 73) == "12 of 73 companies"
    assert english(counted, "company", 73, 73) == "73 companies"
    assert english(counted, "lease", 1, 1) == "1 lease"
    assert english(counted, "record", 50, 12345) == "50 of 12,345 records"
