"""Every clock of a company: its day, its words, and what it costs to read them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from incubator.common.display import GFLOP_PER_PFH
from incubator.common.periods import days
from tenants.companies.models import Residency
from tenants.deadlines import selectors
from tenants.deadlines.models import ClockRules, DutyKind
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.models import LeasePolicy
from tenants.leases.selectors import policies
from tests.factories.accounts import acting, acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import grant
from tests.factories.deadlines import (
    DutyFactory,
    DutyKindFactory,
    RegistrationCheckFactory,
    lease_until,
    resident,
)
from tests.factories.leases import ExtensionRequestFactory, moment
from tests.factories.outcomes import KpiReportFactory, ReportingPeriodFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def clocks(company=None, user=None, today=TODAY):
    found = selectors.clocks_for(user, today)
    return [each for each in found if company is None or each.company_id == company.pk]


def days_of(company, kind, today=TODAY):
    return [each.due for each in clocks(company, today=today) if each.kind == kind]


class TestLeases:
    def test_its_last_day_and_the_last_day_to_ask(self):
        company = resident()
        lease_until(company, date(2027, 3, 31))
        assert days_of(company, "lease_end") == [date(2027, 3, 31)]
        assert days_of(company, "extension") == [date(2027, 2, 28)]

    def test_the_last_day_to_ask_is_gone_once_it_is_over(self):
        company = resident()
        lease_until(company, date(2027, 1, 3))
        assert days_of(company, "extension", date(2026, 12, 3)) == [date(2026, 12, 3)]
        assert days_of(company, "extension", date(2026, 12, 4)) == []

    def test_who_has_asked_waits_for_the_camp(self):
        company = resident()
        lease = lease_until(company, date(2027, 3, 31))
        asked = ExtensionRequestFactory(lease=lease, until=date(2027, 9, 30))
        assert days_of(company, "extension") == []
        (decision,) = [each for each in clocks(company) if each.kind == "decision"]
        assert (decision.object_id, decision.due, decision.responsible) == (
            asked.pk,
            date(2027, 3, 31),
            "camp",
        )
        asked.state, asked.decided_at = ExtensionState.REFUSED, moment(2026, 11, 23)
        asked.save()
        assert days_of(company, "decision") == []
        assert days_of(company, "extension") == [date(2027, 2, 28)]

    def test_nothing_to_ask_for_at_the_longest_term(self):
        company = resident()
        lease_until(company, date(2028, 1, 3))
        assert days_of(company, "extension") == []
        assert days_of(company, "lease_end") == [date(2028, 1, 3)]

    def test_an_extension_moves_both_days(self):
        company = resident()
        lease = lease_until(company, date(2027, 1, 3))
        lease.period = days(date(2026, 1, 4), date(2027, 7, 3))
        lease.save()
        assert days_of(company, "lease_end") == [date(2027, 7, 3)]
        assert days_of(company, "extension") == [date(2027, 6, 3)]

    @pytest.mark.parametrize("state", [LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.ENDED])
    def test_what_is_not_held_has_no_end_to_come(self, state):
        company = resident()
        lease = lease_until(company, date(2027, 1, 3))
        lease.state = state
        lease.save()
        assert days_of(company, "lease_end") == days_of(company, "extension") == []

    def test_one_that_was_ended_early_counts_until_its_last_day(self):
        company = resident()
        lease = lease_until(company, date(2026, 12, 1))
        lease.state = LeaseState.TERMINATED
        lease.save()
        assert days_of(company, "lease_end", date(2026, 12, 1)) == [date(2026, 12, 1)]
        assert days_of(company, "lease_end", date(2026, 12, 2)) == []
        assert days_of(company, "extension") == []


class TestCompanies:
    def test_the_last_day_on_which_it_is_young_enough_by_the_rules_for_leases(self):
        company = resident(founded_on=date(2020, 3, 1))
        assert days_of(company, "age_limit") == [date(2027, 2, 28)]
        rules = {name: getattr(policies.policy_on(TODAY), name) for name in LeasePolicy.NUMBERS}
        LeasePolicy.objects.create(
            **{**rules, "age_years": 8},
            starts_on=TODAY,
            source="규정",
            reason="개정",
            set_at=moment(2026, 11, 1),
        )
        assert days_of(company, "age_limit", TODAY - timedelta(days=1)) == [date(2027, 2, 28)]
        assert days_of(company, "age_limit") == [date(2028, 2, 29)]

    def test_who_never_said_when_it_was_founded_has_no_such_day(self):
        assert days_of(resident(founded_on=None), "age_limit") == []

    def test_only_residents_have_days(self):
        gone = resident(founded_on=date(2020, 1, 1))
        Residency.objects.filter(company=gone).update(
            state="graduated", period=days(date(2026, 1, 4), date(2026, 6, 30))
        )
        assert clocks(gone) == []
        assert clocks(CompanyFactory()) == []

    def test_the_register_is_looked_up_again_after_six_months(self):
        company = resident()
        assert days_of(company, "registration") == [date(2027, 4, 1)]
        ClockRules.objects.update(recheck_months=1)
        assert days_of(company, "registration") == [date(2026, 11, 1)]

    def test_the_latest_look_counts_and_a_closed_business_is_due_at_once(self):
        company = resident()
        RegistrationCheckFactory(company=company, status="closed", checked_on=date(2026, 11, 20))
        (clock,) = [each for each in clocks(company) if each.kind == "registration"]
        assert clock.due == date(2026, 11, 20)
        with translation.override("en"):
            assert clock.todo == "The registration is “Closed down”: please settle what follows"


class TestDuties:
    def test_the_confirmed_one_that_lasts_longest_counts(self):
        company = resident()
        kind = DutyKindFactory()
        DutyFactory(company=company, kind=kind, valid_until=date(2027, 3, 31))
        DutyFactory(company=company, kind=kind, valid_until=date(2027, 1, 31))
        (clock,) = [each for each in clocks(company) if each.object_id == kind.pk and each.kind == "duty"]
        assert clock.due == date(2027, 3, 31)

    def test_what_waits_or_was_refused_does_not_count(self):
        company = resident()
        kind = DutyKindFactory(grace_days=10)
        refused = {"state": "refused", "reason": "다른 회사의 증권"}
        DutyFactory(company=company, kind=kind, valid_until=date(2027, 1, 31), **refused)
        waits = DutyFactory(
            company=company, kind=kind, valid_until=date(2027, 3, 31), state="submitted", decided_at=None
        )
        (clock,) = [each for each in clocks(company) if each.object_id == kind.pk and each.kind == "duty"]
        assert (clock.due, clock.details["waiting"], clock.details["had"]) == (date(2026, 1, 14), True, False)
        waits.state, waits.decided_at = "confirmed", moment(2026, 11, 22)
        waits.save()
        (clock,) = [each for each in clocks(company) if each.object_id == kind.pk and each.kind == "duty"]
        assert (clock.due, clock.details["waiting"], clock.details["had"]) == (date(2027, 3, 31), False, True)

    def test_a_kind_that_is_not_asked_for_has_no_day(self):
        company = resident()
        DutyKind.objects.update(active=False)
        assert days_of(company, "duty") == []


class TestReportsAndCredits:
    def test_a_report_is_due_until_it_is_submitted(self):
        company = resident()
        period = ReportingPeriodFactory(due_on=date(2026, 12, 31))
        assert days_of(company, "report") == [date(2026, 12, 31)]
        report = KpiReportFactory(company=company, period=period)
        assert days_of(company, "report") == [date(2026, 12, 31)]
        report.state, report.submitted_at = "submitted", moment(2026, 11, 22)
        report.save()
        assert days_of(company, "report") == []

    def test_who_came_after_the_period_has_nothing_to_report(self):
        ReportingPeriodFactory(due_on=date(2026, 12, 31))
        assert days_of(resident(since=date(2026, 9, 30)), "report") == [date(2026, 12, 31)]
        assert days_of(resident(since=date(2026, 10, 1)), "report") == []

    def test_credits_that_are_left_end_with_their_grant(self):
        company = resident()
        lot = grant(company, 5 * GFLOP_PER_PFH)
        (clock,) = [each for each in clocks(company) if each.kind == "credits"]
        assert (clock.object_id, clock.due) == (lot.pk, date(2026, 12, 31))
        assert "5.000" in clock.label
        assert Decimal(clock.details["gflop"]) == 5 * GFLOP_PER_PFH


class TestReaders:
    def test_what_comes_first_comes_first(self):
        one, two = resident(), resident()
        lease_until(one, date(2027, 3, 31))
        lease_until(two, date(2027, 1, 31))
        assert [each.due for each in clocks()] == sorted(each.due for each in clocks())

    def test_a_founder_sees_the_own_company_without_the_camps_own_looks(self):
        one, two = resident(), resident()
        lease_until(one, date(2027, 3, 31))
        lease_until(two, date(2027, 1, 31))
        seen = clocks(user=founder_of(one))
        assert {each.company_id for each in seen} == {one.pk}
        assert {each.kind for each in seen} == {"lease_end", "extension", "duty"}

    def test_investors_and_strangers_see_none(self):
        lease_until(resident(), date(2027, 3, 31))
        reader = founder_of(CompanyFactory())
        assert clocks(user=acting(reader, "investor", 1)) == []
        assert clocks(user=acting(reader, "public")) == []

    def test_words_for_managers_and_founders_in_both_languages(self):
        company = resident(founded_on=date(2020, 1, 1))
        lease = lease_until(company, date(2027, 3, 31))
        ExtensionRequestFactory(lease=lease, until=date(2027, 9, 30))
        ReportingPeriodFactory(due_on=date(2026, 12, 31))
        grant(company, 5 * GFLOP_PER_PFH)
        lease_until(company, date(2027, 1, 31))
        found = clocks(company)
        assert {each.kind for each in found} == {
            "lease_end", "extension", "decision", "age_limit", "duty", "report", "registration", "credits"
        }  # fmt: skip
        for language in ("ko", "en"):
            with translation.override(language):
                for each in found:
                    assert each.title
                    assert each.todo
                    assert each.responsible_label
                    assert each.office_url.startswith("/admin/")
                    assert each.portal_url.startswith("/portal/")

    @pytest.mark.parametrize("count", [1, 3])
    def test_all_of_it_is_one_query(self, count):
        for n in range(count):
            company = resident(founded_on=date(2020, 1, 1))
            lease_until(company, TODAY + timedelta(days=100 + n))
        reader = acting_staff()
        with CaptureQueriesContext(connection) as queries:
            assert len({each.company_id for each in selectors.clocks_for(reader, TODAY)}) == count
        assert len(queries) == 1
