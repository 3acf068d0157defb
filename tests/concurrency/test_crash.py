"""`kill -9` of the importer, the worker and PostgreSQL in the middle of an import: what is read again afterwards makes the
very ledger that an undisturbed reading makes.

A few crashes in the suite; `make crash` does fifty, on 100,000 rows. CRASH_SEED repeats a run.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from incubator.running import postgres
from incubator.running.environment import PROJECT

from .crash_camp import CLUSTER, write_rows

CRASHES = int(os.environ.get("CRASHES", "3"))
ROWS = int(os.environ.get("CRASH_ROWS", "20000"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
WORKER = [
    "-m", "celery", "--quiet", "--app", "incubator.celery", "worker", "--concurrency", "1", "--without-gossip",
    "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR",
]  # fmt: skip


_READING = """
    SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND granted AND datname = %s
"""


class Camp:
    """An embedded server of its own, with a prepared database from which each crash gets a fresh copy."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.file = var / "rows.txt"
        write_rows(self.file, ROWS)
        self.server = postgres.ensure_running(var)
        self.python("-m", "tests.concurrency.crash_camp", "prepare", database="camp")

    def url(self, database: str) -> str:
        return self.server.url.removesuffix("camp") + database

    def fresh(self, database: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {database} TEMPLATE camp")

    def start(self, *command: str, database: str) -> subprocess.Popen[str]:
        environ = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CELERY"))
            },
            "VAR": str(self.var),
            "DATABASE_URL": self.url(database),
            "CAMP_ENV": "local",
            "DJANGO_SETTINGS_MODULE": "incubator.settings.local",
        }
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", *command], cwd=PROJECT, env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def python(self, *command: str, database: str, status: int | None = 0) -> str:
        process = self.start(*command, database=database)
        said, _ = process.communicate(timeout=300)
        assert status is None or process.returncode == status, said
        return said

    def importing(self, database: str) -> subprocess.Popen[str]:
        return self.start(
            "manage.py",
            "import_usage",
            "--source",
            "slurm",
            "--cluster",
            CLUSTER,
            str(self.file),
            database=database,
        )

    def export(self, database: str) -> bytes:
        path = self.var / f"{database}.jsonl"
        self.python("manage.py", "check_ledger", "--export", str(path), database=database)
        return path.read_bytes()

    def crash_server(self) -> None:
        pid = int((postgres.home(self.var) / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        self.server.wait_until_gone()
        self.server.stop()

    def revive(self) -> None:
        self.server = postgres.ensure_running(self.var)

    def until_reading(self, database: str, process: subprocess.Popen[str]) -> None:
        """Wait until an import holds the usage lock, or is over already."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            while process.poll() is None and not connection.execute(_READING, [database]).fetchone():
                time.sleep(0.01)

    def until_imported(self, database: str) -> None:
        """Wait for the worker's word: the import is no longer waiting."""
        deadline = time.monotonic() + 120
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            while True:
                states = connection.execute("SELECT state FROM compute_usageimport").fetchall()
                if states and all(state == "imported" for (state,) in states):
                    return
                assert time.monotonic() < deadline, states
                time.sleep(0.2)


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    var = tmp_path / "var"
    var.mkdir()
    found = Camp(var)
    yield found
    found.server.stop()


def kill_group(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def crash_importer(camp: Camp, moment: float) -> None:
    process = camp.importing("trial")
    camp.until_reading("trial", process)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        kill_group(process)


def crash_postgres(camp: Camp, moment: float) -> None:
    process = camp.importing("trial")
    camp.until_reading("trial", process)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        camp.crash_server()
        process.communicate(timeout=120)
        camp.revive()


def crash_worker(camp: Camp, moment: float) -> None:
    worker = camp.start(*WORKER, database="trial")
    camp.python("-m", "tests.concurrency.crash_camp", "hand-over", str(camp.file), database="trial")
    camp.until_reading("trial", worker)
    try:
        worker.wait(moment)
    except subprocess.TimeoutExpired:
        kill_group(worker)
    camp.python("-m", "tests.concurrency.crash_camp", "release", database="trial")
    again = camp.start(*WORKER, database="trial")
    try:
        camp.until_imported("trial")
    finally:
        kill_group(again)


def test_after_a_crash_the_ledger_is_that_of_an_undisturbed_run(camp):
    camp.fresh("quiet")
    process = camp.importing("quiet")
    camp.until_reading("quiet", process)
    began = time.monotonic()
    said, _ = process.communicate()
    whole = time.monotonic() - began
    assert f"read {ROWS}, new {ROWS}" in said
    expected = camp.export("quiet")
    assert expected.count(b'["record"') > ROWS * 0.99
    dice = random.Random(SEED)
    told = []
    for at in range(CRASHES):
        crash = (crash_importer, crash_postgres, crash_worker)[at % 3]
        camp.fresh("trial")
        crash(camp, dice.uniform(0, whole))
        again = camp.importing("trial").communicate()[0]
        told.append((crash.__name__, again.splitlines()[-2:]))
        assert camp.export("trial") == expected, told
        sys.stdout.write(f"{at + 1} {crash.__name__}: then {again.splitlines()[-2]}\n")
