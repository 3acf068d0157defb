"""Funds, holdings in full, proposals by mail, and the sheets that bring them."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction
from django.test import Client

from incubator.common.errors import NotAllowed
from investors.firms import services
from investors.firms.errors import (
    FundExists,
    FundLeftTooMuch,
    FundLeftWithoutDay,
    ProposalDecided,
    ProposalFromTheFuture,
)
from investors.firms.models import Firm, Fund, Holding, Mandate, MandateProposal, Tag
from investors.matching.answers import answers_of
from investors.matching.facts import collect_facts
from investors.matching.scoring import YoungShare
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import ResidencyFactory
from tests.factories.firms import FirmFactory, HoldingFactory, MandateFactory
from tests.factories.matching import NOW, DisclosureGrantFactory, IntroductionFactory

from .test_loader import ROW, load

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def manager() -> Any:
    return acting_staff("matching")


def sheet(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "sheet.csv"
    file.write_text(text, "utf-8")
    return file


def run(command: str, file: Path) -> str:
    out = StringIO()
    call_command(command, file, stdout=out, stderr=out)
    return out.getvalue().strip()


def test_what_a_fund_cannot_say(manager: Any) -> None:
    firm = FirmFactory()
    fund = {"name": "1호 조합", "vintage_year": 2024, "size_krw": 10**10}
    services.keep_fund(fund=Fund(firm=firm), **fund, left_krw=0, left_as_of=TODAY, actor=manager)
    for more, error in (
        ({"left_krw": 1}, FundLeftWithoutDay),
        ({"left_as_of": TODAY}, FundLeftWithoutDay),
        ({"left_krw": 10**11, "left_as_of": TODAY}, FundLeftTooMuch),
        ({}, FundExists),
    ):
        with pytest.raises(error), transaction.atomic():
            services.keep_fund(fund=Fund(firm=firm), **fund, **more, actor=manager)
    with pytest.raises(NotAllowed):
        services.keep_fund(fund=Fund(firm=firm), **fund, actor=acting_staff("leases"))


def test_a_proposal_is_decided_once_and_keeps_its_words(manager: Any) -> None:
    firm = FirmFactory()
    mail = {"firm": firm, "written_by": "김심사", "text": "티켓을 올립니다", "actor": manager, "now": NOW}
    with pytest.raises(ProposalFromTheFuture):
        services.record_proposal(written_on=TODAY + timedelta(days=2), **mail)
    proposal = services.record_proposal(written_on=TODAY, **mail)
    services.decide_proposal(proposal=proposal, taken=True, decision="반영", actor=manager, now=NOW)
    with pytest.raises(ProposalDecided):
        services.decide_proposal(proposal=proposal, taken=False, actor=manager, now=NOW)
    other = services.record_proposal(written_on=TODAY, **mail)
    for change in ({"text": "x"}, {"written_by": "x"}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            MandateProposal.objects.filter(pk=other.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        MandateProposal.objects.filter(pk=proposal.pk).update(state="declined")


def test_a_manager_records_and_decides_a_proposal_on_its_pages() -> None:
    client = sign_in(Client(), staff_member("matching"))
    firm, address = FirmFactory(), "/admin/firms/mandateproposal/"
    mail = {"firm": firm.pk, "written_by": "김심사", "written_on": "2026-11-02", "text": "<b>티켓</b>"}
    assert client.post(address + "add/", mail).status_code == 302
    proposal = MandateProposal.objects.get()
    assert "<b>티켓" not in client.get(f"{address}{proposal.pk}/change/").content.decode()
    assert client.post(f"{address}{proposal.pk}/decline/", {"decision": "보류"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decision) == ("declined", "보류")


def test_the_sheet_of_firms_may_say_more_of_a_mandate() -> None:
    assert load(ROW).written
    assert (Mandate.objects.get().role, Mandate.objects.get().keywords) == ("either", [])
    assert load({**ROW, "미팅상한": "0"}).written
    assert Mandate.objects.get().capacity == 0


def test_extended_columns_are_read_and_a_second_load_changes_nothing(tmp_path: Path) -> None:
    head = ",".join([*ROW, "투자 역할", "관심기술", "투자 방향"])
    cells = {**ROW, "투자 역할": "리드", "관심기술": "로봇; Robot arm; 로봇", "투자 방향": "현장을 봅니다."}
    line = ",".join(f'"{cells[key] or ""}"' for key in cells)
    file = sheet(tmp_path, f"{head}\n{line}\n")
    assert run("load_firms", file) == "rows 1, new 1, changed 0, unchanged 0, rejected 0"
    assert run("load_firms", file) == "rows 1, new 0, changed 0, unchanged 1, rejected 0"
    mandate = Mandate.objects.get()
    assert (mandate.role, mandate.keywords, mandate.thesis) == (
        "lead",
        ["로봇", "Robot arm"],
        "현장을 봅니다.",
    )
    assert Firm.objects.get().kind == "ac"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"최소투자(원)": "2,000,000,000"}, "ticket_out_of_order"),
        ({"관심분야": "로봇, 연금술"}, "unknown_choice"),
        ({"미팅상한": "-1"}, "too_small"),
    ],
)
def test_bad_cells_are_said_by_row(change: dict[str, str], code: str) -> None:
    report = load({**ROW, **change})
    assert not report.written
    [issue] = report.plan.issues
    assert issue.line == 2
    assert str(issue.reason)
    assert issue.code == code


def test_funds_and_holdings_come_from_sheets(tmp_path: Path) -> None:
    FirmFactory(name="무등인베스트먼트")
    funds = sheet(
        tmp_path,
        "투자사명,펀드명,결성연도,규모(원),투자여력(원),기준일\n"
        "무등인베스트먼트,1호 조합,2024,10000000000,2000000000,2026-09-30\n",
    )
    assert run("load_funds", funds).startswith("rows 1, new 1")
    assert run("load_funds", funds) == "rows 1, new 0, changed 0, unchanged 1, rejected 0"
    holdings = sheet(
        tmp_path,
        "투자사명,기업명,분야,기술,설립일,투자일\n무등인베스트먼트,다온그리드,에너지,VPP,2024-01-02,2025-01-02\n",
    )
    assert run("load_holdings", holdings).startswith("rows 1, new 1")
    assert run("load_holdings", holdings) == "rows 1, new 0, changed 0, unchanged 1, rejected 0"
    holding = Holding.objects.get()
    assert (holding.sectors, holding.keywords, holding.founded_on) == (["energy"], ["VPP"], date(2024, 1, 2))
    bad = sheet(
        tmp_path,
        "투자사명,펀드명,결성연도,규모(원),투자여력(원)\n없는 곳,1호,2024,1,\n무등인베스트먼트,2호,2024,1,9\n",
    )
    with pytest.raises(CommandError) as refused:
        run("load_funds", bad)
    assert refused.value.returncode == 1
    assert Fund.objects.count() == 1


def test_the_list_that_comes_with_the_product_loads_and_loads_again(settings: Any) -> None:
    file = settings.BASE_DIR / "investors/firms/data/technologies.csv"
    count = len(file.read_text("utf-8").splitlines()) - 1
    assert run("load_tags", file) == f"rows {count}, new {count}, changed 0, unchanged 0, rejected 0"
    assert run("load_tags", file) == f"rows {count}, new 0, changed 0, unchanged {count}, rejected 0"
    assert Tag.objects.get(code="medical_imaging").parent.code == "computer_vision"


def test_an_accelerators_share_counts_holdings_and_introductions_once() -> None:
    firm = MandateFactory(firm__kind="ac").firm
    young, old = date(2025, 1, 1), date(2015, 1, 1)
    resident = ResidencyFactory(company__founded_on=old).company
    HoldingFactory(firm=firm, company_name="새싹", name_key="새싹", founded_on=young)
    HoldingFactory(firm=firm, company_name="그때는 어렸다", founded_on=old, invested_on=date(2017, 1, 1))
    HoldingFactory(firm=firm, company_name="모름")
    HoldingFactory(firm=firm, company_name=resident.name)
    IntroductionFactory(match__firm=firm, match__company__founded_on=young, state="met")
    IntroductionFactory(match__firm=firm, match__company__founded_on=young, state="asked")
    IntroductionFactory(match__firm=firm, match__company=resident, state="passed")
    other = MandateFactory().firm
    shares = {mandate.firm_id: mandate.young_share for mandate in collect_facts(TODAY).mandates}
    assert shares == {firm.pk: YoungShare(3, 4), other.pk: None}


def test_how_a_firm_answered_is_told_from_the_history_of_introductions() -> None:
    first = DisclosureGrantFactory().introduction
    firm = first.firm
    sent_at = NOW - timedelta(days=20)
    for state, days in (("sent", 0), ("met", 6), ("passed", 9)):
        first.state, first.changed_at = state, sent_at + timedelta(days=days)
        first.save()
    IntroductionFactory(match__firm=firm, state="sent", answered_at=NOW)
    IntroductionFactory(match__firm=firm, state="declined", answered_at=NOW)
    found = answers_of([firm.pk])[firm.pk]
    assert (found.made, found.agreed, found.reached, found.answered) == (3, 2, 2, 1)
    assert (found.met, found.passed, found.invested, found.waiting, found.days) == (1, 1, 0, 1, 6)
    page = sign_in(Client(), staff_member("leases")).get(
        f"/admin/firms/firm/{firm.pk}/knowledge/", headers={"accept-language": "en"}
    )
    assert "It usually answers within 6 days." in page.content.decode()
