"""Statements: sums, months, files, and a proof that breaks when one digit is altered."""

import copy
import csv
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incubator.accounts.enums import Kind, StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.display import petaflop_hours
from tenants.compute import proof, selectors, services, statement_proof
from tenants.compute.checking import check_ledger
from tenants.compute.models import CreditAccount
from tenants.compute.selectors import statements
from tests.factories.accounts import UserFactory, acting, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import grant, import_rows, make_pool, sacct_row
from tests.factories.compute import statements as count_of

pytestmark = pytest.mark.django_db

LIST = "/portal/credits/statements/"
H100 = "gres/gpu:h100"
# Noon in Seoul.
OCTOBER = datetime(2026, 10, 15, 3, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 15, 3, tzinfo=UTC)
NOW = datetime(2026, 12, 2, 3, tzinfo=UTC)


def second(moment: datetime) -> int:
    return int(moment.timestamp())


def job(number: int, ended: datetime, account: str = "gj901", **values) -> str:
    seconds = values.pop("seconds", 3600)
    return sacct_row(number, account, submit=second(ended) - seconds, seconds=seconds, **values)


@pytest.fixture
def company():
    """October: a grant, two jobs. November: a late October job, one corrected, a claw-back, a debt, and another company's."""
    company = CompanyFactory(cluster_account="gj901", name="두레 & 꿻㎡₩ <b>", slug="dure")
    pool = make_pool(now=OCTOBER - timedelta(days=1))
    lot = grant(company, 100_000_000, pool, programme="사업 #[가]", now=OCTOBER)
    grant(company, 70_000_000, pool, programme="H100", resources=[H100], now=OCTOBER)
    import_rows(
        job(1, OCTOBER, units=f"cpu=8,{H100}=2", seconds=100),
        job(2, OCTOBER, seconds=1_000),
        now=OCTOBER + timedelta(hours=1),
    )
    services.claw_back(
        allocation=lot, amount_gflop=1_000, reason="쓰지 않음", actor=None, now=NOVEMBER - timedelta(days=1)
    )
    import_rows(
        job(2, OCTOBER - timedelta(seconds=100), seconds=900),
        job(3, OCTOBER + timedelta(days=2), seconds=500, user="지호"),
        job(4, NOVEMBER, units=f"{H100}=10", seconds=300),
        now=NOVEMBER + timedelta(hours=1),
    )
    other = CompanyFactory(cluster_account="gj902", name="다른 기업")
    grant(other, 5_000_000, pool, programme="남의 사업", now=OCTOBER)
    import_rows(job(9, NOVEMBER, "gj902", user="secret"), now=NOVEMBER + timedelta(hours=2))
    import_rows(job(5, NOW, units=f"{H100}=50", seconds=30), now=NOW)
    return company


@pytest.fixture
def founder(company):
    return acting(founder_of(company), Kind.FOUNDER, company.pk)


def statement(founder, name="2026-11", now=NOW):
    year, month = map(int, name.split("-"))
    return statements.statement_of(founder, statements.Month(datetime(year, month, 1).date()), now)


def document(founder, company, name="2026-11"):
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
        year, month = map(int, name.split("-"))
        found = statements.document_of(founder, statements.Month(datetime(year, month, 1).date()), NOW)
        return json.loads(json.dumps(found))


def broken(altered, *, sealed=False):
    """The name of the first proof that fails, None when all hold. `sealed`: by somebody who makes the seal anew."""
    if sealed:
        altered["seal"] = statement_proof.seal_of(altered)
    try:
        for _each in statement_proof.proofs(altered):
            pass
    except statement_proof.Broken as found:
        return str(found).split(":")[0]
    return None


