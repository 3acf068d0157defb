"""A founder's lease page, and asking to stay."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incubator.common.periods import days
from tenants.leases import selectors
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.models import ExtensionRequest, Lease
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, RateFactory, SpaceFactory

pytestmark = pytest.mark.django_db

HOME = "/portal/lease/"


def running(left=42, **values):
    """A lease that ends in so many days, a year after it began."""
    last = timezone.localdate() + timedelta(days=left)
    return LeaseFactory(period=days(last - timedelta(days=364), last), **values)


def as_founder(company, language="ko") -> Client:
    client = Client(headers={"accept-language": language})
    return sign_in(client, MembershipFactory(company=company).user)


def text_of(response):
    return response.content.decode()


def asking(**changes):
    return {
        "until": str(timezone.localdate() + timedelta(days=300)),
        "reason": "후속 투자를 마칠 때까지",
        **changes,
    }


def test_the_page_counts_the_days_and_shows_the_way_to_stay():
    lease = running()
    RateFactory(space=lease.space)
    page = text_of(as_founder(lease.company, "en").get(HOME))
    assert "Your lease ends in 42 days." in page
    assert "D-42" in page
    assert reverse("leases:extension", args=[lease.pk]) in page
    assert lease.space.code in page


def test_a_company_without_a_lease_is_told_what_will_be_here():
    response = as_founder(CompanyFactory(), "en").get(HOME)
    assert response.status_code == 200
    assert "You have no lease yet." in text_of(response)


def test_two_rooms_stand_side_by_side_and_old_ones_below():
    company = CompanyFactory()
    rooms = [
        running(left, company=company, space=SpaceFactory(code=code))
        for left, code in ((90, "R-090"), (10, "R-010"))
    ]
    past = running(-100, company=company, space=SpaceFactory(code="R-OLD"), state=LeaseState.ENDED)
    for lease in (*rooms, past):
        RateFactory(space=lease.space)
    page = text_of(as_founder(company).get(HOME))
    assert 0 < page.index("R-010") < page.index("R-090") < page.index("R-OLD")
    assert ("D-10" in page, "D-90" in page) == (True, True)


@pytest.mark.parametrize("state", LeaseState)
@pytest.mark.parametrize("left", [400, 20, 0, -3])
def test_every_state_has_a_page(state, left):
    lease = running(left, state=state)
    ExtensionRequestFactory(
        lease=lease, state=ExtensionState.REFUSED, decided_at=timezone.now(), decision_reason="자리 없음"
    )
    assert as_founder(lease.company).get(HOME).status_code == 200


def test_what_never_began_and_days_without_a_rate_have_a_page():
    lease = running()
    LeaseFactory(company=lease.company, state=LeaseState.TERMINATED, period="empty")
    page = text_of(as_founder(lease.company, "en").get(HOME))
    assert "The amount cannot be given yet" in page


def test_a_founder_asks_to_stay_and_takes_it_back():
    lease = running(90)
    client = as_founder(lease.company)
    address = reverse("leases:extension", args=[lease.pk])
    assert client.get(address).status_code == 200
    response = client.post(address, asking())
    assert (response.status_code, response["Location"]) == (302, HOME)
    asked = ExtensionRequest.objects.get()
    assert (asked.lease, asked.state, asked.reason) == (lease, "open", "후속 투자를 마칠 때까지")
    response = client.post(reverse("leases:withdraw", args=[asked.pk]))
    assert (response.status_code, response["Location"]) == (302, HOME)
    asked.refresh_from_db()
    assert asked.state == ExtensionState.WITHDRAWN
    assert client.post(reverse("leases:withdraw", args=[asked.pk]), follow=True).status_code == 200


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost():
    lease = running(90)
    client, address = as_founder(lease.company, "en"), reverse("leases:extension", args=[lease.pk])
    response = client.post(address, asking(until=str(lease.last_day)))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["until"]
    assert "후속 투자를 마칠 때까지" in text_of(response)
    late = running(10, company=lease.company)
    response = client.post(reverse("leases:extension", args=[late.pk]), asking())
    assert list(response.context["form"].errors) == ["__all__"]
    assert "at least one month before the end" in text_of(response)
    assert ExtensionRequest.objects.count() == 0


@pytest.mark.parametrize(
    "hostile",
    [
        {"until": "2027-02-29"},
        {"until": ""},
        {"until": "내일"},
        {"until": "9999-12-31"},
        {"until": "0001-01-01"},
        {"reason": ""},
        {"reason": "가" * 1001},
        {"reason": "가" * 300_000},
        {"reason": "\u202e\ud7ff<script>alert(1)</script>", "until": "20270101; DROP TABLE"},
    ],
)
def test_hostile_values_are_refused_in_words(hostile):
    lease = running(90)
    response = as_founder(lease.company).post(reverse("leases:extension", args=[lease.pk]), asking(**hostile))
    assert response.status_code == 200
    assert response.context["form"].errors
    assert ExtensionRequest.objects.count() == 0


def test_nul_and_a_missing_token_are_refused():
    lease = running(90)
    address = reverse("leases:extension", args=[lease.pk])
    assert as_founder(lease.company).post(address, asking(reason="a\x00b")).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, MembershipFactory(company=lease.company).user)
    assert strict.post(address, asking()).status_code == 403


def test_somebody_elses_lease_does_not_exist():
    lease = running(90)
    asked = ExtensionRequestFactory(lease=lease)
    draft = running(90, state=LeaseState.DRAFT)
    client = as_founder(draft.company)
    for address in (reverse("leases:extension", args=[pk]) for pk in (lease.pk, draft.pk, 10**18)):
        assert client.get(address).status_code == 404
        assert client.post(address, asking()).status_code == 404
    assert client.post(reverse("leases:withdraw", args=[asked.pk])).status_code == 404
    assert client.get(reverse("leases:withdraw", args=[asked.pk])).status_code == 405
    manager = sign_in(Client(), staff_member("leases"))
    assert manager.get(HOME).status_code == 404


def test_the_wall_hides_what_a_broken_selector_would_show(monkeypatch):
    mine, other = running(), running(50, space=SpaceFactory(code="SECRET-1"), legal_basis="남의 근거")
    ExtensionRequestFactory(lease=other, reason="남의 사정")
    client = as_founder(mine.company)
    monkeypatch.setattr(
        selectors,
        "leases_for",
        lambda user: Lease.objects.select_related("company", "space__building", "space__floor"),
    )
    monkeypatch.setattr(selectors, "extension_requests_for", lambda user: ExtensionRequest.objects.all())
    page = text_of(client.get(HOME))
    assert "D-42" in page
    assert [found in page for found in ("SECRET-1", "남의 근거", "남의 사정")] == [False, False, False]
    assert client.get(reverse("leases:extension", args=[other.pk])).status_code == 404


def queries(client, address):
    """How many statements a page takes, of which at most seven are its own. The settings row is cached outside the tests."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    tables = [
        query["sql"]
        for query in captured
        if '"leases_' in query["sql"] or '"companies_company' in query["sql"]
    ]
    assert len(tables) <= 7
    return len([query for query in captured if "common_campsettings" not in query["sql"]])


def test_the_page_asks_the_same_of_one_lease_and_of_three():
    counts = []
    for number in (1, 3):
        company = CompanyFactory()
        for _each in range(number):
            lease = running(90, company=company)
            RateFactory(space=lease.space)
            ExtensionRequestFactory(lease=lease, until=date(2030, 1, 1))
        counts.append(queries(as_founder(company), HOME))
    assert counts[0] == counts[1]
