"""Firms, matches and introductions for machines."""

from typing import Any

import pytest
from django.test import Client

from incubator.audit.models import AccessEvent
from investors.matching.models import DisclosureGrant, Introduction
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.firms import FirmFactory, MandateFactory, investor_of
from tests.factories.matching import DisclosureGrantFactory, IntroductionFactory, MatchFactory
from tests.queries import cost_of as statements

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def as_(user: Any) -> Client:
    return sign_in(Client(), user)


def ids(client: Client, path: str) -> set[int]:
    response = client.get(API + path)
    assert response.status_code == 200
    return {row["id"] for row in response.json()["results"]}


def post(client: Client, path: str, data: Any) -> Any:
    return client.post(API + path, data, content_type="application/json")


def test_who_sees_which_rows() -> None:
    mine, theirs = DisclosureGrantFactory().introduction, DisclosureGrantFactory().introduction
    asked = IntroductionFactory(match__company=mine.company, match__firm=theirs.firm)
    draft = MatchFactory(company=mine.company, published=False)
    staff, founder = as_(staff_member("leases")), as_(founder_of(mine.company))
    investor, stranger = as_(investor_of(mine.firm)), as_(founder_of(CompanyFactory()))
    assert ids(staff, "matches/") == {mine.match_id, theirs.match_id, asked.match_id, draft.pk}
    assert ids(founder, "matches/") == {mine.match_id, asked.match_id}
    assert ids(investor, "matches/") == {mine.match_id}
    assert ids(stranger, "matches/") == set()
    assert ids(staff, "introductions/") == {mine.pk, theirs.pk, asked.pk}
    assert ids(founder, "introductions/") == {mine.pk, asked.pk}
    assert ids(investor, "introductions/") == {mine.pk}
    assert ids(stranger, "introductions/") == set()
    assert ids(investor, "firms/") == {mine.firm_id}
    assert ids(founder, "firms/") == set()
    assert investor.get(f"{API}introductions/{theirs.pk}/").status_code == 404
    assert investor.get(f"{API}matches/{theirs.match_id}/").status_code == 404


def test_an_investor_reads_neither_decisions_nor_messages() -> None:
    introduction = DisclosureGrantFactory().introduction
    investor = as_(investor_of(introduction.firm))
    match = investor.get(f"{API}matches/{introduction.match_id}/").json()
    assert set(match) == {"id", "run", "company", "firm", "score", "components", "missing"}
    assert sum(part["contribution"] for part in match["components"]) == match["score"]
    shown = investor.get(f"{API}introductions/{introduction.pk}/").json()
    assert {"message", "note"} & set(shown) == set()
    assert set(AccessEvent.objects.values_list("task", flat=True)) == {
        "matches by API",
        "introductions by API",
    }


def test_staff_introduce() -> None:
    match = MatchFactory()
    data = {"match": match.pk, "items": ["contact"], "message": "안녕하십니까"}
    response = post(as_(staff_member("matching")), "introductions/", data)
    introduction = Introduction.objects.get()
    assert (response.status_code, response["Location"]) == (201, f"{API}introductions/{introduction.pk}/")
    assert response.json()["state"] == "asked"
    again = post(as_(staff_member("matching")), "introductions/", data)
    assert (again.status_code, again.json()["code"]) == (409, "introduction_exists")


def test_others_do_not_introduce() -> None:
    match = MatchFactory()
    data = {"match": match.pk, "items": ["contact"]}
    for user in (staff_member("leases"), founder_of(match.company), investor_of(match.firm)):
        assert post(as_(user), "introductions/", data).status_code == 403
    assert Introduction.objects.count() == 0


def test_the_company_answers() -> None:
    introduction = IntroductionFactory()
    path = f"introductions/{introduction.pk}/answer/"
    for user in (staff_member("matching"), investor_of(introduction.firm), founder_of(CompanyFactory())):
        assert post(as_(user), path, {"consent": True}).status_code in (403, 404)
    response = post(as_(founder_of(introduction.company)), path, {"consent": True, "items": ["revenue"]})
    assert (response.status_code, response.json()["state"]) == (200, "consented")
    assert DisclosureGrant.objects.get().items == ["revenue"]
    again = post(as_(founder_of(introduction.company)), path, {"consent": False})
    assert (again.status_code, again.json()["code"]) == (409, "introduction_answered")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"match": "x", "items": ["contact"]},
        {"match": 10**30, "items": ["contact"]},
        {"match": 1, "items": "contact"},
        {"match": 1, "items": ["passport"]},
        {"match": 1, "items": ["contact"], "message": "가" * 1001},
        {"match": 1, "items": ["contact"], "message": "a\u0000b"},
        {"match": 1, "items": ["contact"], "until": "2027-02-29"},
        [],
    ],
)
def test_hostile_introductions_are_refused_in_words(data: Any) -> None:
    response = post(as_(staff_member("matching")), "introductions/", data)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"


def test_an_unknown_match_is_not_found() -> None:
    data = {"match": 987654, "items": ["contact"]}
    assert post(as_(staff_member("matching")), "introductions/", data).status_code == 404


@pytest.mark.parametrize("path", ["firms/", "matches/", "introductions/"])
@pytest.mark.parametrize("kind", ["staff", "investor", "founder"])
def test_lists_cost_the_same_with_more_rows(path: str, kind: str) -> None:
    firm, company = FirmFactory(), CompanyFactory(visible_to_investors=True)
    people = {
        "staff": lambda: staff_member(),
        "investor": lambda: investor_of(firm),
        "founder": lambda: founder_of(company),
    }
    client = as_(people[kind]())
    counts = []
    for _round in range(2):
        for _each in range(3):
            MandateFactory()
            DisclosureGrantFactory(introduction__match__firm=firm)
            DisclosureGrantFactory(introduction__match__company=company)
        client.get(API + path)
        counts.append(statements(lambda: client.get(API + path)))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
