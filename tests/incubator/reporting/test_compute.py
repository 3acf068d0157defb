"""The compute report: each figure is the ledger's, on the page and in the files."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from incubator.accounts.enums import StaffGroup
from incubator.common.display import GFLOP_PER_PFH, petaflop_hours
from incubator.reporting import compute
from tenants.compute import services
from tenants.compute.checking import check_ledger
from tenants.compute.models import CreditAccount, Transfer
from tenants.outcomes.models import KpiDefinition
from tenants.outcomes.services import open_period, save_report
from tests.factories import compute as make
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.tenants.compute.test_storage import imported

pytestmark = pytest.mark.django_db

PAGES = ("/admin/reporting/compute/", "/admin/reporting/compute/companies/")
TODAY = timezone.localdate(make.NOW)
H100 = "gres/gpu:h100"


@pytest.fixture
def camp() -> dict[str, object]:
    """Two companies in two programmes, a claw-back, a reversed grant, a debt, a corrected job and unknown usage."""
    one, two = CompanyFactory(cluster_account="gj901", name="가나"), CompanyFactory(cluster_account="gj902")
    lot = make.grant(one, 100 * GFLOP_PER_PFH, programme="사업 A")
    make.grant(one, 3_000_000, programme="사업 B", resources=[H100])
    make.grant(two, 1_000_000, programme="사업 B")
    mistake = make.grant(two, 7_000, programme="사업 C")
    services.claw_back(
        allocation=lot, amount_gflop=40 * GFLOP_PER_PFH, reason="unused", actor=None, now=make.NOW
    )
    grant = Transfer.objects.get(kind="grant", credit=mistake.account)
    services.reverse_transfer(transfer=grant, reason="slip", actor=None, now=make.NOW)
    rows = [
        make.sacct_row(1, "gj901", units=f"cpu=8,{H100}=4", seconds=5_000),
        make.sacct_row(2, "gj901", seconds=77, submit=make.NINE - 86_400 * 40),
        make.sacct_row(3, "gj902", units=f"{H100}=1", seconds=33),
        make.sacct_row(4, "nobody", seconds=1_000),
    ]
    make.import_rows(*rows)
    make.import_rows(make.sacct_row(2, "gj901", seconds=99, submit=make.NINE - 86_400 * 40))
    return {"one": one, "two": two, "lot": lot}


def found(year: int = 2026) -> compute.Figures:
    return compute.figures(acting_staff(StaffGroup.CREDITS), TODAY, year)


def used_on_the_books() -> int:
    return sum(account.balance_gflop for account in CreditAccount.objects.filter(kind="usage"))


class TestFigures:
    def test_what_lots_paid_and_debts_and_suspense_is_all_that_was_used(
        self, camp: dict[str, object]
    ) -> None:
        totals = compute.totals(found())
        assert totals.used + totals.debt + totals.unattributed == totals.used_in_year == used_on_the_books()
        assert totals.unattributed == check_ledger().suspense == 2 * 40 * 1_000
        assert totals.debt == 33 * 67_000 - 1_000_000
        assert totals.granted - totals.used == totals.idle
        assert check_ledger().ok

    def test_each_lot_paid_what_the_transfers_out_of_it_say(self, camp: dict[str, object]) -> None:
        for lot in found().lots:
            out = sum(
                transfer.amount_gflop
                for transfer in Transfer.objects.filter(debit=lot.account, credit__kind="usage")
            )
            back = sum(
                transfer.amount_gflop
                for transfer in Transfer.objects.filter(credit=lot.account, debit__kind="usage")
            )
            assert lot.used == out - back

    def test_every_table_adds_up_to_the_same(self, camp: dict[str, object]) -> None:
        figures, user = found(), acting_staff(StaffGroup.CREDITS)
        used = used_on_the_books()
        months, resources = compute.months_table(figures), compute.resources_table(figures)
        assert months.total is not None
        assert resources.total is not None
        assert (months.total[3], months.total[4]) == (used, 80_000)
        assert resources.total[-1] == used == sum(resources.total[1:-1])
        h100 = 4 * 67_000 * 5_000 + 33 * 67_000
        assert resources.total[1:-1] == [8 * 40 * 5_000 + 2 * 40 * 99 + 80_000, h100]
        programmes, companies = compute.programmes_table(figures), compute.companies_table(user, figures)
        [pool] = compute.pools_table(user, figures).lines
        totals = compute.totals(figures)
        assert programmes.total is not None
        assert companies.total is not None
        granted, taken_back, paid, idle = programmes.total[2:6]
        assert companies.total[1:6] == [0, granted, taken_back, paid, idle]
        assert (granted - taken_back, paid, idle) == (totals.granted, totals.used, totals.idle)
        assert (months.total[1], months.total[2]) == (granted, taken_back)
        assert pool.values[4:7] == [totals.granted, totals.used, totals.idle]
        assert [line.values[0] for line in programmes.lines] == ["사업 A", "사업 B", "사업 C"]
        assert programmes.lines[2].values[2:6] == [7_000, 7_000, 0, 0]

    def test_a_month_is_seouls(self, camp: dict[str, object]) -> None:
        by_month = [line.values[3] for line in compute.months_table(found()).lines]
        assert by_month[9] == 2 * 40 * 99
        assert sum(by_month[:9]) == 0

    def test_another_year_has_none_of_it(self, camp: dict[str, object]) -> None:
        totals = compute.totals(found(2025))
        assert (totals.granted, totals.used, totals.idle, totals.used_in_year) == (0, 0, 0, 0)

    def test_a_pool_beyond_the_centre_is_over_committed(self) -> None:
        year = 88.5 * 24 * 365
        make.make_pool(capacity_gflop=(int(year) + 5) * GFLOP_PER_PFH)
        [pool] = compute.pools_table(None, found()).lines
        assert pool.values[-1] == 5 * GFLOP_PER_PFH

    def test_outcomes_beside_usage(self, camp: dict[str, object]) -> None:
        period = open_period(
            name="2026년 3분기",
            name_en="2026 Q3",
            first_day=date(2026, 7, 1),
            last_day=date(2026, 9, 30),
            due_on=date(2026, 10, 31),
            actor=None,
            now=make.NOW,
        )
        revenue, *others = KpiDefinition.objects.order_by("position")
        rest = {each.code: 1 for each in others}
        report = {"company": camp["one"], "period": period, "actor": None, "now": make.NOW, "note": ""}
        save_report(values={**rest, revenue.code: 100}, submit=True, **report)
        save_report(values={**rest, revenue.code: 250}, submit=True, **report)
        save_report(values={**rest, revenue.code: 999}, submit=False, **report)
        table = compute.companies_table(acting_staff(StaffGroup.CREDITS), found())
        row = next(line.values for line in table.lines if line.values[0] == "가나")
        place = [str(column.label) for column in table.columns].index(str(revenue))
        assert row[place] == 250

    def test_imports_that_failed_or_are_late(self, camp: dict[str, object]) -> None:
        user = acting_staff(StaffGroup.CREDITS)
        [row] = compute.imports_table(user, make.NOW + timedelta(hours=1)).lines
        assert (row.values[4:], str(row.values[3])[0]) == ([2, 0, 0], "●")
        [row] = compute.imports_table(user, make.NOW + timedelta(days=2)).lines
        assert str(row.values[3])[0] == "▲"
        imported("camp,gj901,2026-11-20,10,1", "x")
        assert [line.values[6] for line in compute.imports_table(user, make.NOW).lines] == [0, 1]


@pytest.mark.parametrize("name", compute.TABLES)
def test_each_table_as_a_file(client: Client, camp: dict[str, object], name: str) -> None:
    sign_in(client, staff_member())
    address = f"/admin/reporting/compute/{name}"
    page = client.get(f"{address}.csv?year=2026", headers={"accept-language": "en"})
    header, *rows = csv.reader(page.content.decode("utf-8-sig").splitlines())
    assert rows
    book = load_workbook(
        BytesIO(client.get(f"{address}.xlsx?year=2026", headers={"accept-language": "en"}).content)
    )
    first, *others = [list(row) for row in book.active.values]
    assert first == header
    assert len(others) == len(rows)
    for place, label in enumerate(header):
        if label.endswith("GFLOP"):
            for row, other in zip(rows, others, strict=True):
                assert str(other[place] if other[place] is not None else "") == row[place]
                assert not row[place] or petaflop_hours(int(row[place])) == Decimal(row[place - 1])
    for wrong in (f"{address}.pdf", "/admin/reporting/compute/secrets.csv"):
        assert client.get(wrong).status_code == 404


def test_the_pages_say_what_the_tables_do(client: Client, camp: dict[str, object]) -> None:
    sign_in(client, staff_member(StaffGroup.AUDITOR))
    totals = compute.totals(found())
    for page in PAGES:
        text = client.get(f"{page}?year=2026", headers={"accept-language": "en"}).content.decode()
        used, granted = f"{petaflop_hours(totals.used):,}", f"{petaflop_hours(totals.granted):,}"
        assert f"{used} of {granted} PF·h are used" in text
    for query in ("?year=x", "?year=99999999999", "?year=1", "?year=²026"):
        assert client.get(PAGES[0] + query).status_code == 200


def test_nobody_else_has_it(client: Client) -> None:
    sign_in(client, founder_of(CompanyFactory()))
    for page in (*PAGES, "/admin/reporting/compute/months.csv"):
        assert client.get(page).status_code == 404


@pytest.mark.parametrize("page", [*PAGES, "/admin/reporting/compute/companies.csv"])
def test_the_number_of_queries_does_not_grow(client: Client, page: str) -> None:
    sign_in(client, staff_member())
    counts = []
    for number in range(3):
        for each in range(1 + 4 * number):
            account = f"gj{number}{each}"
            make.grant(CompanyFactory(cluster_account=account), 1_000_000, programme=account)
            make.import_rows(
                make.sacct_row(10 * number + each, account), make.sacct_row(900 + each, f"x{account}")
            )
            imported(f"camp,{account},2026-11-20,10,1")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        counts.append(make.statements(captured))
    assert counts[0] == counts[1] == counts[2] <= 12
