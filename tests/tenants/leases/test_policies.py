"""The rules for leases: dated rows, and each breach in words with its value and its source."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from incubator.common.enums import Sector
from incubator.common.errors import Invalid, NotAllowed
from incubator.common.periods import days
from tenants.leases import services
from tenants.leases.enums import LeaseState
from tenants.leases.errors import (
    CompanyTooOld,
    ExtensionStepTooLong,
    NewIndustriesShorter,
    PolicyInThePast,
    PolicyOutOfOrder,
    ReasonMissing,
    TermTooLong,
    TooManyYears,
)
from tenants.leases.limits import age_limit, days_held
from tenants.leases.models import Lease, LeasePolicy
from tenants.leases.selectors.policies import policy_on
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory
from tests.factories.leases import LeaseFactory, RateFactory, SpaceFactory, moment, set_rules

pytestmark = pytest.mark.django_db

NOW = moment(2026, 11, 22)
FIRST, LAST = date(2026, 12, 1), date(2027, 11, 30)


def draft(**changes):
    values = {
        "company": changes.pop("company", None) or CompanyFactory(),
        "space": changes.pop("space", None) or SpaceFactory(),
        "first_day": FIRST,
        "last_day": LAST,
        "legal_basis": "창업지원 무상임대",
        "actor": None,
        "now": NOW,
    }
    return services.draft_lease(**{**values, **changes})


def test_the_first_rules_are_those_that_the_settings_held():
    first = policy_on(date(2020, 5, 5))
    assert (first.starts_on, first.term_months, first.age_years, first.years_in_all) == (
        date(2000, 1, 1),
        24,
        7,
        5,
    )
    assert first.source


def test_of_two_rows_the_later_day_holds_from_its_day_on_and_not_before():
    set_rules(date(2026, 12, 1), term_months=6)
    set_rules(date(2026, 12, 1), term_months=9)
    assert policy_on(date(2026, 11, 30)).term_months == 24
    assert policy_on(date(2026, 12, 1)).term_months == 9
    draft(last_day=date(2028, 11, 30), now=moment(2026, 11, 30, 23))
    with pytest.raises(TermTooLong):
        draft(last_day=date(2027, 8, 31), now=moment(2026, 12, 1, 0), first_day=date(2026, 11, 30))


def test_rows_are_only_added():
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        LeasePolicy.objects.update(term_months=99)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        LeasePolicy.objects.all().delete()


def test_who_sets_rules_and_what_is_refused():
    values = {"starts_on": date(2027, 1, 1), "source": "운영규정", "reason": "개정", "now": NOW}
    made = services.set_lease_policy(**values, actor=acting_staff("director"), term_months=12)
    assert (made.term_months, made.holdover_days) == (12, 14)
    with pytest.raises(NotAllowed):
        services.set_lease_policy(**values, actor=acting_staff("leases"))
    with pytest.raises(PolicyInThePast):
        services.set_lease_policy(**{**values, "starts_on": date(2026, 11, 21)}, actor=None)
    with pytest.raises(ReasonMissing):
        services.set_lease_policy(**{**values, "reason": " "}, actor=None)
    with pytest.raises(PolicyOutOfOrder):
        services.set_lease_policy(**values, actor=None, notice_days=60, longest_notice_days=59)
    with pytest.raises(NewIndustriesShorter):
        services.set_lease_policy(**values, actor=None, age_years=8, new_industry_age_years=7)
    with pytest.raises(Invalid) as caught:
        services.set_lease_policy(**values, actor=None, term_months=0)
    assert caught.value.field == "term_months"
    with pytest.raises(Invalid):
        services.set_lease_policy(**{**values, "source": ""}, actor=None)


def test_a_company_may_stay_until_the_day_before_it_is_seven():
    set_rules()
    company = CompanyFactory(founded_on=date(2020, 12, 1))
    draft(company=company)
    with pytest.raises(CompanyTooOld) as caught:
        draft(company=CompanyFactory(founded_on=date(2020, 11, 30)))
    assert caught.value.params == {
        "years": 7,
        "founded": "2020. 11. 30. (월)",
        "latest": "2027. 11. 29. (월)",
        "source": "운영규정 제12조",
    }
    assert "운영규정 제12조" in str(caught.value)


def test_ten_years_in_a_notified_new_industry_and_no_limit_where_the_founding_is_unknown():
    old = CompanyFactory(founded_on=date(2018, 1, 1), sectors=[Sector.MOBILITY])
    with pytest.raises(CompanyTooOld):
        draft(company=old)
    set_rules(new_industries=[Sector.MOBILITY])
    draft(company=old)
    assert age_limit(old, policy_on(FIRST)) == (10, date(2027, 12, 31))
    draft(company=CompanyFactory(founded_on=None))


def test_days_in_all_are_counted_once_however_many_spaces():
    assert days_held([(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 1, 15), date(2026, 2, 3))]) == 33
    set_rules(years_in_all=2)
    company = CompanyFactory()
    for _space in range(2):
        LeaseFactory(
            company=company, state=LeaseState.ENDED, period=days(date(2025, 12, 1), date(2026, 11, 30))
        )
    draft(company=company)
    with pytest.raises(TooManyYears) as caught:
        draft(company=company, last_day=date(2027, 12, 1))
    assert caught.value.params == {"years": 2, "days": "731", "allowed": "730", "source": "운영규정 제12조"}


def test_one_extension_has_a_length_of_its_own():
    set_rules(extension_months=6)
    lease = LeaseFactory()  # until 2027-01-03
    asking = {"lease": lease, "reason": "연구", "actor": None, "now": NOW}
    with pytest.raises(ExtensionStepTooLong) as caught:
        services.request_extension(until=date(2027, 7, 4), **asking)
    assert caught.value.params == {"months": 6, "latest": "2027. 7. 3. (토)", "source": "운영규정 제12조"}
    services.request_extension(until=date(2027, 7, 3), **asking)


def test_an_offer_is_measured_by_the_rules_of_its_own_day():
    lease = draft()
    set_rules(date(2026, 11, 22), term_months=6)
    with pytest.raises(TermTooLong):
        services.offer_lease(lease=lease, actor=None, now=NOW)
    lease.refresh_from_db()
    assert lease.state == LeaseState.DRAFT


def test_what_is_agreed_stays_and_what_goes_on_elsewhere_is_not_asked_anew():
    lease = LeaseFactory(company__founded_on=date(2015, 1, 1))
    set_rules(date(2026, 11, 22), age_years=3)
    space = RateFactory().space
    services.move_company(lease=lease, space=space, first_day=date(2026, 12, 1), actor=None, now=NOW)
    assert Lease.objects.filter(company=lease.company).count() == 2


def test_the_setting_is_gone_from_the_database_too():
    with connection.cursor() as cursor:
        names = {
            column.name
            for column in connection.introspection.get_table_description(cursor, "common_campsettings")
        }
    assert "lease_max_months" not in names
