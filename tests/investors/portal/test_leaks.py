"""Nothing that a company keeps to itself is on any page, in any file or in any answer that an investor gets.

Every private field carries a mark of its own; everything that an investor can fetch is searched for all of them.
"""

from collections.abc import Iterator
from unittest.mock import patch
from urllib.parse import quote, unquote

import pytest
from django.test import Client
from django.utils import timezone

from incubator.common.dbroles import Role, database_role
from investors.firms.models import Firm
from investors.portal.meetings import renew_calendar
from tenants.companies.models import Company, ShownTeaser, Teaser
from tenants.companies.selectors import companies_for
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory
from tests.factories.firms import FirmFactory, investor_of
from tests.factories.matching import DisclosureGrantFactory, IntroductionFactory, MatchFactory

pytestmark = pytest.mark.django_db

# What no investor reads without a consent that names it, whichever company it is of.
PRIVATE = ("representative", "email", "corporate_number", "cluster_account")
# What a company without a name keeps to itself besides.
NAMING = ("name", "name_en", "slug", "homepage", "summary", "picture")
REVENUE, ASK, EMPLOYEES = 876_543_219, 765_432_189, 7_391


def marked(number: int, **values: object) -> Company:
    return CompanyFactory(
        name=f"숨긴이름{number}",
        name_en=f"Hiddenname{number}",
        slug=f"hiddenslug-{number}",
        homepage=f"https://hiddenhost{number}.example/",
        summary=f"숨긴요약{number}",
        picture=f"companies/hiddenfile{number}.webp",
        representative=f"숨긴대표{number}",
        email=f"hiddenmail{number}@post.example",
        corporate_number=f"99887766{number:05d}",
        cluster_account=f"hiddenaccount{number}",
        revenue_krw=REVENUE,
        ask_krw=ASK,
        employees=EMPLOYEES,
        **values,
    )


@pytest.fixture
def firm() -> Firm:
    return FirmFactory()


@pytest.fixture
def camp(firm: Firm) -> dict[str, Company]:
    """One hidden, one without its name, one by name, and one without its name that consented to another firm."""
    found = {
        "hidden": marked(1, visible_to_investors=False),
        "teaser": marked(2, visible_to_investors=True, shown_by_name=False),
        "named": marked(3, visible_to_investors=True),
        "elsewhere": marked(4, visible_to_investors=True, shown_by_name=False),
    }
    for at, key in enumerate(("teaser", "elsewhere")):
        Teaser.objects.create(company=found[key], code=f"QWERT{at + 3}", text="밭을 돌보는 기계를 만듭니다.")
    for company in found.values():
        match = MatchFactory(company=company, firm=firm)
        IntroductionFactory(match=match, state="sent", meets_at=timezone.now(), message="우리끼리메모")
    DisclosureGrantFactory(introduction__match=MatchFactory(company=found["elsewhere"]))
    return found


def secrets_of(camp: dict[str, Company]) -> set[str]:
    kept = {str(getattr(company, name)) for company in camp.values() for name in PRIVATE}
    kept |= {company.business_number for company in camp.values()}
    for key in ("hidden", "teaser", "elsewhere"):
        kept |= {str(getattr(camp[key], name)) for name in NAMING}
    return kept | {str(REVENUE), f"{REVENUE:,}", "우리끼리메모"}


def addresses(camp: dict[str, Company], token: str) -> Iterator[str]:
    yield from (
        "/invest/",
        "/invest/companies/",
        "/invest/companies/?q=로봇&ask=5to20&region=other&stage=seed&page=99",
        "/invest/companies/list/anonymous/",
        "/invest/companies/list/anonymous/?q=기계",
        "/invest/matches/",
        "/invest/schedule/",
        "/invest/portfolio/",
        "/invest/meetings.ics",
        "/invest/documents/",
        f"/calendar/firm/{token}.ics",
        "/calendar/firm/" + "x" * 43 + ".ics",
        "/invest/no-such-page/",
        "/numbers/",
        "/",
        "/api/v1/companies/",
        "/api/v1/matches/",
        "/api/v1/introductions/",
        "/api/v1/firms/",
    )
    yield from (
        f"/invest/tables/{name}.csv"
        for name in ("companies", "teasers", "matches", "introductions", "portfolio")
    )
    yield "/invest/companies/list/compare/?" + "&".join(f"c={company.slug}" for company in camp.values())
    for company in camp.values():
        yield f"/invest/companies/{company.slug}/"
        yield f"/invest/companies/{company.slug}/picture/"
        yield f"/api/v1/companies/{company.pk}/"
        yield f"/invest/companies/?q={quote(company.name)}"
        yield f"/invest/companies/list/anonymous/?q={quote(company.name)}"


