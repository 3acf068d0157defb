"""Managers' pages on indicators, periods and reports."""

from datetime import date

import pytest
from django.test import Client

from incubator.accounts.enums import StaffGroup
from tenants.outcomes.models import KpiDefinition, KpiValue, ReportingPeriod
from tests.factories.accounts import sign_in, staff_member
from tests.factories.outcomes import KpiDefinitionFactory, KpiReportFactory, ReportingPeriodFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db

PERIODS = "/admin/outcomes/reportingperiod/"
REPORTS = "/admin/outcomes/kpireport/"
INDICATORS = "/admin/outcomes/kpidefinition/"


@pytest.fixture
def office():
    return sign_in(Client(), staff_member(StaffGroup.CONSULTING))


def test_opening_and_closing_a_period(office):
    values = {
        "name": "2026년 하반기",
        "name_en": "Second half of 2026",
        "first_day": "2026-07-01",
        "last_day": "2026-12-31",
        "due_on": "2027-01-31",
    }
    assert office.get(f"{PERIODS}add/").status_code == 200
    assert office.post(f"{PERIODS}add/", values).status_code == 302
    period = ReportingPeriod.objects.get()
    assert period.period.upper == date(2027, 1, 1)
    assert office.get(f"{PERIODS}{period.pk}/change/").status_code == 200

    twice = office.post(f"{PERIODS}add/", values)
    assert (twice.status_code, list(twice.context["adminform"].form.errors)) == (200, ["name"])
    early = office.post(f"{PERIODS}add/", {**values, "name": "x", "due_on": "2026-12-31"})
    assert list(early.context["adminform"].form.errors) == ["due_on"]

    office.post(PERIODS, {"action": "close", "_selected_action": [period.pk]})
    period.refresh_from_db()
    assert period.closed_at is not None


def test_indicators_keep_code_and_unit(office):
    indicator = KpiDefinitionFactory(code="moons", unit="count")
    path = f"{INDICATORS}{indicator.pk}/change/"
    values = {
        "name": "달",
        "name_en": "Moons",
        "position": "9",
        "active": "on",
        "code": "suns",
        "unit": "krw",
    }
    assert office.post(path, values).status_code == 302
    changed = KpiDefinition.objects.get(pk=indicator.pk)
    assert (changed.name, changed.code, changed.unit) == ("달", "moons", "count")


def test_reports_are_read_only(office):
    report = KpiReportFactory()
    KpiValue.objects.create(report=report, definition=KpiDefinitionFactory(name="달"), value=7)
    page = office.get(f"{REPORTS}{report.pk}/change/")
    assert page.status_code == 200
    assert "달" in page.content.decode()
    assert office.post(f"{REPORTS}{report.pk}/change/", {"note": "x"}).status_code == 403
    assert office.get(f"{REPORTS}add/").status_code == 403


@pytest.mark.parametrize("group", [StaffGroup.LEASES, StaffGroup.AUDITOR])
def test_other_managers_read_only(group):
    period = ReportingPeriodFactory()
    client = sign_in(Client(), staff_member(group))
    assert client.get(PERIODS).status_code == 200
    assert client.get(f"{PERIODS}add/").status_code == 403
    client.post(PERIODS, {"action": "close", "_selected_action": [period.pk]})
    period.refresh_from_db()
    assert period.closed_at is None


def test_lists_cost_the_same_with_three_rows_as_with_one(office):
    def more(count):
        for _ in range(count):
            report = KpiReportFactory()
            KpiValue.objects.create(report=report, definition=KpiDefinitionFactory(), value=7)

    more(1)
    one = [cost(office, path) for path in (PERIODS, REPORTS, INDICATORS)]
    more(3)
    assert [cost(office, path) for path in (PERIODS, REPORTS, INDICATORS)] == one
    assert max(one) <= 12
