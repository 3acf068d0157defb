"""What the database adds up, against a count of single days that shares no code with it."""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incubator.common.periods import days
from tenants.leases import selectors
from tenants.leases.enums import HELD_STATES, LeaseState
from tenants.leases.models import Lease, Rate
from tenants.leases.occupancy import Change, OccupancyDay, by_day, by_month, mean, shortfalls, warning
from tenants.leases.selectors.lettings import occupancy_days, turnover, vacancies
from tenants.leases.selectors.waived_sums import WaivedSums, waived_sums
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory
from tests.factories.leases import BuildingFactory, FloorFactory, LeaseFactory, RateFactory, SpaceFactory

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)
ONE_DAY = timedelta(days=1)
STATES = [state for state in LeaseState if state != LeaseState.DRAFT]


def all_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def runs(most: int):
    """Lengths of stretches one after the other, every second of which may be left out."""
    return st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=most)


spaces = st.fixed_dictionaries(
    {
        "area": st.decimals("0.01", "300", places=2),
        "leases": st.lists(
            st.tuples(
                st.integers(1, 120), st.booleans(), st.sampled_from(STATES), st.sampled_from(["", "가", "나"])
            ),
            max_size=5,
        ),
        "rates": st.lists(
            st.tuples(
                st.integers(1, 150),
                st.integers(0, 9) | st.just(0),
                st.integers(1, 20_000),
                st.integers(0, 9_000),
            ),
            max_size=4,
        ),
        "open": st.booleans(),
    }
)


def fill(made: list[dict]) -> None:
    """The spaces with leases and rates one after the other from START on; a rate of a tenth of the draws is missing."""
    companies = [CompanyFactory(), CompanyFactory()]
    for at, told in enumerate(made):
        space = SpaceFactory(area_m2=told["area"])
        day = START
        for length, present, state, programme in told["leases"]:
            if present:
                LeaseFactory(
                    space=space,
                    company=companies[at % 2],
                    period=DateRange(day, day + timedelta(days=length)),
                    state=state,
                    programme=programme,
                )
            day += timedelta(days=length)
        day = None if told["open"] else START
        for number, (length, luck, rent, fee) in enumerate(told["rates"], start=1):
            until = (day or START) + timedelta(days=length)
            last = number == len(told["rates"]) and told["open"]
            if luck or last:
                period = DateRange(day, None if last else until)
                RateFactory(space=space, period=period, rent_krw_per_m2=rent, fee_krw_per_m2=fee)
            day = until


def counted(first: date, last: date) -> dict[tuple[int, int], tuple[int, int, int, set[date]]]:
    """By lease and year, day by day: days, rent, fee, and the days without a rate."""
    found = {}
    rates = list(Rate.objects.all())
    for lease in Lease.objects.select_related("space"):
        if lease.state not in HELD_STATES:
            continue
        rent, fee = defaultdict(Fraction), defaultdict(Fraction)
        held, missing = defaultdict(int), defaultdict(set)
        for day in all_days(first, last):
            if day not in lease.period:
                continue
            held[day.year] += 1
            rate = next((r for r in rates if r.space_id == lease.space_id and day in r.period), None)
            if rate is None:
                missing[day.year].add(day)
                continue
            share = Fraction(lease.space.area_m2) / monthrange(day.year, day.month)[1]
            rent[day.year, day.month] += rate.rent_krw_per_m2 * share
            fee[day.year, day.month] += rate.fee_krw_per_m2 * share
        for year, number in held.items():

            def won(amounts, year=year):
                return sum(int(part + Fraction(1, 2)) for key, part in amounts.items() if key[0] == year)

            found[lease.pk, year] = (number, won(rent), won(fee), missing[year])
    return found


