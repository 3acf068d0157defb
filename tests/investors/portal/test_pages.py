"""The investors' pages: what they show, to whom, and that they cannot write."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import ProgrammingError
from django.db.utils import InternalError
from django.test import Client
from django.urls import reverse

from incubator.audit.models import AccessEvent
from investors.firms.models import Firm
from investors.matching import selectors as matching
from investors.matching.models import DisclosureGrant, Introduction, Match
from investors.matching.services import withdraw_disclosure
from tenants.companies import selectors as companies
from tenants.companies.models import Company
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.firms import FirmFactory, investor_of
from tests.factories.matching import NOW, DisclosureGrantFactory, IntroductionFactory, MatchFactory
from tests.queries import cost_of as statements

pytestmark = pytest.mark.django_db

PAGES = ["invest:home", "invest:companies", "invest:matches", "invest:schedule"]


def investor_client(firm: Firm) -> Client:
    return sign_in(Client(), investor_of(firm))


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def firm() -> Firm:
    return FirmFactory(name="무등인베스트먼트")


def make_pairs(firm: Firm, count: int) -> None:
    for _each in range(count):
        DisclosureGrantFactory(introduction__match__firm=firm, introduction__state="consented")


@pytest.mark.parametrize("name", [*PAGES, "invest:company"])
def test_queries_stay_the_same_with_more_rows(name: str, firm: Firm) -> None:
    make_pairs(firm, 1)
    company = Company.objects.get()
    address = reverse(name, args=[company.slug] if name == "invest:company" else [])
    client = investor_client(firm)
    client.get(address)
    counts = []
    for _round in range(2):
        counts.append(statements(lambda: client.get(address)))
        make_pairs(firm, 4)
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_home_shows_matches_with_two_best_reasons_then_companies(firm: Firm) -> None:
    match = MatchFactory(firm=firm)
    other = CompanyFactory(visible_to_investors=True)
    CompanyFactory(name="숨은기업")
    page = text_of(investor_client(firm).get("/invest/"))
    assert match.company.name in page
    assert "0.850" in page
    assert "0.700" in page
    assert "0.150" in page
    assert other.name in page
    assert "숨은기업" not in page


def test_a_company_that_did_not_agree_does_not_exist(firm: Firm) -> None:
    hidden = CompanyFactory()
    client = investor_client(firm)
    assert client.get(f"/invest/companies/{hidden.slug}/").status_code == 404
    assert client.get(f"/invest/companies/{hidden.slug}/picture/").status_code == 404
    assert client.get("/invest/companies/no-such-company/").status_code == 404


def test_the_list_filters_sorts_and_counts(firm: Firm) -> None:
    CompanyFactory(name="가온로봇", sectors=["robotics"], stage="series_a", visible_to_investors=True)
    CompanyFactory(name="나래에너지", sectors=["energy"], stage="seed", visible_to_investors=True)
    CompanyFactory(name="다온로봇", sectors=["robotics"], stage="seed", visible_to_investors=True)
    client = investor_client(firm)

    def names(query: str) -> list[str]:
        response = client.get(f"/invest/companies/{query}")
        assert response.status_code == 200
        return [company.name for company in response.context["page"]]

    assert names("") == ["가온로봇", "나래에너지", "다온로봇"]
    assert names("?sort=-name") == ["다온로봇", "나래에너지", "가온로봇"]
    assert names("?sort=stage") == ["나래에너지", "다온로봇", "가온로봇"]
    assert names("?sector=robotics") == ["가온로봇", "다온로봇"]
    assert names("?sector=robotics&stage=seed") == ["다온로봇"]
    assert names("?q=에너지") == ["나래에너지"]
    assert names("?sector=nonsense&stage=nonsense&sort=nonsense&page=nonsense") == names("")
    assert "1 of 3 companies" in text_of(
        client.get("/invest/companies/?q=에너지", headers={"accept-language": "en"})
    )


def test_hostile_queries_are_answered(firm: Firm) -> None:
    client = investor_client(firm)
    assert client.get("/invest/companies/", {"q": "a" * 1_000_000}).status_code == 200
    assert client.get("/invest/companies/", {"q": "%_'\"<script>"}).status_code == 200
    assert client.get("/invest/companies/", {"q": "a\x00b"}).status_code == 400
    assert client.get("/invest/companies/", {"page": "9" * 5000}).status_code == 200
    assert client.get("/invest/companies/" + "x" * 5000 + "/").status_code == 404


def test_private_fields_show_only_what_a_live_consent_names(firm: Firm) -> None:
    company = CompanyFactory(
        visible_to_investors=True,
        email="secret@company.example",
        representative="비밀대표",
        revenue_krw=987_654_321,
        business_number="1248100998",
    )
    address = f"/invest/companies/{company.slug}/"
    client = investor_client(firm)
    page = text_of(client.get(address))
    secrets = ["secret@company.example", "비밀대표", "9.9억", "124-81-00998"]
    assert [secret for secret in secrets if secret in page] == []

    match = MatchFactory(firm=firm, company=company)
    grant = DisclosureGrantFactory(introduction__match=match, items=["contact", "revenue"])
    page = text_of(client.get(address))
    assert [secret for secret in secrets if secret in page] == secrets[:3]

    withdraw_disclosure(disclosure=grant, actor=founder_of(company), now=NOW)
    page = text_of(client.get(address))
    assert [secret for secret in secrets if secret in page] == []


def test_a_consent_to_one_firm_opens_nothing_to_another(firm: Firm) -> None:
    grant = DisclosureGrantFactory(introduction__match__company__email="secret@company.example")
    page = text_of(investor_client(firm).get(f"/invest/companies/{grant.company.slug}/"))
    assert "secret@company.example" not in page


def test_a_consent_that_has_run_out_opens_nothing(firm: Firm) -> None:
    match = MatchFactory(firm=firm, company__email="secret@company.example")
    DisclosureGrantFactory(introduction__match=match, since="2026-01-01", until="2026-01-31")
    page = text_of(investor_client(firm).get(f"/invest/companies/{match.company.slug}/"))
    assert "secret@company.example" not in page


def test_what_was_not_agreed_to_is_not_heard_of(firm: Firm) -> None:
    for state in ("asked", "declined", "withdrawn"):
        IntroductionFactory(match__firm=firm, state=state, match__company__name=f"기업-{state}")
    IntroductionFactory(match__firm=firm, state="sent", match__company__name="기업-sent", answered_at=NOW)
    page = text_of(investor_client(firm).get("/invest/schedule/"))
    assert "기업-sent" in page
    assert [state for state in ("asked", "declined", "withdrawn") if f"기업-{state}" in page] == []


def test_rls_hides_others_rows_from_selectors_that_forget_their_filter(firm: Firm) -> None:
    theirs = DisclosureGrantFactory(
        introduction__match__company__name="남의매칭기업",
        introduction__match__company__email="m@marker.example",
    )
    CompanyFactory(name="숨은마커기업")
    IntroductionFactory(
        match__firm=firm, match__company__name="묻는중기업", state="asked", match__published=False
    )
    client = investor_client(firm)
    replaced = [
        patch.object(matching, "matches_for", lambda user: Match.objects.all()),
        patch.object(matching, "introductions_for", lambda user: Introduction.objects.all()),
        patch.object(matching, "disclosures_for", lambda user: DisclosureGrant.objects.all()),
        patch.object(companies, "companies_for", lambda user: Company.objects.all()),
    ]
    for each in replaced:
        each.start()
    try:
        pages = [text_of(client.get(reverse(page))) for page in PAGES]
        assert text_of(client.get(f"/invest/companies/{theirs.company.slug}/")).count("m@marker.example") == 0
    finally:
        for each in replaced:
            each.stop()
    assert [("남의매칭기업" in page) for page in (pages[2], pages[3])] == [False, False]
    assert [page for page in pages if "숨은마커기업" in page or "m@marker.example" in page] == []
    assert "묻는중기업" not in pages[2] + pages[3]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_any_method_but_get_and_head_is_refused(method: str, firm: Firm) -> None:
    company = CompanyFactory(visible_to_investors=True)
    client = investor_client(firm)
    addresses = [*map(reverse, PAGES), f"/invest/companies/{company.slug}/"]
    assert [getattr(client, method)(address).status_code for address in addresses] == [405] * 5


def test_head_answers_like_get(firm: Firm) -> None:
    assert [investor_client(firm).head(reverse(page)).status_code for page in PAGES] == [200] * 4


def test_the_database_refuses_a_view_that_writes(firm: Firm) -> None:
    company = CompanyFactory(visible_to_investors=True)
    client = investor_client(firm)

    def writing(user: Any) -> Any:
        Company.objects.filter(pk=company.pk).update(summary="rewritten")
        return Company.objects.all()

    with patch.object(companies, "companies_for", writing), pytest.raises((InternalError, ProgrammingError)):
        client.get("/invest/companies/")
    company.refresh_from_db()
    assert company.summary != "rewritten"


def test_who_saw_which_company_is_logged(firm: Firm) -> None:
    company = CompanyFactory(visible_to_investors=True)
    client = investor_client(firm)
    client.get(f"/invest/companies/{company.slug}/")
    event = AccessEvent.objects.get()
    assert (event.subject_type, event.subject_ids, event.acting_as) == (
        "company",
        [company.pk],
        f"investor:{firm.pk}",
    )


def test_founders_and_strangers_find_no_such_place(firm: Firm) -> None:
    founder = sign_in(Client(), founder_of(CompanyFactory()))
    assert [founder.get(reverse(page)).status_code for page in PAGES] == [404] * 4
    assert [Client().get(reverse(page)).status_code for page in PAGES] == [302] * 4
