"""The camp that is crashed: `python -m tests.concurrency.crash_camp prepare|hand-over FILE|release`, on DATABASE_URL."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from incubator.running.environment import choose_settings

CLUSTER = "crash"
COMPANIES = 12
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def write_rows(path: Path, rows: int) -> None:
    """A file of `rows` rows over ninety days: a few still run, a few are nobody's, one company has too little credit."""
    states = ["COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED by 1004"]
    held = [
        "cpu=4,mem=8G,node=1",
        "billing=80,cpu=8,gres/gpu:h100=1,gres/gpu=1,mem=62.50G",
        "cpu=1,gres/gpu:t4=2,gres/gpu=2",
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write("JobIDRaw|Cluster|Account|User|State|Submit|Start|End|ElapsedRaw|TimelimitRaw|AllocTRES\n")
        for at in range(rows):
            submit = 1_787_000_000 + at * 90 * 86_400 // rows
            seconds = (at * 7_919) % 20_000
            account = f"crash-{at % (COMPANIES + 1):02d}"
            state, end = states[at % 6], str(submit + seconds)
            if at % 5_003 == 17:
                state, end = "RUNNING", "Unknown"
            file.write(
                f"{at + 1}|{CLUSTER}|{account}|u{at % 4}|{state}|{submit}|{submit}|{end}|{seconds}|600|{held[at % 3]}\n"
            )


def prepare() -> None:
    """A migrated camp of twelve companies with grants, and their cluster."""
    from django.core.management import call_command
    from django.db.backends.postgresql.psycopg_any import DateRange

    from tenants.compute.models import Cluster
    from tenants.compute.services import grant_credits, make_pool
    from tests.factories.companies import CompanyFactory

    call_command("migrate", interactive=False, verbosity=0)
    Cluster.objects.create(name=CLUSTER)
    year = DateRange(date(2026, 1, 1), date(2027, 1, 1))
    values = {"period": year, "reason": "year", "actor": None, "now": NOW}
    pool = make_pool(name="2026", capacity_gflop=10**17, **values)
    for at in range(COMPANIES):
        company = CompanyFactory(cluster_account=f"crash-{at:02d}")
        for part, amount in (("a", 10**9), ("b", 10**13 if at else 10**10)):
            grant_credits(
                company=company, pool=pool, programme="x", amount_gflop=amount, key=f"crash-{at}-{part}", **values
            )  # fmt: skip


def hand_over(path: Path) -> None:
    """Give the file to the worker, as the API does."""
    from django.core.files import File
    from django.db import transaction

    from tenants.compute.services import receive_usage

    with path.open("rb") as file, transaction.atomic():
        receive_usage(file=File(file), file_name=path.name, cluster=CLUSTER, actor=None, now=NOW)


def release() -> None:
    """What `make run` does before it starts a worker."""
    from django.db import connection

    from incubator.running.queue import release_unfinished

    release_unfinished(connection)


def main(arguments: list[str]) -> None:
    choose_settings()
    import django

    django.setup()
    act, *rest = arguments
    {"prepare": prepare, "hand-over": hand_over, "release": release}[act](*map(Path, rest))


if __name__ == "__main__":
    main(sys.argv[1:])