def answered(client: Client, address: str) -> str:
    response = client.get(address)
    body = b"".join(response) if response.streaming else response.content
    headers = " ".join(f"{name}: {unquote(value)}" for name, value in response.items())
    # What was asked for may be said back; what was not must not be there.
    return headers + body.decode(errors="replace").replace(unquote(address), "")


def test_no_answer_carries_what_a_company_keeps_to_itself(firm: Firm, camp: dict[str, Company]) -> None:
    token = renew_calendar(firm=firm, actor=None, now=timezone.now())
    client = sign_in(Client(raise_request_exception=False), investor_of(firm))
    kept = secrets_of(camp)
    found = {}
    for address in addresses(camp, token):
        asked = unquote(address)
        text = answered(client, address)
        leaks = {secret for secret in kept if secret in text and secret not in asked}
        if leaks:
            found[address] = leaks
    assert found == {}
    # The control: the search finds what may be read, in each kind of answer.
    assert "숨긴이름3" in answered(client, "/invest/companies/")
    assert "숨긴이름3" in answered(client, "/invest/tables/companies.csv")
    assert "숨긴이름3" in answered(client, f"/calendar/firm/{token}.ics")
    assert "숨긴이름3" in answered(client, "/api/v1/companies/")
    assert "QWERT3" in answered(client, "/invest/companies/list/anonymous/")


def test_exact_figures_of_a_company_without_a_name_are_rounded(firm: Firm, camp: dict[str, Company]) -> None:
    Company.objects.filter(pk=camp["named"].pk).update(ask_krw=1, employees=1)
    client = sign_in(Client(), investor_of(firm))
    text = answered(client, "/invest/companies/list/anonymous/") + answered(
        client, "/invest/tables/teasers.csv"
    )
    assert "QWERT3" in text
    assert [
        figure for figure in (str(ASK), f"{ASK:,}", str(EMPLOYEES), f"{EMPLOYEES:,}") if figure in text
    ] == []


def test_a_search_for_a_hidden_name_finds_and_counts_nothing(firm: Firm, camp: dict[str, Company]) -> None:
    client = sign_in(Client(), investor_of(firm))
    for key in ("hidden", "teaser"):
        for name in NAMING[:5]:
            asked = quote(str(getattr(camp[key], name)))
            assert client.get(f"/invest/companies/?q={asked}").context["page"].paginator.count == 0
            assert (
                client.get(f"/invest/companies/list/anonymous/?q={asked}").context["page"].paginator.count
                == 0
            )


def test_the_database_hides_a_name_from_code_that_forgot_to(firm: Firm, camp: dict[str, Company]) -> None:
    with database_role(Role.INVESTOR, firm_ids=[firm.pk], read_only=True):
        assert list(Company.objects.values_list("name", flat=True)) == ["숨긴이름3"]
        assert set(ShownTeaser.objects.values_list("code", flat=True)) == {"QWERT3", "QWERT4"}

    def forgetful(user: object) -> object:
        return Company.objects.defer(*Company.PRIVATE_FIELDS)

    client = sign_in(Client(), investor_of(firm))
    with patch("tenants.companies.selectors.companies_for", forgetful):
        text = answered(client, "/invest/companies/")
    assert "숨긴이름2" not in text
    assert "숨긴이름3" in text
    assert companies_for is not forgetful