class TestFigures:
    def test_opening_and_what_was_booked_make_the_closing(self, founder):
        october, november = statement(founder, "2026-10"), statement(founder)
        first = (8 * 40 + 2 * 67_000) * 100 + 2 * 40 * 1_000
        assert (october.opening, october.charged) == (0, first)
        assert october.totals["granted_gflop"] == 170_000_000
        assert october.closing == november.opening == 170_000_000 - first
        booked = 2 * 40 * 900 + 2 * 40 * 500 + 10 * 67_000 * 300
        assert november.totals["used_gflop"] == booked
        assert november.totals["corrected_gflop"] == 2 * 40 * 1_000
        assert november.totals["taken_back_gflop"] == 1_000
        assert november.closing == november.opening - booked + 80_000 - 1_000
        assert november.totals["beyond_closing_gflop"] > 0
        assert (
            sum(part.closing for part in november.parts if part.account.kind != "usage") == november.closing
        )
        assert [line.closing for line in statements.months_of(founder, NOW.date())][1:] == [
            november.closing,
            october.closing,
        ]

    def test_a_month_that_is_over_never_changes(self, founder, company):
        before = document(founder, company, "2026-10")
        import_rows(job(77, OCTOBER, seconds=60), job(2, OCTOBER, seconds=10), now=NOW + timedelta(hours=1))
        assert document(founder, company, "2026-10") == before
        assert check_ledger().ok

    def test_not_even_by_a_transfer_that_was_recorded_with_an_earlier_moment(self, founder, company):
        """As that of a long import is, which begins before midnight and is written after it."""
        before = {name: document(founder, company, name) for name in ("2026-10", "2026-11")}
        import_rows(job(78, OCTOBER, seconds=60), now=OCTOBER + timedelta(hours=2))
        assert {name: document(founder, company, name) for name in before} == before
        december = document(founder, company, "2026-12")
        assert broken(december) is None
        records = [record for posting in december["postings"] for record in posting["records"]]
        assert any(record.startswith("job\x1f78\x1f") for record in records)
        [line] = [line for line in statements.months_of(founder, NOW.date()) if line.month.name == "2026-12"]
        assert line.closing == statement(founder, "2026-12").closing

    def test_the_closing_is_the_ledgers_balance(self, founder, company):
        accounts = CreditAccount.objects.filter(company=company)
        december = statement(founder, "2026-12", NOW)
        assert {part.account.code: part.closing for part in december.parts} == {
            account.code: account.balance_gflop for account in accounts
        }
        assert not december.complete

    def test_what_ended_in_the_month_is_the_figure_of_the_chart(self, founder):
        assert statement(founder, "2026-10").ended_in_month == (
            (8 * 40 + 2 * 67_000) * 100 + 2 * 40 * 900 + 2 * 40 * 500
        )
        assert statement(founder).ended_in_month == 10 * 67_000 * 300
        credits_ = selectors.credits_of(founder, timezone.localdate(NOW))
        months = dict(credits_.months)
        assert months[datetime(2026, 11, 1).date()] == petaflop_hours(10 * 67_000 * 300)

    def test_months_that_have_none(self, founder):
        for name in ("2026-09", "2027-01"):
            assert statement(founder, name) is None
        assert statement(acting(UserFactory(), Kind.FOUNDER, 0)) is None

    def test_midnight_is_seouls(self, founder, company):
        lot = grant(company, 1_000, now=NOW)
        for seconds, amount in ((-1, 3), (0, 5)):
            services.claw_back(
                allocation=lot,
                amount_gflop=amount,
                reason="x",
                actor=None,
                now=datetime(2026, 12, 31, 15, tzinfo=UTC) + timedelta(seconds=seconds),
            )
        later = datetime(2027, 2, 1, tzinfo=UTC)
        assert statement(founder, "2026-12", later).totals["taken_back_gflop"] == 3
        assert statement(founder, "2027-01", later).totals["taken_back_gflop"] == 5


class TestProof:
    def test_every_month_proves_itself(self, founder, company):
        for name in ("2026-10", "2026-11", "2026-12"):
            found = document(founder, company, name)
            assert broken(found) is None
            assert found["totals"] == statement(founder, name).totals

    def test_one_month_follows_the_other(self, founder, company):
        october, november = (document(founder, company, name) for name in ("2026-10", "2026-11"))
        closed = {account["code"]: account["closing_hash"] for account in october["accounts"]}
        opened = {account["code"]: account["opening_hash"] for account in november["accounts"]}
        assert {code: opened[code] for code in closed} == closed
        assert {link for code, link in opened.items() if code not in closed} == {proof.GENESIS}

    def test_one_altered_digit_anywhere_breaks_it(self, founder, company):
        """Every value of the file, one by one; each kind of field is found by the proof that covers it."""
        found = document(founder, company)
        first: dict[str, set[str | None]] = {}
        count = 0
        for path in _leaves(found):
            altered = copy.deepcopy(found)
            _alter(altered, path)
            kind = ".".join(step for step in path if isinstance(step, str))
            first.setdefault(kind, set()).add(broken(altered))
            count += 1
        assert count > 200
        assert {kind for kind, names in first.items() if None in names} == set()
        covered = {kind: names for kind, names in first.items() if names != {"seal"}}
        assert covered["postings.digest"] == {"digests"}
        assert covered["postings.charge_gflop"] == {"digests"}
        assert covered["postings.rates.gres/gpu:h100"] == {"charges", "digests"}
        assert covered["transfers.gflop"] == {"payloads"}
        assert covered["transfers.reason"] == {"payloads"}
        assert covered["transfers.payload_hash"] == {"payloads"}
        assert covered["accounts.closing_gflop"] == {"chains"}
        assert all(names == {"sums"} for kind, names in first.items() if kind.startswith("totals."))
        assert {kind for kind, names in first.items() if names == {"seal"}} == {
            "company.name",
            "month",
            "time_zone",
            "complete",
            "accounts.programme",
            "transfers.recorded_at",
            "postings.recorded_at",
            "postings.file_sha256",
            "format",
            "seal",
        }

    @pytest.mark.parametrize("column", range(statement_proof.FIELDS))
    def test_a_forged_record_is_found_though_the_seal_is_made_anew(self, founder, company, column):
        found = document(founder, company)
        record = found["postings"][0]["records"][0].split("\x1f")
        record[column] = "cpu=9" if column == 9 else f"{record[column]}1"
        found["postings"][0]["records"][0] = "\x1f".join(record)
        assert broken(found, sealed=True) in ("charges", "digests")

    def test_what_is_left_out_is_missed(self, founder, company):
        found = document(founder, company)
        for forge, name in (
            (lambda of: of["postings"][0]["records"].pop(), "digests"),
            (lambda of: of["postings"].pop(), "payloads"),
            (lambda of: of["transfers"].pop(), "chains"),
            (lambda of: of["accounts"][0]["entries"].pop(), "chains"),
            (lambda of: of["accounts"][0]["entries"].pop(0), "chains"),
            (lambda of: of["accounts"].pop(), "complete"),
            (lambda of: of["postings"].append(copy.deepcopy(of["postings"][0])), "digests"),
            (lambda of: of.pop("totals"), "sums"),
            (lambda of: of["totals"].update(used_gflop=1.0), "sums"),
            (lambda of: of["totals"].update(used_gflop=True), "sums"),
        ):
            altered = copy.deepcopy(found)
            forge(altered)
            if not altered["accounts"]:
                continue
            assert broken(altered, sealed=True) in (name, "paid", "complete", "sums"), name

    def test_another_companys_posting_is_refused(self, founder, company):
        found = document(founder, company)
        found["company"]["business_number"] = "1234567891"
        assert broken(found, sealed=True) == "digests"


