"""Spaces, and rates that follow one another."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common.errors import Invalid, NotAllowed
from tenants.leases.errors import CodeTaken, FloorElsewhere
from tenants.leases.models import Building, Floor, Rate
from tenants.leases.services import create_space, ensure_floor, set_rate, update_space
from tests.factories.accounts import acting_staff
from tests.factories.leases import BuildingFactory, FloorFactory, RateFactory, SpaceFactory

pytestmark = pytest.mark.django_db


def rates(space):
    return [
        (rate.period.lower, rate.period.upper, rate.rent_krw_per_m2)
        for rate in sorted(Rate.objects.filter(space=space), key=lambda rate: rate.period.lower or date.min)
    ]


def change(space, from_day, rent):
    return set_rate(space=space, rent_krw_per_m2=rent, fee_krw_per_m2=3_000, from_day=from_day, actor=None)


def test_a_floor_and_its_building_are_made_once():
    floor = ensure_floor(building_name="제1 AI창업캠프", level=4, actor=None)
    assert ensure_floor(building_name="제1 AI창업캠프", level=4, actor=None) == floor
    ensure_floor(building_name="제1 AI창업캠프", level=-1, actor=None)
    assert (Building.objects.count(), Floor.objects.count()) == (1, 2)


def test_a_space_belongs_to_the_building_of_its_floor():
    floor = FloorFactory()
    space = create_space(floor=floor, code="408", kind="room", area_m2=Decimal("33.06"), seats=6, actor=None)
    assert space.building == floor.building
    with pytest.raises(CodeTaken):
        create_space(floor=floor, code="408", kind="desk", area_m2=Decimal(3), seats=1, actor=None)
    with pytest.raises(FloorElsewhere):
        update_space(space=space, floor=FloorFactory(building=BuildingFactory()), actor=None)


@pytest.mark.parametrize(
    "wrong",
    [{"area_m2": Decimal(-1)}, {"seats": 0}, {"code": ""}, {"kind": "hall"}, {"area_m2": Decimal("1.001")}],
)
def test_a_space_with_a_wrong_value_is_refused_at_its_field(wrong):
    values = {"code": "408", "kind": "room", "area_m2": Decimal(33), "seats": 6} | wrong
    with pytest.raises(Invalid) as caught:
        create_space(floor=FloorFactory(), actor=None, **values)
    assert caught.value.field == next(iter(wrong))


def test_a_new_rate_ends_the_one_in_force_the_day_before():
    space = SpaceFactory()
    change(space, None, 8_000)
    assert rates(space) == [(None, None, 8_000)]
    change(space, date(2026, 7, 1), 9_000)
    assert rates(space) == [(None, date(2026, 7, 1), 8_000), (date(2026, 7, 1), None, 9_000)]


def test_a_rate_between_two_known_ones_ends_where_the_next_begins():
    space = SpaceFactory()
    change(space, None, 8_000)
    change(space, date(2026, 7, 1), 9_000)
    change(space, date(2026, 3, 1), 8_500)
    assert rates(space) == [
        (None, date(2026, 3, 1), 8_000),
        (date(2026, 3, 1), date(2026, 7, 1), 8_500),
        (date(2026, 7, 1), None, 9_000),
    ]


def test_a_rate_of_the_same_day_is_corrected_in_place():
    space = SpaceFactory()
    change(space, None, 8_000)
    change(space, date(2026, 7, 1), 9_000)
    change(space, date(2026, 7, 1), 9_100)
    change(space, None, 7_900)
    assert rates(space) == [(None, date(2026, 7, 1), 7_900), (date(2026, 7, 1), None, 9_100)]


def test_a_rate_before_the_first_known_one_fills_the_days_up_to_it():
    space = SpaceFactory()
    change(space, date(2026, 7, 1), 9_000)
    change(space, date(2026, 1, 1), 8_000)
    change(space, None, 7_000)
    assert rates(space) == [
        (None, date(2026, 1, 1), 7_000),
        (date(2026, 1, 1), date(2026, 7, 1), 8_000),
        (date(2026, 7, 1), None, 9_000),
    ]


def test_a_rate_into_a_gap_keeps_to_it():
    rate = RateFactory(period=DateRange(None, date(2026, 3, 1)))
    change(rate.space, date(2026, 7, 1), 9_000)
    change(rate.space, date(2026, 5, 1), 8_700)
    assert rates(rate.space) == [
        (None, date(2026, 3, 1), 8_200),
        (date(2026, 5, 1), date(2026, 7, 1), 8_700),
        (date(2026, 7, 1), None, 9_000),
    ]


def test_a_negative_rate_is_refused():
    with pytest.raises(Invalid) as caught:
        change(SpaceFactory(), None, -1)
    assert caught.value.field == "rent_krw_per_m2"


def test_only_managers_of_leases_write():
    consultant = acting_staff("consulting")
    with pytest.raises(NotAllowed):
        ensure_floor(building_name="제3 AI창업캠프", level=1, actor=consultant)
    with pytest.raises(NotAllowed):
        set_rate(space=SpaceFactory(), rent_krw_per_m2=1, fee_krw_per_m2=1, from_day=None, actor=consultant)
    assert ensure_floor(building_name="제3 AI창업캠프", level=1, actor=acting_staff("leases")).level == 1
