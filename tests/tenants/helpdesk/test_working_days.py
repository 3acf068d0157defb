"""Working days of Korea."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.helpdesk.working_days import after_working_days, is_working_day, working_days_between

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),  # a Monday
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # over a weekend
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # over Christmas, a Friday
        (date(2026, 2, 13), 1, date(2026, 2, 19)),  # over the lunar new year, from a Friday on
        (date(2026, 2, 27), 1, date(2026, 3, 3)),  # 1 March is a Sunday: the Monday stands for it
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
    ],
)
def test_over_weekends_holidays_and_their_substitutes(first, count, last):
    assert after_working_days(first, count) == last


@given(DAYS, st.integers(1, 30))
def test_so_many_working_days_lie_between(first, count):
    last = after_working_days(first, count)
    assert is_working_day(last)
    counted = sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert counted == working_days_between(first, last) == count
    assert working_days_between(last, first) == -count
