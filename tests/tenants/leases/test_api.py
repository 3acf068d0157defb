"""Spaces and leases for machines."""

from datetime import date

import pytest
from django.test import Client

from tenants.leases import services
from tenants.leases.enums import LeaseState
from tenants.leases.models import ExtensionRequest, Lease
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory
from tests.factories.leases import LeaseFactory, RateFactory, SpaceFactory
from tests.tenants.leases.test_pages import asking, queries, running

pytestmark = pytest.mark.django_db

LEASES, SPACES = "/api/v1/leases/", "/api/v1/spaces/"


def staff(*groups) -> Client:
    return sign_in(Client(), staff_member(*groups))


def founder(company) -> Client:
    return sign_in(Client(), MembershipFactory(company=company).user)


def ids(response):
    return {row["id"] for row in response.json()["results"]}


def contract(**changes):
    return {
        "company": CompanyFactory().pk,
        "space": SpaceFactory().pk,
        "first_day": "2026-01-04",
        "last_day": "2027-01-03",
        "legal_basis": "창업지원 무상임대",
        **changes,
    }


def post(client, address, values):
    return client.post(address, values, content_type="application/json")


def test_a_space_says_where_it_is_how_it_is_furnished_and_whether_it_is_free():
    space = SpaceFactory(plan_x=1, plan_y=2, plan_w=3, plan_h=4, equipment=["sink"], condition="repair")
    row = staff("credits").get(f"{SPACES}{space.pk}/").json()
    assert row["position"] == {"x": 1, "y": 2, "w": 3, "h": 4}
    assert (row["equipment"], row["condition"]) == (["sink"], "repair")
    other = SpaceFactory()
    assert staff().get(f"{SPACES}{other.pk}/").json()["position"] is None
    assert ids(staff().get(SPACES, {"condition": "repair"})) == {space.pk}


def test_a_founder_and_a_manager_find_the_same_vacant_spaces():
    mine, other, offered = LeaseFactory(), LeaseFactory(), LeaseFactory(state=LeaseState.OFFERED)
    free, closed, off = SpaceFactory(), SpaceFactory(), SpaceFactory(active=False)
    services.block_space(
        space=closed, first_day=date(2026, 5, 1), last_day=None, kind="event", note="x", actor=None
    )
    for client in (staff("credits"), founder(mine.company)):
        assert ids(client.get(SPACES, {"vacant_on": "2026-06-01"})) == {free.pk}
        assert ids(client.get(SPACES, {"vacant_on": "2026-04-30"})) == {free.pk, closed.pk}
        assert ids(client.get(SPACES, {"vacant_on": "2027-01-04", "active": "true"})) == {
            free.pk,
            mine.space_id,
            other.space_id,
            offered.space_id,
        }
        assert client.get(SPACES, {"vacant_on": "tomorrow"}).status_code == 400
    assert off.pk not in ids(staff().get(SPACES, {"vacant_on": "2020-01-01"}))


def test_lists_show_what_the_role_sees():
    mine, other = LeaseFactory(), LeaseFactory()
    draft = LeaseFactory(company=mine.company, state=LeaseState.DRAFT)
    assert ids(staff("consulting").get(LEASES)) == {mine.pk, other.pk, draft.pk}
    client = founder(mine.company)
    assert ids(client.get(LEASES)) == {mine.pk}
    assert ids(client.get(SPACES)) == {lease.space_id for lease in (mine, other, draft)}
    assert client.get(f"{LEASES}{mine.pk}/").json()["last_day"] == "2027-01-03"
    assert client.get(f"{LEASES}{other.pk}/").status_code == 404
    assert client.get(f"{LEASES}{draft.pk}/").status_code == 404
    assert Client().get(LEASES).status_code in (401, 403)


def test_a_manager_records_a_contract():
    values = contract()
    response = post(staff("leases"), LEASES, values)
    assert response.status_code == 201
    lease = Lease.objects.get()
    assert response["Location"] == f"{LEASES}{lease.pk}/"
    assert {name: response.json()[name] for name in values} == values
    assert response.json()["id"] == lease.pk


def test_a_taken_space_is_a_conflict_in_words():
    taken = LeaseFactory()
    response = post(staff("leases"), LEASES, contract(space=taken.space_id))
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert response.json()["code"] == "space_taken"
    assert list(response.json()["errors"]) == ["space"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"company": 10**18}, "company"),
        ({"space": "x"}, "space"),
        ({"first_day": "2027-02-29"}, "first_day"),
        ({"last_day": None}, "last_day"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"legal_basis": "가" * 201}, "legal_basis"),
        ({"legal_basis": "a\x00b"}, "legal_basis"),
    ],
)
def test_wrong_values_are_named(changes, field):
    response = post(staff("leases"), LEASES, contract(**changes))
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert Lease.objects.count() == 0


def test_who_may_not_write_is_told_nothing_else():
    company = CompanyFactory()
    assert post(staff("auditor"), LEASES, contract()).status_code == 403
    for client in (founder(company), staff("consulting")):
        response = post(client, LEASES, contract(company=company.pk, space=10**9))
        assert (response.status_code, response.json()["code"]) == (403, "not_allowed")
    assert Client().post(LEASES, contract(), content_type="application/json").status_code in (401, 403)


def test_a_founder_asks_to_stay():
    lease, other = running(90), running(90)
    client = founder(lease.company)
    response = post(client, f"{LEASES}{lease.pk}/extension/", asking())
    assert response.status_code == 201
    assert response.json()["state"] == "open"
    assert post(client, f"{LEASES}{lease.pk}/extension/", asking()).json()["code"] == "extension_open"
    assert post(client, f"{LEASES}{other.pk}/extension/", asking()).status_code == 404
    late = running(10, company=lease.company)
    assert post(client, f"{LEASES}{late.pk}/extension/", asking()).json()["code"] == "asked_too_late"
    assert post(staff("consulting"), f"{LEASES}{other.pk}/extension/", asking()).status_code == 403
    assert ExtensionRequest.objects.count() == 1


@pytest.mark.parametrize("address", [LEASES, SPACES])
def test_lists_ask_the_same_of_one_and_of_three(address):
    client, counts = staff("leases"), []
    for more in (1, 2):
        for _each in range(more):
            RateFactory(space=LeaseFactory().space)
        assert len(client.get(address).json()["results"]) in (1, 3)
        counts.append(queries(client, address))
    assert counts[0] == counts[1]
