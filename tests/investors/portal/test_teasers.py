"""Companies that are seen without their names: what founders may write, what opens, and what closes a second later."""

import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import InternalError, ProgrammingError
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.audit.models import AccessEvent
from incubator.common.errors import NotAllowed
from investors.firms.models import Firm
from investors.matching.services import withdraw_disclosure
from investors.portal import meetings
from investors.portal.models import FirmCalendar
from tenants.companies.errors import TeaserMissing, TeaserNamesCompany
from tenants.companies.models import Company, Teaser
from tenants.companies.services import edit_profile, set_visibility
from tenants.companies.teasers import telling_word
from tests.factories.accounts import acting_staff, sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.firms import FirmFactory, investor_of
from tests.factories.matching import NOW, DisclosureGrantFactory, IntroductionFactory, MatchFactory

pytestmark = pytest.mark.django_db

WORDS = "밭을 돌보는 기계를 만듭니다."


@pytest.fixture
def firm() -> Firm:
    return FirmFactory()


@pytest.fixture
def company() -> Company:
    return CompanyFactory(
        name="주식회사 빛고을로봇",
        name_en="Bitgoeul Robotics",
        slug="bitgoeul-robotics",
        homepage="https://www.bitgoeul.example/",
        representative="김하늘",
        email="hello@bitgoeul.example",
        sectors=["robotics"],
    )


def hide_name(company: Company, text: str = WORDS) -> Company:
    return set_visibility(company=company, visible=True, by_name=False, teaser=text, actor=None, now=NOW)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WORDS, None),
        ("로봇 팔을 만드는 AI 회사입니다. With a vision for farms.", None),
        ("빛고을로봇의 로봇 팔", "빛고을로봇"),
        ("빛 고을 로봇은 다릅니다", "빛고을로봇"),
        ("We are BITGOEUL", "bitgoeul"),
        ("김하늘 대표가 이끕니다", "김하늘"),
        ("see farm-arm.example", "farm-arm.example"),
        ("전화 062-123-4567", "062-123-4567"),
        ("mail us: me@nowhere.example", "me@nowhere.example"),
        ("\u1107\u1175\u11be\u1100\u1169\u110b\u1173\u11af로봇", "빛고을로봇"),
    ],
)
def test_words_that_tell_the_company_are_found(company: Company, text: str, told: str | None) -> None:
    assert telling_word(company, text) == told


def test_a_text_that_names_the_company_is_refused_now_and_when_its_name_changes(company: Company) -> None:
    with pytest.raises(TeaserNamesCompany):
        hide_name(company, "빛고을로봇입니다")
    with pytest.raises(TeaserMissing):
        hide_name(company, "  ")
    hide_name(company)
    with pytest.raises(TeaserNamesCompany):
        edit_profile(company=company, values={"representative": "기계"}, actor=None, now=NOW)


def test_a_new_hiding_has_a_new_code_and_other_words_keep_it(company: Company) -> None:
    hide_name(company)
    code = Teaser.objects.get().code
    hide_name(company, "논을 돌봅니다.")
    assert Teaser.objects.get().code == code
    set_visibility(company=company, visible=True, by_name=True, actor=None, now=NOW)
    hide_name(company)
    assert Teaser.objects.get().code != code


def test_an_owner_hides_the_name_on_the_page_and_a_member_cannot(company: Company) -> None:
    owner, member = (sign_in(Client(), founder_of(company, level=level)) for level in ("owner", "member"))
    asked = {"visible": "teaser", "teaser": WORDS}
    member.post("/portal/company/visibility/", asked)
    company.refresh_from_db()
    assert not company.visible_to_investors
    owner.post("/portal/company/visibility/", asked)
    company.refresh_from_db()
    assert (company.visible_to_investors, company.shown_by_name) == (True, False)
    assert Teaser.objects.get().code in owner.get("/portal/company/").content.decode()


