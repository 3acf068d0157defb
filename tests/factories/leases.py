"""Buildings, spaces with a rate, and leases of them."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.django import DjangoModelFactory

from incubator.common.periods import days
from tenants.leases import services
from tenants.leases.enums import LeaseState, SpaceKind
from tenants.leases.models import Building, ExtensionRequest, Floor, Lease, LeasePolicy, Rate, Space

from .companies import CompanyFactory


class BuildingFactory(DjangoModelFactory):
    class Meta:
        model = Building

    name = factory.Sequence(lambda n: f"제{n + 1} AI창업캠프")
    name_en = factory.Sequence(lambda n: f"AI Startup Camp {n + 1}")


class FloorFactory(DjangoModelFactory):
    class Meta:
        model = Floor
        django_get_or_create = ("building", "level")

    building = factory.SubFactory(BuildingFactory)
    level = 4


class SpaceFactory(DjangoModelFactory):
    """A room of 33 m² for six, without a rate."""

    class Meta:
        model = Space

    floor = factory.SubFactory(FloorFactory)
    building = factory.SelfAttribute("floor.building")
    code = factory.Sequence(lambda n: f"{400 + n}")
    kind = SpaceKind.ROOM
    area_m2 = Decimal("33.00")
    seats = 6


class RateFactory(DjangoModelFactory):
    """8,200 and 3,400 won a m² for all days."""

    class Meta:
        model = Rate

    space = factory.SubFactory(SpaceFactory)
    period = DateRange(None, None)
    rent_krw_per_m2 = 8_200
    fee_krw_per_m2 = 3_400


class LeaseFactory(DjangoModelFactory):
    """Active from 2026-01-04 to 2027-01-03, both held."""

    class Meta:
        model = Lease

    company = factory.SubFactory(CompanyFactory)
    space = factory.SubFactory(SpaceFactory)
    period = days(date(2026, 1, 4), date(2027, 1, 3))
    state = LeaseState.ACTIVE
    legal_basis = "창업지원 무상임대"


class ExtensionRequestFactory(DjangoModelFactory):
    class Meta:
        model = ExtensionRequest

    lease = factory.SubFactory(LeaseFactory)
    until = date(2027, 7, 3)
    reason = "후속 투자를 마칠 때까지 머물고자 합니다."
    asked_at = factory.LazyFunction(lambda: moment(2026, 11, 22))


def moment(year: int, month: int, day: int, hour: int = 12) -> datetime:
    """That hour in Seoul."""
    return datetime(year, month, day, hour, tzinfo=ZoneInfo("Asia/Seoul"))


def set_rules(day: date = date(2020, 1, 1), **changes: object) -> LeasePolicy:
    """The first rules with these changes, from `day` on."""
    first = LeasePolicy.objects.order_by("pk")[0]
    values = {name: getattr(first, name) for name in (*LeasePolicy.NUMBERS, "new_industries")}
    return services.set_lease_policy(
        **{**values, "source": "운영규정 제12조", "reason": "개정", **changes},
        starts_on=day,
        actor=None,
        now=moment(day.year, day.month, day.day),
    )
