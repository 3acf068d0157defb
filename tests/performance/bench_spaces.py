"""Occupancy and waived amounts of 2,000 spaces over ten and over twenty years, against counting the same days in bare SQL; and
the plan of a floor with 60 rooms."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incubator.common.periods import days
from tenants.companies.models import Company
from tenants.leases.enums import HELD_STATES, LeaseState
from tenants.leases.models import Lease, Rate, Space
from tenants.leases.selectors.lettings import occupancy_days
from tenants.leases.selectors.waived_sums import waived_sums
from tenants.leases.services import lay_out_floor
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import FloorFactory
from tests.performance.conftest import Bench

SPACES, COMPANIES, ROOMS = 2000, 200, 60
FIRST = date(2010, 1, 1)
TEN, TWENTY = date(2019, 12, 31), date(2029, 12, 31)
ROUNDS = 5

# One row for each day of each lease, counted: what adding up day by day has to visit at the least.
BARE = """
SELECT count(*) FROM leases_lease lease CROSS JOIN LATERAL
  generate_series(1, least(upper(period), %(until)s) - greatest(lower(period), %(first)s))
WHERE state = ANY(%(states)s) AND period && daterange(%(first)s, %(until)s)
"""


def fill() -> None:
    """Spaces that are let for half a year to two years with a few weeks between, at rates that change every year."""
    dice = random.Random(2026)
    floor = FloorFactory()
    companies = [CompanyFactory(name=f"기업 {at}") for at in range(COMPANIES)]
    spaces = Space.objects.bulk_create(
        Space(
            building=floor.building,
            floor=floor,
            code=f"{at}",
            area_m2=Decimal(dice.randint(660, 9900)) / 100,
            seats=4,
        )
        for at in range(SPACES)
    )
    rates: list[Rate] = []
    leases: list[Lease] = []
    for space in spaces:
        for year in range(2010, 2030):
            since = date(year, 3, 15) if year > 2010 else None
            rate = Rate(space=space, period=days(since, date(year + 1, 3, 14)))
            rate.rent_krw_per_m2, rate.fee_krw_per_m2 = (
                dice.randint(6_000, 12_000),
                dice.randint(2_000, 5_000),
            )
            rates.append(rate)
        day = FIRST + timedelta(days=dice.randint(0, 200))
        while day < TWENTY:
            until = day + timedelta(days=dice.randint(180, 730))
            leases.append(
                Lease(
                    company=dice.choice(companies),
                    space=space,
                    period=DateRange(day, until),
                    state=LeaseState.ENDED,
                    legal_basis="무상",
                    programme=f"사업 {dice.randint(1, 5)}",
                )
            )
            day = until + timedelta(days=dice.randint(0, 60))
    Rate.objects.bulk_create(rates, batch_size=5000)
    Lease.objects.bulk_create(leases, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leases_space, leases_rate, leases_lease")


def medians(*calls: Callable[[], object]) -> list[float]:
    """Milliseconds of each call, taken in turns, so that a busy machine is equally busy for all of them."""
    spent: list[list[float]] = [[] for _call in calls]
    for at in range(ROUNDS + 1):
        for times, call in zip(spent, calls, strict=True):
            began = time.perf_counter()
            call()
            if at:  # the first round warms up
                times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in spent]


def both(last: date) -> int:
    """What the pages show: every day's occupancy, and the waived totals by year, programme, company and lease."""
    share = occupancy_days(FIRST, last)
    sums = waived_sums(FIRST, last)
    for grouped in (sums.by_year(), sums.by_programme(), sums.by_company(), sums.by_lease()):
        assert sum(each.known_total_krw for each in grouped.values()) == sums.total.known_total_krw
    assert len(share) == (last - FIRST).days + 1
    return sums.total.days


def bare(last: date) -> int:
    states = [state.value for state in HELD_STATES]
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"first": FIRST, "until": last + timedelta(days=1), "states": states})
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_ten_years_of_2000_spaces(bench: Bench) -> None:
    fill()
    with CaptureQueriesContext(connection) as queries:
        counted = both(TEN)
    assert counted == bare(TEN)
    ours, counting, twice = medians(lambda: both(TEN), lambda: bare(TEN), lambda: both(TWENTY))
    bench.figure("spaces: lease-days of 10 years × 2,000 spaces", counted, "days")
    bench.figure("spaces: queries for occupancy and waived totals (at most 12)", len(queries), "")
    bench.figure("spaces: occupancy and waived totals of 10 years", ours, "ms")
    bench.figure("spaces: the same lease-days counted by one bare statement", counting, "ms")
    bench.figure("spaces: totals against the bare count (at most 5)", ours / counting, "x")
    bench.figure("spaces: 20 years against 10 (at most 2)", twice / ours, "x")
    assert len(queries) <= 12
    assert ours <= 5 * counting


@pytest.mark.django_db
def test_the_plan_of_60_rooms(bench: Bench) -> None:
    floor = FloorFactory()
    Space.objects.bulk_create(
        Space(building=floor.building, floor=floor, code=f"{400 + at}", area_m2=Decimal("33.00"), seats=6)
        for at in range(ROOMS)
    )
    companies: list[Company] = [CompanyFactory(name=f"인공지능기업 {at:02}") for at in range(ROOMS)]
    Lease.objects.bulk_create(
        Lease(
            company=company,
            space=space,
            period=days(date.today() - timedelta(days=100), date.today() + timedelta(days=20 * at + 1)),
            state=LeaseState.ACTIVE,
            legal_basis="무상",
        )
        for at, (company, space) in enumerate(zip(companies, Space.objects.filter(floor=floor), strict=True))
    )
    lay_out_floor(floor=floor, actor=None)
    for who, client, url in (
        ("managers", sign_in(Client(), staff_member()), reverse("admin:leases_space_plan", args=[floor.pk])),
        ("founders", sign_in(Client(), founder_of(companies[0])), reverse("leases:plan", args=[floor.pk])),
    ):
        page = client.get(url, headers={"accept-language": "ko"})
        assert page.status_code == 200
        bench.figure(f"plan of 60 rooms for {who} (under 60)", len(page.content) / 1000, "kB")
        assert len(page.content) < 60_000
        bench.time(f"plan of 60 rooms for {who}", lambda at=url, by=client: by.get(at))