def test_consent_opens_the_company_to_that_firm_and_withdrawing_closes_it_at_once(
    company: Company, firm: Firm
) -> None:
    hide_name(company)
    code = Teaser.objects.get().code
    token = meetings.renew_calendar(firm=firm, actor=None, now=NOW)
    client, other = (sign_in(Client(), investor_of(each)) for each in (firm, FirmFactory()))
    page = f"/invest/companies/{company.slug}/"
    sights = [
        page,
        "/invest/",
        "/invest/companies/",
        "/invest/matches/",
        "/invest/schedule/",
        "/invest/meetings.ics",
    ]
    sights += [
        f"/invest/tables/{name}.csv" for name in ("companies", "matches", "introductions", "portfolio")
    ]
    sights += [
        f"/invest/companies/list/compare/?c={company.slug}",
        f"/calendar/firm/{token}.ics",
        "/api/v1/companies/",
        "/api/v1/matches/",
    ]

    def seeing(who: Client) -> list[str]:
        return [each for each in sights if "빛고을로봇" in who.get(each).content.decode()]

    assert seeing(client) == []
    assert code in client.get("/invest/companies/list/anonymous/").content.decode()
    consent = DisclosureGrantFactory(
        introduction__match=MatchFactory(company=company, firm=firm), introduction__meets_at=timezone.now()
    )
    assert len(seeing(client)) >= 10
    assert code not in client.get("/invest/companies/list/anonymous/").content.decode()
    # The feed needs no session: whoever holds its address reads it.
    assert [each for each in seeing(other) if token not in each] == []
    withdraw_disclosure(disclosure=consent, actor=None, now=timezone.now())
    assert seeing(client) == []
    assert code in client.get("/invest/companies/list/anonymous/").content.decode()


@pytest.mark.parametrize("by_name", [True, False])
def test_a_company_that_no_longer_wants_to_be_seen_is_gone_everywhere(
    company: Company, firm: Firm, by_name: bool
) -> None:
    set_visibility(company=company, visible=True, by_name=by_name, teaser=WORDS, actor=None, now=NOW)
    token = meetings.renew_calendar(firm=firm, actor=None, now=NOW)
    DisclosureGrantFactory(
        introduction__match=MatchFactory(company=company, firm=firm), introduction__meets_at=timezone.now()
    )
    client = sign_in(Client(), investor_of(firm))
    set_visibility(company=company, visible=False, actor=None, now=NOW)
    for address in ("/invest/", "/invest/companies/", "/invest/meetings.ics", f"/calendar/firm/{token}.ics"):
        assert "빛고을로봇" not in client.get(address).content.decode()
    assert WORDS not in client.get("/invest/companies/list/anonymous/").content.decode()
    assert client.get(f"/invest/companies/{company.slug}/").status_code == 404


def test_a_feed_is_renewed_and_closed_by_a_manager_and_read_in_the_log(company: Company, firm: Firm) -> None:
    manager, reader = acting_staff(StaffGroup.MATCHING), acting_staff(StaffGroup.CREDITS)
    investor_of(firm)
    company.visible_to_investors = True
    company.save()
    IntroductionFactory(match=MatchFactory(company=company, firm=firm), state="sent", meets_at=timezone.now())
    with pytest.raises(NotAllowed):
        meetings.renew_calendar(firm=firm, actor=reader, now=NOW)
    first = meetings.renew_calendar(firm=firm, actor=manager, now=NOW)
    second = meetings.renew_calendar(firm=firm, actor=manager, now=NOW)
    assert Client().get(f"/calendar/firm/{first}.ics").status_code == 404
    text = Client().get(f"/calendar/firm/{second}.ics").content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "빛고을로봇" in text
    event = AccessEvent.objects.get()
    assert (event.subject_ids, event.task) == ([company.pk], f"calendar of firm {firm.pk}")
    meetings.close_calendar(calendar=FirmCalendar.objects.get(), actor=manager, now=NOW)
    assert Client().get(f"/calendar/firm/{second}.ics").status_code == 404


def test_a_firm_that_nobody_reads_for_has_no_feed(firm: Firm) -> None:
    token = meetings.renew_calendar(firm=firm, actor=None, now=NOW)
    assert Client().get(f"/calendar/firm/{token}.ics").status_code == 404


