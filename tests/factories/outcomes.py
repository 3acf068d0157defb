"""Indicators, periods and reports."""

from datetime import date

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.django import DjangoModelFactory

from tenants.outcomes.models import KpiDefinition, KpiReport, ReportingPeriod

from .companies import CompanyFactory


class KpiDefinitionFactory(DjangoModelFactory):
    class Meta:
        model = KpiDefinition

    code = factory.Sequence(lambda n: f"indicator-{n}")
    name = factory.Sequence(lambda n: f"지표 {n}")
    name_en = factory.Sequence(lambda n: f"Indicator {n}")
    unit = "count"
    position = factory.Sequence(lambda n: n)


class ReportingPeriodFactory(DjangoModelFactory):
    """The third quarter of 2026, due a month after its end."""

    class Meta:
        model = ReportingPeriod

    name = factory.Sequence(lambda n: f"2026년 3분기 {n}")
    name_en = factory.Sequence(lambda n: f"Q3 2026 {n}")
    period = DateRange(date(2026, 7, 1), date(2026, 10, 1))
    due_on = date(2026, 10, 31)


class KpiReportFactory(DjangoModelFactory):
    class Meta:
        model = KpiReport

    company = factory.SubFactory(CompanyFactory)
    period = factory.SubFactory(ReportingPeriodFactory)
