"""What the database refuses, by the name of its constraint."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tenants.companies.models import Company, Membership
from tests.factories.companies import CompanyFactory, MembershipFactory, ResidencyFactory

pytestmark = pytest.mark.django_db


def refused_by(error) -> str:
    return error.value.__cause__.diag.constraint_name


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"business_number": "123456789"}, "companies_business_number_form"),
        ({"business_number": "１２３４５６７８９０"}, "companies_business_number_form"),
        ({"corporate_number": "123"}, "companies_corporate_number_form"),
        ({"stage": "unicorn"}, "companies_stage_known"),
        ({"region": "moon"}, "companies_region_known"),
        ({"sectors": ["healthcare", "gambling"]}, "companies_sectors_known"),
        ({"revenue_krw": -1}, "companies_revenue_not_negative"),
        ({"ask_krw": 0}, "companies_ask_positive"),
        ({"cluster_account": ""}, "companies_account_not_empty"),
        ({"employees": -1}, "companies_company_employees_check"),
    ],
)
def test_a_company_keeps_its_form(values, constraint):
    company = CompanyFactory()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Company.objects.filter(pk=company.pk).update(**values)
    assert refused_by(error) == constraint


@pytest.mark.parametrize("field", ["business_number", "slug", "cluster_account"])
def test_what_names_a_company_names_one(field):
    first = CompanyFactory(cluster_account="gj001")
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        CompanyFactory(**{field: getattr(first, field)})
    assert refused_by(error).startswith(f"companies_company_{field}")


def test_many_companies_have_no_cluster_account():
    CompanyFactory.create_batch(2, cluster_account=None)
    assert Company.objects.filter(cluster_account=None).count() == 2


def test_a_person_is_a_member_once():
    member = MembershipFactory()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        MembershipFactory(company=member.company, user=member.user, level="member")
    assert refused_by(error) == "companies_member_once"
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(level="king")
    assert refused_by(error) == "companies_member_level_known"


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (DateRange(date(2026, 1, 1), None), DateRange(date(2030, 1, 1), None), True),
        (DateRange(date(2026, 1, 1), date(2026, 6, 1)), DateRange(date(2026, 5, 31), None), True),
        (DateRange(date(2026, 1, 1), date(2026, 6, 1)), DateRange(date(2026, 6, 1), None), False),
    ],
)
def test_a_company_stays_once_on_a_day(first, second, overlap):
    company = CompanyFactory()
    ResidencyFactory(company=company, period=first)
    ResidencyFactory(period=second)  # another company's stay never matters
    if not overlap:
        ResidencyFactory(company=company, period=second)
        return
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ResidencyFactory(company=company, period=second)
    assert refused_by(error) == "companies_one_residency_a_day"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        (
            {"state": "haunting", "period": DateRange(date(2026, 1, 1), date(2026, 2, 1))},
            "companies_residency_state_known",
        ),
        ({"period": DateRange(None, date(2027, 1, 1))}, "companies_residency_has_start"),
        ({"period": DateRange(date(2026, 1, 1), date(2026, 1, 1))}, "companies_residency_has_start"),
        ({"state": "graduated"}, "companies_residency_ended_has_end"),
        ({"state": "left_early"}, "companies_residency_ended_has_end"),
    ],
)
def test_a_stay_keeps_its_form(values, constraint):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ResidencyFactory(**values)
    assert refused_by(error) == constraint
