from datetime import date, timedelta

import pytest

from tenants.compute.forecast import RunOut, run_out

TODAY = date(2026, 11, 22)
END = date(2027, 1, 1)


def days_ahead(count: int) -> date:
    return TODAY + timedelta(days=count)


def test_the_range_lies_between_the_last_week_and_the_last_month():
    month = [5] * 21 + [10] * 7
    assert run_out(100, month, TODAY, END) == RunOut(days_ahead(10), days_ahead(16))


@pytest.mark.parametrize(
    ("left", "days", "end"),
    [
        (0, [5] * 28, END),
        (100, [5] * 27, END),
        (100, [0] * 24 + [50] * 4, END),
        (100, [5] * 21 + [0] * 7, END),
        (100, [5] * 28, None),
    ],
)
def test_too_little_is_no_forecast(left, days, end):
    assert run_out(left, days, TODAY, end) is None


def test_what_lasts_beyond_the_grants_ends_with_them():
    assert run_out(10**6, [5] * 28, TODAY, END) == RunOut(
        date(2026, 12, 31), date(2026, 12, 31), after_end=True
    )


def test_the_slow_guess_stops_at_the_end_of_the_grants():
    assert run_out(300, [1] * 21 + [10] * 7, TODAY, END) == RunOut(days_ahead(30), date(2026, 12, 31))