def test_cells_that_a_spreadsheet_would_run_stay_text(firm: Firm) -> None:
    CompanyFactory(name="=HYPERLINK(1)", summary="@SUM(1)", visible_to_investors=True)
    text = sign_in(Client(), investor_of(firm)).get("/invest/tables/companies.csv").content.decode()
    assert "'=HYPERLINK(1)" in text
    assert "'@SUM(1)" in text


def test_search_finds_a_sector_in_either_language_and_by_region_and_ask(firm: Firm) -> None:
    robot = CompanyFactory(
        name="가온", sectors=["robotics"], region="other", ask_krw=10**8, visible_to_investors=True
    )
    CompanyFactory(name="나래", sectors=["energy"], ask_krw=None, visible_to_investors=True)
    client = sign_in(Client(), investor_of(firm))

    def found(query: str) -> list[str]:
        return [each.name for each in client.get(f"/invest/companies/?{query}").context["page"]]

    for query in ("q=robot", "q=로봇", "q=ROBOTICS", "q=가온 로봇", "region=other", "ask=1to5"):
        assert found(query) == [robot.name], query
    assert found("ask=none") == ["나래"]
    assert found("q=robot energy") == []
    for hostile in ("q=%25", "q=_", "q=%27%3B--", "q=%00", "ask=9", "region=1;2", "c=" + "x" * 5000):
        assert client.get(f"/invest/companies/?{hostile}").status_code in (200, 400)


def test_four_are_compared_and_differences_are_marked(firm: Firm) -> None:
    companies = [CompanyFactory(visible_to_investors=True, employees=n) for n in (3, 3, 4, 5, 6)]
    hidden = CompanyFactory()
    client = sign_in(Client(), investor_of(firm))
    query = "&".join(f"c={each.slug}" for each in (companies[0], hidden, companies[0], *companies[1:]))
    lines = {
        line.label: line for line in client.get(f"/invest/companies/list/compare/?{query}").context["lines"]
    }
    employees = next(line for label, line in lines.items() if label in ("Employees", "임직원 수", "직원 수"))
    assert [company.pk for company, _value in employees.cells] == [each.pk for each in companies[:3]]
    assert employees.differs
    assert [line.differs for line in lines.values()].count(True) == 1
    assert client.get("/invest/companies/list/compare/?c=").status_code == 200


def _routes(patterns: Any, before: str = "") -> Iterator[str]:
    for each in patterns:
        route = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from _routes(each.url_patterns, route)
        elif route.startswith("invest/"):
            yield "/" + re.sub(r"<(?:[^:>]+:)?[^>]+>", "1", route)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_every_address_of_investors_only_reads(firm: Firm, method: str) -> None:
    client = sign_in(Client(), investor_of(firm))
    routes = list(_routes(get_resolver().url_patterns))
    assert len(routes) >= 15
    assert {route: getattr(client, method)(route).status_code for route in routes} == dict.fromkeys(
        routes, 405
    )
    if method != "options":
        for place in ("companies", "matches", "introductions", "firms"):
            for address in (f"/api/v1/{place}/", f"/api/v1/{place}/1/"):
                assert getattr(client, method)(address).status_code in (403, 404, 405), address


def test_the_database_refuses_every_view_that_writes(firm: Firm) -> None:
    company = CompanyFactory(visible_to_investors=True)
    DisclosureGrantFactory(
        introduction__match=MatchFactory(company=company, firm=firm), introduction__meets_at=timezone.now()
    )
    client = sign_in(Client(), investor_of(firm))

    def writing(*args: object, **kwargs: object) -> None:
        Company.objects.filter(pk=company.pk).update(summary="rewritten")

    places = [
        "",
        "companies/",
        "companies/list/anonymous/",
        "matches/",
        "schedule/",
        "portfolio/",
        "meetings.ics",
        "companies/list/compare/",
    ]
    places += [f"companies/{company.slug}/", "tables/companies.csv"]
    for place in places:
        with (
            patch("investors.portal.views.note_access", writing),
            pytest.raises((InternalError, ProgrammingError)),
        ):
            client.get(f"/invest/{place}")
    company.refresh_from_db()
    assert company.summary != "rewritten"