def check(sums: WaivedSums) -> None:
    told = counted(sums.first, sums.last)
    parts = {(part.lease_id, part.year): part for part in sums.parts}
    assert parts.keys() == told.keys()
    for key, (number, rent, fee, missing) in told.items():
        part = parts[key]
        assert (part.days, part.rated_days) == (number, number - len(missing))
        assert (part.rent_krw, part.fee_krw) == (rent, fee)
    named = {
        (lease_id, day)
        for lease_id, gaps in sums.gaps.items()
        for gap in gaps
        for day in all_days(gap.first, gap.last)
    }
    assert named == {(lease_id, day) for (lease_id, _year), (*_, missing) in told.items() for day in missing}
    for grouped in (sums.by_year(), sums.by_programme(), sums.by_company(), sums.by_lease()):
        assert sum(each.known_rent_krw for each in grouped.values()) == sums.total.known_rent_krw
        assert sum(each.known_fee_krw for each in grouped.values()) == sums.total.known_fee_krw
        assert (
            sum(each.days for each in grouped.values())
            == sums.total.days
            == sum(row[0] for row in told.values())
        )
    # The same, lease by lease, as the founder's page and the command say it.
    one_by_one = selectors.waived_for(Lease.objects.all(), sums.first, sums.last)
    for lease_id, each in sums.by_lease().items():
        assert (each.rent_krw, each.fee_krw) == (one_by_one[lease_id].rent_krw, one_by_one[lease_id].fee_krw)
        assert list(one_by_one[lease_id].gaps) == sums.gaps.get(lease_id, [])
    assert (sums.total.total_krw is None) == bool(named)


def check_occupancy(first: date, last: date) -> None:
    leases = [lease for lease in Lease.objects.select_related("space") if lease.state in HELD_STATES]
    area = sum(
        (space.area_m2 for space in {lease.space for lease in Lease.objects.select_related("space")}),
        Decimal(0),
    )
    for day in occupancy_days(first, last):
        let = [lease for lease in leases if day.day in lease.period]
        assert (day.area_let_m2, day.spaces_let) == (
            sum((lease.space.area_m2 for lease in let), Decimal(0)),
            len(let),
        )
        assert day.area_m2 >= area


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(spaces, min_size=1, max_size=3), st.integers(0, 200), st.integers(0, 400))
def test_sums_equal_a_count_of_single_days(made: list[dict], skipped: int, length: int) -> None:
    first = START - timedelta(days=30) + timedelta(days=skipped)
    last = first + timedelta(days=length)
    sid = transaction.savepoint()
    try:
        fill(made)
        check(waived_sums(first, last))
        check_occupancy(first, last)
    finally:
        transaction.savepoint_rollback(sid)


def test_the_queries_do_not_grow() -> None:
    for _ in range(2):
        for _ in range(3):
            LeaseFactory()
        with CaptureQueriesContext(connection) as queries:
            waived_sums(START, date(2026, 12, 31))
            occupancy_days(START, date(2026, 12, 31))
            vacancies(acting_staff(), START, within_days=400)
        # The second of the sums names the days without a rate.
        assert (
            len(
                [
                    each
                    for each in queries
                    if "SAVEPOINT" not in each["sql"] and "accounts_" not in each["sql"]
                ]
            )
            == 6
        )


def test_a_month_split_by_a_change_of_rate_is_rounded_once() -> None:
    lease = LeaseFactory(
        space=SpaceFactory(area_m2=Decimal("1.00")), period=days(date(2026, 4, 1), date(2026, 4, 30))
    )
    for period in (DateRange(None, date(2026, 4, 16)), DateRange(date(2026, 4, 16), None)):
        RateFactory(space=lease.space, period=period, rent_krw_per_m2=1, fee_krw_per_m2=1)
    assert waived_sums(START, date(2026, 12, 31)).total.total_krw == 2


def test_the_largest_amounts_do_not_overflow() -> None:
    space = SpaceFactory(area_m2=Decimal("99999.99"))
    LeaseFactory(space=space, period=days(date(2026, 1, 1), date(2026, 1, 31)))
    RateFactory(space=space, rent_krw_per_m2=2_147_483_647, fee_krw_per_m2=2_147_483_647)
    rent = int(Decimal("99999.99") * 2_147_483_647 + Decimal("0.5"))
    assert waived_sums(START, date(2026, 12, 31)).total.rent_krw == rent


def test_no_lease_at_all() -> None:
    sums = waived_sums(START, START)
    assert (sums.total.total_krw, sums.parts, sums.gaps) == (0, [], {})


