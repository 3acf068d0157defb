"""Usage against COPY, grants against pgbench, and the founder's page with a thousand and with a million records.

Everything runs on one embedded server of its own, with the settings that `make run` gives it.
"""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from incubator.running import postgres
from incubator.running.environment import PROJECT

from .conftest import Bench

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
COMPANIES = 73
CLIENTS, GRANTS = 8, 60
QUARTER = 90 * 86_400
HEADER = "JobIDRaw|Submit|DBIndex|Cluster|Account|User|Partition|QOS|State|Start|End|ElapsedRaw|Suspended|TimelimitRaw|AllocTRES"

SETUP = """
from datetime import date, datetime, timedelta, UTC
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateRange
call_command("migrate", interactive=False, verbosity=0)
from tenants.compute.models import Cluster
from tenants.compute.services import grant_credits, make_pool
from tests.factories.companies import CompanyFactory, MembershipFactory
for name in ("bench", "small"): Cluster.objects.create(name=name)
year = DateRange(date(2020, 1, 1), date(2040, 1, 1))
values = dict(period=year, reason="x", actor=None, now=datetime.now(UTC))
pool = make_pool(name="bench", capacity_gflop=10**18, **values)
for at in range(%d):
    company = CompanyFactory(cluster_account=f"acct-{at:02d}")
    MembershipFactory(company=company)
    grant_credits(company=company, pool=pool, programme="x", amount_gflop=10**14, **values)
"""

IMPORT = """
import resource, sys, time
from datetime import UTC, datetime
from incubator.common.dbroles import acting_as_system
from tenants.compute.services import import_usage
began = time.perf_counter()
with open(sys.argv[1], "rb") as file, acting_as_system():
    done = import_usage(file, cluster=sys.argv[2], actor=None, now=datetime.now(UTC))
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, done.counts, sep=";")
"""

PAGE = """
import statistics, sys, time
from django.test import Client
from django.contrib.auth import get_user_model
from tenants.companies.models import Membership
def client(account):
    found = Client()
    found.force_login(Membership.objects.get(company__cluster_account=account).user)
    assert found.get("/portal/credits/", follow=True).status_code == 200
    return found
clients = {account: client(account) for account in sys.argv[1:]}
spent = {account: [] for account in clients}
for _ in range(40):
    for account, one in clients.items():
        began = time.perf_counter()
        assert one.get("/portal/credits/").status_code == 200
        spent[account].append(time.perf_counter() - began)
print(*(statistics.median(times) * 1000 for times in spent.values()))
"""

BARE = """
\\set company random(1, {companies})
BEGIN;
SELECT balance_gflop FROM compute_creditaccount WHERE id = {pool} FOR NO KEY UPDATE;
WITH opened AS (
  INSERT INTO compute_creditaccount (code, kind, company_id, cluster_account, balance_gflop, held_gflop, may_overdraw, entries,
    head_hash, opened_at)
  VALUES ('bare:' || gen_random_uuid(), 'lot', :company, '', 0, 0, false, 0, repeat('0', 64), now()) RETURNING id
) SELECT id AS lot FROM opened \\gset
INSERT INTO compute_transfer (amount_gflop, debit_id, credit_id, kind, reason, company_id, effective_at, recorded_at,
  idempotency_key, payload_hash)
VALUES (1, {pool}, :lot, 'grant', 'bench', :company, now(), now(), 'bare:' || gen_random_uuid(), repeat('0', 64));
INSERT INTO compute_allocation (company_id, pool_id, programme, account_id, amount_gflop, taken_back_gflop, moved_gflop,
  resources, period, own_share_percent, reason, state, granted_at, created_at, updated_at)
VALUES (:company, {pool_row}, 'bench', :lot, 1, 0, 0, '{{}}', '[2026-01-01,2027-01-01)', 0, 'bench', 'active', now(), now(),
  now());
COMMIT;
"""


def write_rows(path: Path, rows: int, cluster: str, accounts: list[str], first_job: int = 1) -> None:
    """A quarter of jobs up to now, in the order of their submission."""
    states = ["COMPLETED"] * 8 + ["FAILED", "TIMEOUT", "CANCELLED by 1004"]
    held = [f"billing={c},cpu={c},mem={4 * c}G,node=1" for c in (1, 2, 4, 8, 16, 32)] + [
        f"billing={c + 16 * g},cpu={c},gres/gpu:{kind}={g},gres/gpu={g},mem={4000 * c}M,node=1"
        for c in (4, 8, 16)
        for g in (1, 2, 4)
        for kind in ("h100", "a100")
    ]
    begin = int(datetime.now(UTC).timestamp()) - QUARTER
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for at in range(rows):
            submit = begin + at * (QUARTER - 9_000) // rows
            start = submit + at * 7_919 % 600
            seconds = at * 104_729 % 7_200
            account = accounts[at * 31 % len(accounts)]
            file.write(
                f"{first_job + at}|{submit}|{at}|{cluster}|{account}|u{at % 5}|gpu|normal|{states[at % 11]}|{start}"
                f"|{start + seconds}|{seconds}|00:00:00|240|{held[at % len(held)]}\n"
            )


