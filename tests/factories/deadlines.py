"""Duties, looks at the business register, and a company whose clocks all run."""

from datetime import date, datetime

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.django import DjangoModelFactory

from incubator.common.periods import days
from tenants.companies.models import Company
from tenants.deadlines.enums import DutyState
from tenants.deadlines.models import Duty, DutyKind, RegistrationCheck
from tenants.leases.models import Lease

from .companies import CompanyFactory, ResidencyFactory
from .leases import LeaseFactory, moment

NOW = moment(2026, 11, 22)


class DutyKindFactory(DjangoModelFactory):
    class Meta:
        model = DutyKind

    code = factory.Sequence(lambda n: f"duty-{n}")
    name = factory.Sequence(lambda n: f"의무 {n}")
    name_en = factory.Sequence(lambda n: f"Duty {n}")


class DutyFactory(DjangoModelFactory):
    """Confirmed, until the end of March 2027."""

    class Meta:
        model = Duty

    company = factory.SubFactory(CompanyFactory)
    kind = factory.SubFactory(DutyKindFactory)
    done_on = date(2026, 4, 1)
    valid_until = date(2027, 3, 31)
    state = DutyState.CONFIRMED
    submitted_at = factory.LazyFunction(lambda: moment(2026, 4, 1))
    decided_at = factory.LazyFunction(lambda: moment(2026, 4, 2))


class RegistrationCheckFactory(DjangoModelFactory):
    class Meta:
        model = RegistrationCheck

    company = factory.SubFactory(CompanyFactory)
    status = "active"
    checked_on = date(2026, 10, 1)
    at = factory.LazyFunction(lambda: moment(2026, 10, 1))


def resident(*, since: date = date(2026, 1, 4), **values: object) -> Company:
    """A company that lives in the camp and has done all its duties until 2029, looked up on 2026-10-01."""
    company = CompanyFactory(**{"founded_on": None, **values})
    ResidencyFactory(company=company, period=DateRange(since, None))
    for kind in DutyKind.objects.filter(active=True):
        DutyFactory(company=company, kind=kind, valid_until=date(2029, 12, 31))
    RegistrationCheckFactory(company=company)
    return company


def lease_until(company: Company, last: date, first: date = date(2026, 1, 4)) -> Lease:
    return LeaseFactory(company=company, period=days(first, last))


def at(day: date, hour: int = 8, minute: int = 30) -> datetime:
    """That moment in Seoul."""
    return moment(day.year, day.month, day.day, hour).replace(minute=minute)
