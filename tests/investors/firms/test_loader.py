"""Loading the managers' spreadsheet of firms."""

from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from incubator.accounts.models import Invitation
from incubator.common.sheets.reading import read_sheet
from investors.firms.loaders import FirmLoader
from investors.firms.models import Firm, Holding, Mandate
from tests.factories.accounts import acting_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HEADERS = [
    "투자사명",
    "유형",
    "담당자",
    "이메일",
    "관심분야",
    "투자단계",
    "최소투자(원)",
    "최대투자(원)",
    "업력상한(년)",
    "지역",
    "미팅상한",
    "보유기업",
]
ROW: dict[str, Any] = {
    "투자사명": "무등인베스트먼트",
    "유형": "AC",
    "담당자": "김심사",
    "이메일": "Kim@firm.example",
    "관심분야": "헬스케어, 로봇",
    "투자단계": "시드, 프리A",
    "최소투자(원)": "100,000,000",
    "최대투자(원)": "1,000,000,000",
    "업력상한(년)": None,
    "지역": "광주·전남",
    "미팅상한": "5",
    "보유기업": "지산사운드 (주), 새론센싱 주식회사",
}


def workbook(*rows: dict[str, Any]) -> BytesIO:
    book = Workbook()
    book.active.append(HEADERS)
    for row in rows:
        book.active.append([row[header] for header in HEADERS])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def load(*rows: dict[str, Any]) -> Any:
    sheet = read_sheet(workbook(*rows), "firms.xlsx", FirmLoader.columns)
    return FirmLoader().load(sheet, actor=None, now=NOW)


def test_a_row_makes_a_firm_its_mandate_its_holdings_and_an_invitation_that_waits() -> None:
    assert load(ROW).written
    firm = Firm.objects.get()
    assert (firm.name, firm.kind, firm.email, firm.contact_name) == (
        "무등인베스트먼트",
        "ac",
        "kim@firm.example",
        "김심사",
    )
    mandate = firm.mandate
    assert (mandate.sectors, mandate.stages, mandate.regions) == (
        ["healthcare", "robotics"],
        ["seed", "pre_a"],
        ["gwangju_jeonnam"],
    )
    assert (mandate.ticket_min_krw, mandate.ticket_max_krw) == (100_000_000, 1_000_000_000)
    assert (mandate.max_company_age_years, mandate.capacity) == (None, 5)
    assert [holding.company_name for holding in firm.holdings.all()] == [
        "지산사운드 (주)",
        "새론센싱 주식회사",
    ]
    invitation = Invitation.objects.get()
    assert (invitation.kind, invitation.scope_id, invitation.email, invitation.sent_at) == (
        "investor",
        firm.pk,
        "kim@firm.example",
        None,
    )


def test_loading_twice_changes_nothing() -> None:
    load(ROW)
    report = load(ROW)
    assert str(report.counts) == "rows 1, new 0, changed 0, unchanged 1, rejected 0"
    assert Invitation.objects.count() == 1


def test_a_change_is_told_and_written() -> None:
    load(ROW)
    report = load({**ROW, "미팅상한": "8", "보유기업": "새론센싱 주식회사", "담당자": "박심사"})
    assert [change.field for change in report.plan.rows[0].changes] == [
        "contact_name",
        "capacity",
        "holdings",
    ]
    assert Mandate.objects.get().capacity == 8
    assert [holding.company_name for holding in Holding.objects.all()] == ["새론센싱 주식회사"]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("유형", "은행", None),
        ("최소투자(원)", "2,000,000,000", "ticket_out_of_order"),
        ("최대투자(원)", "-5", None),
        ("관심분야", "헬스케어, 연금술", None),
        ("미팅상한", "많이", None),
        ("이메일", "no-address", None),
        ("지역", "화성", None),
    ],
)
def test_bad_cells_are_named_and_nothing_is_written(column: str, value: str, code: str | None) -> None:
    report = load(ROW, {**ROW, "투자사명": "다른투자사", column: value})
    assert (report.written, report.counts.rejected) == (False, 1)
    issue = report.plan.issues[0]
    assert (issue.line, issue.column) == (3, column)
    assert code in (None, issue.code)
    assert Firm.objects.count() == 0


def test_a_firm_named_twice_is_rejected() -> None:
    assert load(ROW, ROW).written is False
    assert Firm.objects.count() == 0


def test_a_plan_costs_the_same_queries_for_many_rows() -> None:
    counts = []
    for rows in (1, 30):
        sheet = read_sheet(
            workbook(*({**ROW, "투자사명": f"투자사 {n}"} for n in range(rows))),
            "firms.xlsx",
            FirmLoader.columns,
        )
        with CaptureQueriesContext(connection) as queries:
            FirmLoader().plan(sheet, actor=None, today=NOW.date())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_command_reports_and_refuses(tmp_path: Any) -> None:
    good, bad, out = tmp_path / "firms.xlsx", tmp_path / "bad.xlsx", StringIO()
    good.write_bytes(workbook(ROW).getvalue())
    bad.write_bytes(workbook({**ROW, "유형": "은행"}).getvalue())
    call_command("load_firms", str(good), stdout=out)
    assert out.getvalue() == "rows 1, new 1, changed 0, unchanged 0, rejected 0\n"
    with pytest.raises(CommandError) as refused:
        call_command("load_firms", str(bad), stdout=StringIO(), stderr=StringIO())
    assert refused.value.returncode == 1
    with pytest.raises(CommandError) as missing:
        call_command("load_firms", str(tmp_path / "none.xlsx"), stdout=StringIO(), stderr=StringIO())
    assert missing.value.returncode == 2


def test_only_managers_of_matching_load() -> None:
    sheet = read_sheet(workbook(ROW), "firms.xlsx", FirmLoader.columns)
    report = FirmLoader().load(sheet, actor=acting_staff("leases"), now=NOW)
    assert (report.written, Firm.objects.count()) == (False, 0)
    assert FirmLoader().load(sheet, actor=acting_staff("matching"), now=NOW).written
