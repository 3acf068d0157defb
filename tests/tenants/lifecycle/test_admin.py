"""Managers' pages on stays: the verbs that fit a state, and what stands in their way."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from tenants.companies.models import Residency
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, ResidencyFactory
from tests.factories.leases import LeaseFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db

LIST = "/admin/companies/residency/"


@pytest.fixture
def office():
    return sign_in(Client(), staff_member(StaffGroup.LEASES))


def test_a_company_comes_again(office):
    company = CompanyFactory()
    assert office.get(f"{LIST}add/").status_code == 200
    answer = office.post(f"{LIST}add/", {"company": company.pk, "first_day": "2026-03-01"})
    assert answer.status_code == 302
    stay = Residency.objects.get()
    assert (stay.state, stay.period.lower) == ("admitted", date(2026, 3, 1))

    twice = office.post(f"{LIST}add/", {"company": company.pk, "first_day": "2026-03-01"})
    assert (twice.status_code, list(twice.context["adminform"].form.errors)) == (200, ["first_day"])


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        ("admitted", ["move-in", "leave"]),
        ("resident", ["graduate", "leave"]),
        ("graduated", []),
        ("left_early", []),
    ],
)
def test_only_the_verbs_that_fit_are_offered(office, state, verbs):
    stay = ResidencyFactory(state=state, period=(date(2025, 1, 1), date(2026, 1, 1)))
    page = office.get(f"{LIST}{stay.pk}/change/").content.decode()
    offered = [verb for verb in ("move-in", "graduate", "leave") if f"{LIST}{stay.pk}/{verb}" in page]
    assert offered == verbs


def test_moving_in_and_graduating(office):
    stay = ResidencyFactory(state="admitted")
    today = timezone.localdate()
    assert office.get(f"{LIST}{stay.pk}/move-in/").status_code == 200
    office.post(f"{LIST}{stay.pk}/move-in/", {"first_day": "2026-02-01"})
    stay.refresh_from_db()
    assert (stay.state, stay.period.lower) == ("resident", date(2026, 2, 1))

    lease = LeaseFactory(
        company=stay.company, state="active", period=(date(2026, 2, 1), today + timedelta(days=90))
    )
    refused = office.post(f"{LIST}{stay.pk}/graduate/", {"last_day": today, "reason": "계획대로 마침"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (200, ["last_day"])
    assert 'value="계획대로 마침"' in refused.content.decode()

    type(lease).objects.filter(pk=lease.pk).update(state="draft")
    done = office.post(f"{LIST}{stay.pk}/graduate/", {"last_day": today, "reason": "계획대로 마침"})
    assert done["Location"] == f"{LIST}{stay.pk}/change/"
    stay.refresh_from_db()
    assert (stay.state, stay.reason) == ("graduated", "계획대로 마침")

    again = office.post(f"{LIST}{stay.pk}/graduate/", {"last_day": today, "reason": ""})
    assert (again.status_code, list(again.context["form"].errors)) == (200, ["__all__"])


def test_leaving_early_needs_a_reason(office):
    stay = ResidencyFactory()
    path = f"{LIST}{stay.pk}/leave/"
    refused = office.post(path, {"last_day": timezone.localdate(), "reason": ""})
    assert list(refused.context["form"].errors) == ["reason"]
    office.post(path, {"last_day": timezone.localdate(), "reason": "이전"})
    stay.refresh_from_db()
    assert stay.state == "left_early"


@pytest.mark.parametrize("group", [StaffGroup.CONSULTING, StaffGroup.AUDITOR])
def test_other_managers_see_no_verb(group):
    stay = ResidencyFactory()
    client = sign_in(Client(), staff_member(group))
    assert f"{LIST}{stay.pk}/graduate" not in client.get(f"{LIST}{stay.pk}/change/").content.decode()
    for verb in ("move-in", "graduate", "leave"):
        assert client.get(f"{LIST}{stay.pk}/{verb}/").status_code == 403
        assert client.post(f"{LIST}{stay.pk}/{verb}/", {"last_day": "2026-02-01"}).status_code == 403


def test_an_unknown_stay_is_404(office):
    assert office.get(f"{LIST}987654/graduate/").status_code == 404


def test_the_list_costs_the_same_with_three_rows_as_with_one(office):
    ResidencyFactory()
    one = cost(office, LIST)
    ResidencyFactory.create_batch(3)
    assert cost(office, LIST) == one
    assert one <= 12