class TestOccupancy:
    def test_a_space_counts_from_the_opening_of_its_building(self) -> None:
        building = BuildingFactory(opened_on=date(2026, 3, 1))
        space = SpaceFactory(floor=FloorFactory(building=building), area_m2=Decimal(10))
        LeaseFactory(space=space, state=LeaseState.ENDED, period=days(date(2026, 2, 1), date(2026, 3, 2)))
        SpaceFactory(active=False)
        found = {day.day: day for day in occupancy_days(date(2026, 2, 28), date(2026, 3, 3))}
        assert [(day.area_let_m2, day.area_m2) for day in found.values()] == [
            (0, 0),
            (10, 10),
            (10, 10),
            (0, 10),
        ]
        assert len(occupancy_days(START, START, building=BuildingFactory().pk)) == 1

    def test_terminated_leases_count_the_days_they_had(self) -> None:
        LeaseFactory(state=LeaseState.TERMINATED, period=days(date(2026, 2, 1), date(2026, 2, 3)))
        LeaseFactory(state=LeaseState.TERMINATED, period=DateRange(empty=True))
        found = occupancy_days(date(2026, 1, 1), date(2026, 2, 28))
        assert sum(day.spaces_let for day in found) == 3

    def test_what_falls_vacant_and_who_comes_next(self) -> None:
        today, user = date(2026, 6, 1), acting_staff()
        one, two, three = (SpaceFactory(code=code) for code in ("a", "b", "c"))
        SpaceFactory(active=False)
        ending = LeaseFactory(space=one, period=days(START, date(2026, 6, 30)))
        following = LeaseFactory(
            space=one, period=days(date(2026, 8, 1), date(2027, 6, 30)), state=LeaseState.OFFERED
        )
        LeaseFactory(space=two, period=days(START, date(2026, 6, 30)))
        LeaseFactory(space=two, period=days(date(2026, 7, 1), date(2027, 6, 30)), state=LeaseState.SIGNED)
        found = vacancies(user, today, within_days=180)
        assert [(each.space.code, each.first, each.last, each.before, each.following) for each in found] == [
            ("c", today, None, None, None),
            ("a", date(2026, 7, 1), date(2026, 7, 31), ending, following),
        ]
        assert (found[0].is_now, found[1].is_now, found[1].is_offered) == (True, False, True)
        assert three == found[0].space

    def test_turnover_counts_who_left_the_space(self) -> None:
        space = SpaceFactory()
        stays = LeaseFactory(space=space, period=days(START, date(2026, 3, 31)), state=LeaseState.ENDED)
        LeaseFactory(space=space, company=stays.company, period=days(date(2026, 4, 1), date(2026, 6, 30)))
        LeaseFactory(space=space, period=days(date(2026, 7, 1), date(2027, 6, 30)))
        LeaseFactory(period=days(START, date(2027, 6, 30)))
        found = turnover(occupancy_days(START, date(2026, 12, 31)))
        assert (found.handed_over, found.spaces_let, found.rate) == (1, 2, Decimal("0.5"))
        assert turnover(occupancy_days(date(2020, 1, 1), date(2020, 1, 2))).rate == 0


def series(*shares: tuple[int, int]) -> list[OccupancyDay]:
    """Days one after the other from START: (how many, square metres let of 100)."""
    changes, day, before = [Change(START, area_m2=Decimal(100))], START, 0
    for number, let in shares:
        changes.append(Change(day, area_let_m2=Decimal(let - before)))
        before, day = let, day + timedelta(days=number)
    return by_day(changes, START, day - ONE_DAY)


class TestWarning:
    def test_exactly_sixty_per_cent_is_enough(self) -> None:
        assert list(shortfalls(series((400, 60)))) == []
        assert warning(series((400, 59)), START) is not None

    def test_it_is_a_sign_only_after_three_whole_months(self) -> None:
        # January to March have 90 days: the ninetieth day completes them.
        assert warning(series((89, 10), (10, 90)), START) is None
        found = warning(series((90, 10), (10, 90)), START)
        assert found is not None
        assert (found.first, found.sign_on, found.goes_on) == (START, date(2026, 3, 31), False)

    def test_it_is_seen_before_it_happens_and_forgotten_when_over(self) -> None:
        days_ = series((50, 80), (20, 10), (30, 80), (200, 40))
        found = warning(days_, START)
        assert found is not None
        assert (found.first, found.goes_on, found.lowest.share) == (date(2026, 4, 11), True, Decimal("0.4"))
        over = series((100, 10), (100, 80))
        assert warning(over, START + timedelta(days=100)) is None
        assert warning(over, START + timedelta(days=99)) is not None

    def test_nothing_to_let_is_no_warning(self) -> None:
        assert warning(by_day([], START, date(2027, 1, 1)), START) is None

    def test_months_and_means(self) -> None:
        months = by_month(series((31, 100), (14, 0), (14, 50)))
        assert [(month.first, month.days, month.share) for month in months] == [
            (START, 31, 1),
            (date(2026, 2, 1), 28, Decimal("0.25")),
        ]
        assert mean(series((1, 100), (1, 50))).share == Decimal("0.75")
        assert mean(series((1, 100), (1, 50))).lowest.day == date(2026, 1, 2)