def _leaves(value, path=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))
    else:
        yield path


def _alter(value, path):
    for step in path[:-1]:
        value = value[step]
    old = value[path[-1]]
    if isinstance(old, bool):
        new = not old
    elif isinstance(old, int):
        new = old + 1
    elif digit := re.search(r"[0-9](?=[^0-9]*$)", old):
        changed = "1" if digit[0] != "1" else "2"
        new = old[: digit.start()] + changed + old[digit.end() :]
    else:
        new = f"{old}1"
    value[path[-1]] = new


class TestCommand:
    def run(self, path):
        out = StringIO()
        try:
            call_command("verify_statement", str(path), stdout=out)
        except CommandError as error:
            return error.returncode, out.getvalue()
        return 0, out.getvalue()

    def test_it_proves_and_names_what_broke(self, founder, company, tmp_path):
        path = tmp_path / "statement.json"
        found = document(founder, company)
        path.write_text(json.dumps(found, ensure_ascii=False))
        status, text = self.run(path)
        assert status == 0
        assert [line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("ok")] == [
            name for name, _prove in statement_proof.PROOFS
        ]
        found["accounts"][0]["entries"][0][2] += 1
        path.write_text(json.dumps(found))
        status, text = self.run(path)
        assert status == 1
        assert "BROKEN chains: " in text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            '{"format": "camp-credit-statement/1"}',
            '{"format": "camp-credit-statement/1", "format": "camp-credit-statement/1"}',
            '{"format": "camp-credit-statement/1", "totals": 1.5}',
            '{"format": "camp-credit-statement/1", "totals": NaN}',
            "[" * 100_000,
            "\udcff",
        ],
    )
    def test_what_is_no_statement(self, tmp_path, text):
        path = tmp_path / "statement.json"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        assert self.run(path)[0] == 1
        assert self.run(tmp_path / "none.json")[0] == 2

    def test_it_needs_no_database(self, founder, company, tmp_path):
        path = tmp_path / "statement.json"
        path.write_text(json.dumps(document(founder, company)))
        root = Path(__file__).parents[3]
        done = subprocess.run(
            [sys.executable, "manage.py", "verify_statement", str(path)],
            cwd=root,
            env={
                "PATH": "/usr/bin:/bin",
                "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
                "VAR": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, "proves itself" in done.stdout) == (0, True), done.stderr

    def test_the_proof_knows_neither_django_nor_database(self):
        code = (
            "import sys; sys.modules['django'] = None; sys.modules['psycopg'] = None;"
            "import tenants.compute.statement_proof"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


class TestPages:
    @pytest.fixture
    def client_of(self, client, company):
        return sign_in(client, founder_of(company))

    def text(self, client, path, language="en"):
        answer = client.get(path, headers={"accept-language": language})
        assert answer.status_code == 200
        return answer.content.decode()

    def test_the_page_says_what_the_files_do(self, client_of, founder, company):
        found = statement(founder)
        text = self.text(client_of, f"{LIST}2026-11/")
        assert f"{petaflop_hours(found.charged)} PF·h were charged" in text
        assert "&lt;b&gt;" in text
        for number in ("2", "3", "4"):
            assert f'scope="row" class="nowrap" data-label="Job">{number}<' in text
        assert "secret" not in text
        assert "남의 사업" not in text
        files = {one["file_sha256"] for one in document(founder, company)["postings"]}
        assert any(file[:12] in text for file in files)
        assert "2026-11/" in self.text(client_of, LIST)

    def test_the_csv_adds_up(self, client_of, founder):
        rows = list(
            csv.reader(self.text(client_of, f"{LIST}2026-11.csv").removeprefix("\ufeff").splitlines())
        )
        header, opening, *bookings, closing = rows
        amount = header.index("Amount, GFLOP")
        assert all(len(row) == len(header) for row in rows)
        found = statement(founder)
        assert (int(opening[amount]), int(closing[amount])) == (found.opening, found.closing)
        assert found.opening + sum(int(row[amount]) for row in bookings) == found.closing
        job_of = header.index("Job")
        assert [row[job_of] for row in bookings if row[job_of]] == ["2", "3", "4"]
        assert all(
            re.fullmatch("[0-9a-f]{64}", row[header.index("SHA-256 of the file")])
            for row in bookings
            if row[job_of]
        )

    def test_the_json_is_the_document(self, client_of, founder, company):
        found = json.loads(self.text(client_of, f"{LIST}2026-11.json"))
        assert broken(found) is None
        assert "gj902" not in json.dumps(found)

    def test_machines_read_the_same_document(self, client_of, founder, company):
        api = "/api/v1/credit-statements/"
        page = json.loads(self.text(client_of, f"{LIST}2026-11.json"))
        assert client_of.get(f"{api}2026-11/").json() == page
        months = {row["month"]: row for row in client_of.get(api).json()["results"]}
        assert months["2026-11"]["closing_gflop"] == statement(founder).closing
        assert client_of.get(f"{api}2026-09/").status_code == 404
        assert client_of.get(f"{api}2026-13/").status_code == 404

    def test_a_manager_has_no_statement_of_his_own(self, client, company):
        sign_in(client, staff_member(StaffGroup.CREDITS))
        assert client.get("/api/v1/credit-statements/").json()["results"] == []
        assert client.get("/api/v1/credit-statements/2026-11/").status_code == 404

    @pytest.mark.parametrize("language", ["ko", "en"])
    def test_the_pdf(self, client_of, language):
        answer = client_of.get(f"{LIST}2026-11.pdf", headers={"accept-language": language})
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert len(answer.content) > 10_000

    @pytest.mark.parametrize(
        "path",
        [
            "2026-13/",
            "2026-1/",
            "x/",
            "2026-09/",
            "2099-01/",
            "2026-11.xlsx",
            "²026-11/",
            "2026-11%0a/",
            "9999-12/",
        ],
    )
    def test_what_is_no_month(self, client_of, path):
        assert client_of.get(LIST + path).status_code == 404

    def test_nobody_elses(self, client, company):
        sign_in(client, founder_of(CompanyFactory()))
        for path in ("2026-11/", "2026-11.json", "2026-11.csv", "2026-11.pdf"):
            assert client.get(LIST + path).status_code == 404
        assert "No statement yet" in self.text(client, LIST)

    def test_without_its_filters_a_founder_still_sees_the_own_alone(self, client_of, monkeypatch):
        def everything(of):
            return lambda _user: of

        for name in (
            "accounts_for",
            "transfers_for",
            "usage_postings_for",
            "ledger_entries_for",
            "usage_days_for",
        ):
            whole = getattr(selectors, name)(None)
            monkeypatch.setattr(selectors, name, everything(whole))
        for path in ("2026-11/", "2026-11.json", "2026-11.csv"):
            text = self.text(client_of, LIST + path)
            assert "gj902" not in text
            assert "secret" not in text

    @pytest.mark.parametrize("path", ["", "2026-11/", "2026-11.csv", "2026-11.json"])
    def test_the_number_of_queries_does_not_grow(self, client_of, company, path):
        counted = []
        for many in (1, 60):
            import_rows(
                *(
                    job(1_000 * many + number, NOVEMBER - timedelta(days=number % 20), user=f"u{number % 7}")
                    for number in range(many)
                ),
                now=NOVEMBER + timedelta(days=1, minutes=many),
            )
            for _number in range(many):
                grant(company, 1_000, now=NOVEMBER)
            with CaptureQueriesContext(connection) as captured:
                self.text(client_of, LIST + path)
            counted.append(count_of(captured))
        assert counted[0] == counted[1] <= 12
