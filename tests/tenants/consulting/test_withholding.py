"""What is withheld of a payment, to the won: by hand from the rules of docs/decisions/0022-honoraria.md."""

import pytest

from tenants.consulting.withholding import withheld, worth


@pytest.mark.parametrize(
    ("gross", "taxable", "income_tax", "local_tax"),
    [
        (0, 0, 0, 0),
        (1, 0, 0, 0),
        (124_999, 49_999, 0, 0),
        (125_000, 50_000, 0, 0),  # a taxable amount of 50,000 won is free
        (125_001, 50_000, 0, 0),  # 50,000.4: less than a won is left out
        (125_002, 50_000, 0, 0),
        (125_003, 50_001, 10_000, 1_000),
        (150_000, 60_000, 12_000, 1_200),
        (200_000, 80_000, 16_000, 1_600),
        (333_333, 133_333, 26_660, 2_660),  # 26,666.6 and 2,666 before won below ten are left out
        (1_000_000, 400_000, 80_000, 8_000),
        (1_234_567, 493_826, 98_760, 9_870),
    ],
)
def test_other_income(gross, taxable, income_tax, local_tax):
    due = withheld("other", gross)
    assert (due.taxable, due.income_tax, due.local_tax) == (taxable, income_tax, local_tax)
    assert due.net == gross - income_tax - local_tax


@pytest.mark.parametrize(
    ("gross", "income_tax", "local_tax"),
    [
        (0, 0, 0),
        (333, 0, 0),
        (334, 10, 0),
        (100_000, 3_000, 300),
        (123_456, 3_700, 370),
        (999_999, 29_990, 2_990),
    ],
)
def test_business_income(gross, income_tax, local_tax):
    due = withheld("business", gross)
    assert (due.income_tax, due.local_tax, due.net) == (income_tax, local_tax, gross - income_tax - local_tax)


def test_a_round_million_is_taxed_at_the_rates_that_everyone_knows():
    assert withheld("other", 1_000_000).withheld == 88_000
    assert withheld("business", 1_000_000).withheld == 33_000


def test_nothing_is_withheld_of_corporations_and_claims_back():
    assert withheld("corporation", 5_000_000).net == 5_000_000
    assert withheld("other", -200_000).withheld == 0
    with pytest.raises(ValueError, match="salary"):
        withheld("salary", 1)


@pytest.mark.parametrize(
    ("minutes", "gross"), [(60, 100_001), (90, 150_001), (50, 83_334), (1, 1_666), (0, 0)]
)
def test_an_hour_is_paid_by_the_minute_without_parts_of_a_won(minutes, gross):
    assert worth(100_001, by_hour=True, minutes=minutes) == gross
    assert worth(100_001, by_hour=False, minutes=minutes) == 100_001