class Camp:
    def __init__(self, var: Path) -> None:
        self.var, self.server = var, postgres.ensure_running(var)
        self.run(SETUP % COMPANIES)

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "VAR": str(self.var),
            "CAMP_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "incubator.settings.test",
        }

    def run(self, code: str, *arguments: str) -> str:
        code = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, *arguments], cwd=PROJECT, env=self.environ, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.server.url, autocommit=True)

    def read(self, file: Path, cluster: str) -> tuple[float, float, str]:
        seconds, megabytes, counts = self.run(IMPORT, str(file), cluster).splitlines()[-1].split(";")
        return float(seconds), float(megabytes), counts


@pytest.fixture(scope="module")
def camp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camp]:
    found = Camp(tmp_path_factory.mktemp("credits"))
    yield found
    found.server.stop()


def copied(camp: Camp, file: Path) -> float:
    """Seconds of the bare COPY of the same file into a table of text columns."""
    columns = ", ".join(f"c{at} text" for at in range(len(HEADER.split("|"))))
    with camp.connect() as connection, file.open("rb") as source:
        connection.execute(f"CREATE TABLE plain ({columns})")
        began = time.perf_counter()
        with connection.cursor().copy("COPY plain FROM STDIN (FORMAT csv, DELIMITER '|', HEADER)") as copy:
            while piece := source.read(1 << 18):
                copy.write(piece)
        spent = time.perf_counter() - began
        connection.execute("DROP TABLE plain")
    return spent


def test_usage_against_copy(camp: Camp, bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    # One company has a million of its own: its page is measured below.
    write_rows(file, ROWS, "bench", ["acct-00"] * 8 + [f"acct-{at:02d}" for at in range(2, COMPANIES)])
    baseline = statistics.median(copied(camp, file) for _ in range(3))
    first, megabytes, counts = camp.read(file, "bench")
    assert counts.startswith(f"read {ROWS}, new {ROWS}, ")
    after = copied(camp, file)
    again, _megabytes, counts = camp.read(file, "bench")
    assert f"unchanged {ROWS}" in counts
    bench.figure("usage: COPY of the same file, rows a second", ROWS / baseline, "rows/s")
    bench.figure("usage: imported, rows a second", ROWS / first, "rows/s")
    bench.figure(
        "usage: imported against COPY (at least 0.25)", statistics.mean([baseline, after]) / first, "x"
    )
    bench.figure("usage: memory of the importing process (under 200)", megabytes, "MB")
    bench.figure("usage: first import against the second (at least 3)", first / again, "x")
    gc.collect()


def test_the_page_of_a_million_records(camp: Camp, bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "small.txt"
    write_rows(file, 1_000, "small", ["acct-01"])
    camp.read(file, "small")
    file = tmp_path / "large.txt"
    write_rows(file, ROWS, "bench", ["acct-00"], first_job=10**7)
    camp.read(file, "bench")
    with camp.connect() as connection:
        connection.execute("VACUUM ANALYZE")
        row = connection.execute(
            "SELECT count(*) FROM compute_usagerecord JOIN companies_company AS company ON company.id = company_id"
            " WHERE company.cluster_account = 'acct-00'"
        ).fetchone()
    small, large = map(float, camp.run(PAGE, "acct-01", "acct-00").split())
    assert row is not None
    bench.figure("credits page: records of the large company", row[0], "rows")
    bench.figure("credits page: with 1,000 records", small, "ms")
    bench.figure("credits page: with a million", large, "ms")
    bench.figure("credits page: a million against a thousand (at most 1.3)", large / small, "x")


def test_grants_against_pgbench(camp: Camp, bench: Bench, tmp_path: Path) -> None:
    with camp.connect() as connection:
        companies = [
            row[0] for row in connection.execute("SELECT id FROM companies_company ORDER BY id").fetchall()
        ]
        found = connection.execute("SELECT id, account_id FROM compute_pool WHERE name = 'bench'").fetchone()
    assert found is not None
    script = tmp_path / "grant.sql"
    script.write_text(BARE.format(companies=len(companies), pool=found[1], pool_row=found[0]))

    def bare() -> float:
        said = subprocess.run(
            [
                str(postgres.binary("pgbench")), "-n", "-c", str(CLIENTS), "-j", "2", "-t", str(GRANTS * 4), "-f", str(script),
                camp.server.url,
            ],
            text=True, capture_output=True, check=True,
        ).stdout  # fmt: skip
        return float(said.split("tps = ")[1].split()[0])

    before = bare()
    clients = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.performance.granting", str(companies[at]), str(GRANTS * 4)],
            cwd=PROJECT, env=camp.environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for at in range(CLIENTS)
    ]  # fmt: skip
    for client in clients:
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.close()
    for client in clients:
        assert client.stdout is not None
        assert client.stdout.readline() == "done\n"
    spent = time.perf_counter() - began
    assert [client.wait() for client in clients] == [0] * CLIENTS
    ended = time.perf_counter() - began
    ours = CLIENTS * GRANTS * 4 / spent
    baseline = statistics.mean([before, bare()])
    bench.figure("grants: bare SQL by pgbench, 8 clients", baseline, "1/s")
    bench.figure("grants: through the service, 8 clients", ours, "1/s")
    bench.figure("grants: service against bare SQL (at least 0.5)", ours / baseline, "x")
    bench.figure("grants: the same with the end of the processes", ours * spent / ended / baseline, "x")
