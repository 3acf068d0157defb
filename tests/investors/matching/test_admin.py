"""The managers' pages of firms, runs, matches, introductions and consents."""

from typing import Any

import pytest
from django.test import Client

from incubator.accounts.models import Invitation
from incubator.jobs.models import Job
from incubator.jobs.services import run_job
from investors.firms.models import Firm, FirmMember, Holding
from investors.matching.models import DisclosureGrant, Introduction, Investment, MatchRun
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import ResidencyFactory
from tests.factories.files import document
from tests.factories.firms import FirmMemberFactory, HoldingFactory, MandateFactory
from tests.factories.matching import (
    NOW,
    DisclosureGrantFactory,
    IntroductionFactory,
    MatchFactory,
    MatchRunFactory,
)
from tests.queries import cost_of as statements

pytestmark = pytest.mark.django_db
RUNS = "/admin/matching/matchrun/"
MATCHES = "/admin/matching/match/"
INTRODUCTIONS = "/admin/matching/introduction/"
INVESTMENTS = "/admin/matching/investment/"
CONSENTS = "/admin/matching/disclosuregrant/"
FIRMS = "/admin/firms/firm/"


def client_of(*groups: str) -> Client:
    client = sign_in(Client(), staff_member(*groups))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def manager() -> Client:
    return client_of("matching")


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", [RUNS, MATCHES + "?run=all", INTRODUCTIONS, CONSENTS, FIRMS])
def test_lists_cost_the_same_with_more_rows(address: str, manager: Client) -> None:
    counts = []
    for _round in range(2):
        for _each in range(3):
            DisclosureGrantFactory()
            MandateFactory()
            MatchRunFactory()
        manager.get(address)
        counts.append(statements(lambda: manager.get(address)))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_running_and_publishing(manager: Client) -> None:
    ResidencyFactory()
    MandateFactory()
    assert "Run now" in text_of(manager.get(RUNS + "run/"))
    assert MatchRun.objects.count() == 0
    begun = manager.post(RUNS + "run/", {"only_seen": "", "keep_locks_of": ""})
    job = Job.objects.get()
    assert begun["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    run_job(job_id=job.pk, clock=lambda: NOW)
    run = MatchRun.objects.get()
    page = text_of(manager.get(f"{RUNS}{run.pk}/change/"))
    assert "Optimal: no other choice of pairs scores more." in page
    assert "has 2 too few: it has every firm that it may have" in page
    assert manager.post(f"{RUNS}{run.pk}/publish/").status_code == 302
    run.refresh_from_db()
    assert (run.state, run.matches.get().published) == ("published", True)


def test_the_list_of_matches_starts_with_the_run_in_force(manager: Client) -> None:
    MatchFactory(company__name="게시기업")
    MatchFactory(company__name="초안기업", run=MatchRunFactory(), published=False)
    page = text_of(manager.get(MATCHES))
    assert "게시기업" in page
    assert "초안기업" not in page
    assert "초안기업" in text_of(manager.get(MATCHES + "?run=all"))


def test_a_match_shows_its_reasons_and_can_be_introduced(manager: Client) -> None:
    match = MatchFactory()
    page = text_of(manager.get(f"{MATCHES}{match.pk}/change/"))
    assert [points for points in ("0.700", "0.150", "0.850") if points not in page] == []
    address = f"{MATCHES}{match.pk}/introduce/"
    assert "Choose at least one item" in text_of(manager.post(address, {"message": "안녕하십니까"}))
    assert manager.post(address, {"items": ["contact"], "message": "안녕하십니까"}).status_code == 302
    assert Introduction.objects.get().items == ["contact"]
    assert "being introduced already" in text_of(manager.post(address, {"items": ["contact"]}))


def test_dismissing_needs_a_reason(manager: Client) -> None:
    match = MatchFactory()
    assert manager.post(f"{MATCHES}{match.pk}/dismiss/", {"reason": ""}).status_code == 200
    assert manager.post(f"{MATCHES}{match.pk}/dismiss/", {"reason": "규모가 다름"}).status_code == 302
    match.refresh_from_db()
    assert (match.state, match.published, match.decision_reason) == ("dismissed", False, "규모가 다름")


def test_recording_and_calling_off(manager: Client) -> None:
    grant = DisclosureGrantFactory()
    address = f"{INTRODUCTIONS}{grant.introduction_id}/"
    assert manager.post(address + "record/", {"state": "met", "note": "좋았음"}).status_code == 302
    assert manager.post(address + "record/", {"state": "sent"}).status_code == 200
    grant.introduction.refresh_from_db()
    assert grant.introduction.state == "met"
    assert manager.post(address + "call-off/", {"reason": "종료"}).status_code == 302
    grant.refresh_from_db()
    assert grant.withdrawn_at is not None
    assert "동의문" in text_of(manager.get(f"{CONSENTS}{grant.pk}/change/"))


def test_from_the_mail_to_the_money(manager: Client) -> None:
    introduction = DisclosureGrantFactory().introduction
    address = f"{INTRODUCTIONS}{introduction.pk}/"
    assert manager.post(address + "tell/", {"message": "만나 보십시오."}).status_code == 302
    when = {"meets_at_0": "2099-01-05", "meets_at_1": "14:00", "meets_where": "대회의실"}
    assert manager.post(address + "meeting/", when).status_code == 302
    assert "대회의실" in text_of(manager.get(address + "change/"))
    assert introduction.company.name in text_of(manager.get(INTRODUCTIONS + "board/"))
    money = {"invested_on": "2026-01-05", "funding_round": "seed", "amount_krw": "300000000"}
    paper = document("계약서.pdf")
    assert manager.post(address + "investment/", {**money, "evidence": paper}).status_code == 302
    investment = Investment.objects.get()
    assert (investment.amount_krw, investment.introduction.state) == (300_000_000, "invested")
    kept = manager.get(f"{INVESTMENTS}{investment.pk}/evidence/")
    assert b"".join(kept.streaming_content) == paper.open().read()
    assert manager.post(f"{INVESTMENTS}{investment.pk}/take-back/", {"reason": "착오"}).status_code == 302
    assert "착오" in text_of(manager.get(f"{INVESTMENTS}{investment.pk}/change/"))


def test_the_board_costs_the_same_for_one_and_for_many(manager: Client) -> None:
    IntroductionFactory()
    manager.get(INTRODUCTIONS + "board/")
    one = statements(lambda: manager.get(INTRODUCTIONS + "board/"))
    for state in ("asked", "sent", "met", "continuing"):
        IntroductionFactory(state=state)
    assert statements(lambda: manager.get(INTRODUCTIONS + "board/")) == one <= 12


def test_recording_a_withdrawal(manager: Client) -> None:
    grant = DisclosureGrantFactory()
    assert manager.post(f"{CONSENTS}{grant.pk}/withdraw/").status_code == 302
    assert DisclosureGrant.objects.get().withdrawn_at is not None


@pytest.mark.parametrize("group", ["leases", "auditor"])
def test_other_staff_read_and_do_not_write(group: str) -> None:
    introduction = IntroductionFactory()
    client = client_of(group)
    reads = [RUNS, MATCHES, INTRODUCTIONS, f"{MATCHES}{introduction.match_id}/change/", FIRMS]
    assert [client.get(address).status_code for address in reads] == [200] * 5
    writes = [
        RUNS + "run/",
        f"{RUNS}{introduction.match.run_id}/publish/",
        f"{MATCHES}{introduction.match_id}/introduce/",
        f"{MATCHES}{introduction.match_id}/dismiss/",
        f"{INTRODUCTIONS}{introduction.pk}/record/",
        f"{INTRODUCTIONS}{introduction.pk}/call-off/",
        FIRMS + "add/",
    ]
    assert [client.post(address, {}).status_code for address in writes] == [403] * 7


def firm_form(**values: Any) -> dict[str, Any]:
    management = {
        f"{prefix}-{key}": value
        for prefix in ("funds", "holdings", "members")
        for key, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()
    }
    return {
        **management,
        "name": "나래벤처스",
        "kind": "vc",
        "contact_name": "김심사",
        "email": "kim@firm.example",
        "active": "on",
        "sectors": ["energy"],
        "stages": ["seed", "pre_a"],
        "regions": ["nationwide"],
        "ticket_min_krw": "100000000",
        "ticket_max_krw": "300000000",
        "max_company_age_years": "",
        "capacity": "4",
        **values,
    }


def test_adding_and_changing_a_firm(manager: Client) -> None:
    holding = {"holdings-TOTAL_FORMS": 1, "holdings-0-company_name": "다온그리드"}
    assert manager.post(FIRMS + "add/", firm_form(**holding)).status_code == 302
    firm = Firm.objects.get()
    assert (firm.mandate.stages, firm.mandate.capacity) == (["seed", "pre_a"], 4)
    assert Holding.objects.get().name_key == "다온그리드"
    assert Invitation.objects.get().email == "kim@firm.example"
    kept = Holding.objects.get()
    changes = {
        "capacity": "7",
        "holdings-TOTAL_FORMS": 1,
        "holdings-INITIAL_FORMS": 1,
        "holdings-0-id": kept.pk,
        "holdings-0-firm": firm.pk,
        "holdings-0-company_name": "다온그리드",
        "holdings-0-sectors": ["energy"],
        "holdings-0-rival_confirmed": "on",
    }
    assert manager.post(f"{FIRMS}{firm.pk}/change/", firm_form(**changes)).status_code == 302
    firm.mandate.refresh_from_db()
    kept.refresh_from_db()
    assert firm.mandate.capacity == 7
    assert (kept.sectors, kept.rival_confirmed) == (["energy"], True)
    gone = {**changes, "holdings-0-DELETE": "on"}
    assert manager.post(f"{FIRMS}{firm.pk}/change/", firm_form(**gone)).status_code == 302
    assert Holding.objects.count() == 0


def test_refusals_of_the_services_are_shown_in_the_form(manager: Client) -> None:
    firm = MandateFactory().firm
    HoldingFactory(firm=firm, company_name="다온그리드")
    page = text_of(manager.post(FIRMS + "add/", firm_form(ticket_min_krw="900000000")))
    assert "The smallest ticket is larger than the largest." in page
    assert "나래벤처스" in page
    assert "A firm with this name exists already." in text_of(
        manager.post(FIRMS + "add/", firm_form(name=firm.name))
    ).replace("Firm with this Name already exists.", "A firm with this name exists already.")
    assert Firm.objects.count() == 1


def test_a_member_can_be_taken_away(manager: Client) -> None:
    firm = MandateFactory().firm
    member = FirmMemberFactory(firm=firm)
    changes = {
        "name": firm.name,
        "members-TOTAL_FORMS": 1,
        "members-INITIAL_FORMS": 1,
        "members-0-id": member.pk,
        "members-0-firm": firm.pk,
        "members-0-DELETE": "on",
    }
    assert manager.post(f"{FIRMS}{firm.pk}/change/", firm_form(**changes)).status_code == 302
    assert FirmMember.objects.count() == 0


def test_inviting_a_person(manager: Client) -> None:
    firm = MandateFactory().firm
    values = {"name": "박심사", "email": "park@firm.example", "level": "member"}
    assert manager.post(f"{FIRMS}{firm.pk}/invite/", values).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.kind, invitation.scope_id, invitation.level) == ("investor", firm.pk, "member")
