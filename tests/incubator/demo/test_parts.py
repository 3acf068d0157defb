"""The pieces that know no database: names, numbers, dates and the scheduler's text."""

from collections import defaultdict
from datetime import date
from io import BytesIO
from random import Random

import pytest

from incubator.common.sheets.numbers import is_business_number
from incubator.demo.days import plus_months
from incubator.demo.jobs import LONGEST, PFH, WEEK, Account, make_jobs, running, sacct
from incubator.demo.names import business_number, company_name
from tenants.compute.slurm import FIRST_RATES, Attempt, charge_of, read_sacct

BEGINS = 1_800_000_000
ACCOUNTS = [
    Account("gj001", ["minji"], [5 * PFH, 0, 6 * PFH], 6),
    Account("gj002", ["hyun", "sora"], [PFH // 10] * 3, 3, a100=1),
    Account("gj003", ["kyu"], [60 * PFH] * 3, 4),
]


def _attempts() -> list[Attempt]:
    jobs = make_jobs(ACCOUNTS, begins=BEGINS, rates=FIRST_RATES, dice=Random(7))
    jobs.append(running("gj001", "minji", gpu="gres/gpu:h100", count=4, start=BEGINS + 9, number=99_999))
    rows = list(read_sacct(BytesIO(sacct(jobs, cluster="gjlab", at=BEGINS + 3 * WEEK).encode())))
    assert [row for row in rows if not isinstance(row, Attempt)] == []
    return rows  # type: ignore[return-value]


def test_jobs_cost_what_their_week_says_and_end_within_it() -> None:
    charged: dict[tuple[str, int], int] = defaultdict(int)
    for row in _attempts():
        if row.ended is not None and row.units.keys() & {"gres/gpu:h100", "gres/gpu:a100"}:
            assert row.started is not None
            week = (row.ended - BEGINS) // WEEK
            assert BEGINS + week * WEEK <= row.started < row.ended < BEGINS + (week + 1) * WEEK
            assert row.elapsed_seconds == row.ended - row.started <= LONGEST
            charged[row.account, week] += charge_of(
                row.units, row.elapsed_seconds, FIRST_RATES.get
            ).total_gflop
    for account in ACCOUNTS:
        for week, budget in enumerate(account.weeks):
            assert charged.get((account.name, week), 0) == pytest.approx(budget, rel=0.01)


def test_jobs_are_numbered_as_they_were_submitted_and_two_never_share_a_number() -> None:
    ended = [row for row in _attempts() if row.phase == "ended"]
    assert [row.job_id for row in ended] == list(range(41_000, 41_000 + len(ended)))
    assert [row.submit for row in ended] == sorted(row.submit for row in ended)


def test_a_job_that_runs_is_not_charged() -> None:
    assert [row.phase for row in _attempts()][-1] == "running"


def test_business_numbers_are_right_and_each_companys_own() -> None:
    numbers = [business_number(at) for at in range(5_000)]
    assert len(set(numbers)) == 5_000
    assert all(map(is_business_number, numbers))


def test_no_two_companies_share_a_name() -> None:
    dice, taken = Random(1), set[str]()
    for at in range(3_000):
        name, name_en = company_name(dice, "robotics", at, taken)
        assert name not in taken
        assert len(name) <= 120
        assert name_en.isascii()
        taken.add(name)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
        (date(2027, 12, 15), 1, date(2028, 1, 15)),
        (date(2027, 1, 15), -13, date(2025, 12, 15)),
    ],
)
def test_months_are_counted_over_years_and_short_months(day: date, months: int, later: date) -> None:
    assert plus_months(day, months) == later
