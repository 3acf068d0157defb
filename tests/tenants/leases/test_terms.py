from datetime import date

import pytest

from tenants.leases.terms import ask_by, last_of_term


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 1, 4), 12, date(2027, 1, 3)),
        (date(2024, 12, 10), 24, date(2026, 12, 9)),
        (date(2026, 1, 1), 1, date(2026, 1, 31)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_the_last_day_of_a_term(first, months, last):
    assert last_of_term(first, months) == last


@pytest.mark.parametrize(
    ("last", "deadline"),
    [
        (date(2027, 1, 3), date(2026, 12, 3)),
        (date(2026, 12, 31), date(2026, 11, 30)),
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2028, 3, 30), date(2028, 2, 29)),
        (date(2026, 1, 15), date(2025, 12, 15)),
    ],
)
def test_the_last_day_to_ask_for_more(last, deadline):
    assert ask_by(last) == deadline
