"""Companies, their members and their stays."""

from datetime import date

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.django import DjangoModelFactory

from incubator.accounts.enums import Kind
from incubator.accounts.models import User
from incubator.common.enums import Region, Sector, Stage
from tenants.companies.enums import MemberLevel, ResidencyState
from tenants.companies.models import Company, Membership, Residency

from .accounts import UserFactory, acting

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def business_number(n: int) -> str:
    """The n-th business number of the tests, with its check digit right."""
    nine = f"1238{n % 100_000:05d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(nine, _WEIGHTS, strict=True))
    return f"{nine}{(10 - (weighted + int(nine[8]) * 5 // 10) % 10) % 10}"


class CompanyFactory(DjangoModelFactory):
    """A seed-stage company of Gwangju that has not agreed to be seen by investors."""

    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"무등인공지능 {n}")
    name_en = factory.Sequence(lambda n: f"Mudeung Intelligence {n}")
    slug = factory.Sequence(lambda n: f"mudeung-{n}")
    business_number = factory.Sequence(lambda n: business_number(n + 1))
    representative = factory.Sequence(lambda n: f"대표 {n}")
    email = factory.Sequence(lambda n: f"office{n}@company.example")
    founded_on = date(2024, 3, 4)
    sectors = factory.LazyFunction(lambda: [Sector.HEALTHCARE])
    stage = Stage.SEED
    region = Region.GWANGJU_JEONNAM
    summary = "병원 영상을 읽어 진단을 돕습니다."
    employees = 7
    revenue_krw = 120_000_000
    ask_krw = 500_000_000


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    company = factory.SubFactory(CompanyFactory)
    user = factory.SubFactory(UserFactory)
    level = MemberLevel.OWNER


class ResidencyFactory(DjangoModelFactory):
    """A stay since 2026-01-01, open at its end."""

    class Meta:
        model = Residency

    company = factory.SubFactory(CompanyFactory)
    state = ResidencyState.RESIDENT
    period = DateRange(date(2026, 1, 1), None)


def founder_of(company: Company, level: str = MemberLevel.OWNER, **values: object) -> User:
    """A new member of the company, acting as its founder."""
    membership = MembershipFactory(company=company, user=UserFactory(**values), level=level)
    return acting(membership.user, Kind.FOUNDER, company.pk, level, label=company.name)
