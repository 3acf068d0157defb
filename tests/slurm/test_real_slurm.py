"""The whole way there and back with a real Slurm: a grant becomes a limit, jobs start and wait by it, what they used comes back,
is charged, and equals the scheduler's own total to the second. `make test-slurm` boots one."""

import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tenants.companies.models import Company
from tenants.compute import services
from tenants.compute.checking import check_ledger
from tenants.compute.cluster_commands import ClusterCommands
from tenants.compute.models import Cluster, CreditAccount, LimitSync, UsageRecord
from tests.factories.companies import CompanyFactory
from tests.factories.compute import grant, make_cluster, make_pool
from tests.slurm.booting import CLUSTER, RealSlurm, missing, real_slurm, wait_until

ASKED = os.environ.get("CAMP_TEST_SLURM") == "1"
WHY_NOT = missing() if ASKED else "boots a real Slurm: run `make test-slurm`"

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT),
    pytest.mark.django_db,
]

GPU, CPU = 67_000, 40
GPU_MINUTE = 60 * GPU


@pytest.fixture(scope="module")
def slurm() -> Iterator[RealSlurm]:
    with tempfile.TemporaryDirectory(prefix="camp-slurm-") as folder:
        began = time.monotonic()
        with real_slurm(Path(folder)) as cluster:
            told(f"\nbooted in {time.monotonic() - began:.1f} s")
            cluster.run("sacctmgr", "-i", "add", "account", "gjcamp")
            yield cluster


@pytest.fixture(autouse=True)
def ledger_stays_sound() -> Iterator[None]:
    yield
    assert check_ledger().broken == {}


@pytest.fixture
def commands(slurm: RealSlurm) -> ClusterCommands:
    return ClusterCommands(CLUSTER, tuple(slurm.prefix))


@pytest.fixture
def cluster() -> Cluster:
    return make_cluster(CLUSTER)


def company_of(slurm: RealSlurm, account: str, user: str = "daemon") -> Company:
    """A company whose account is on the cluster, with one person who may submit."""
    slurm.run("sacctmgr", "-i", "add", "account", account, "parent=gjcamp")
    slurm.run("sacctmgr", "-i", "add", "user", user, f"account={account}")
    return CompanyFactory(cluster_account=account)


def give(company: Company, gflop: int):
    today = timezone.localdate()
    period = DateRange(today - timedelta(days=2), today + timedelta(days=30))
    from tenants.compute.models import Pool

    pool = Pool.objects.first() or make_pool(period=period, now=timezone.now(), capacity_gflop=10**16)
    return grant(company, gflop, pool, period=period, now=timezone.now())


def sync(cluster: Cluster, commands: ClusterCommands, **values) -> LimitSync:
    done = services.sync_slurm(cluster=cluster, commands=commands, actor=None, now=timezone.now(), **values)
    assert done.failure == ""
    return done


def stands(slurm: RealSlurm, account: str) -> dict[str, int]:
    shown = slurm.run(
        "sacctmgr", "-P", "-n", "show", "assoc", "where", f"account={account}", "user=", "format=GrpTRESMins"
    )
    return {name: int(value) for name, value in (part.split("=") for part in shown.strip().split(","))}


def fetch(cluster: Cluster, commands: ClusterCommands):
    now = timezone.now() + timedelta(minutes=1)
    done = services.fetch_usage(cluster=cluster, commands=commands, actor=None, now=now)
    assert (done.failure, done.rejected) == ("", 0)
    return done


def waits_for_credits(slurm: RealSlurm, job: int) -> str:
    """Until the scheduler has looked at the job and keeps it waiting for its account's limit; the reason it gives."""

    def reason() -> str:
        state, why = slurm.state_of(job)
        assert state == "PENDING"
        return why if why.startswith("AssocGrp") else ""

    return wait_until(reason, f"job {job} waits for its account's limit")


def told(text: str) -> None:
    """A figure for whoever runs this by hand."""
    sys.stdout.write(f"{text}\n")


def ended(slurm: RealSlurm, job: int) -> None:
    """Until its end is in the accounting too."""
    wait_until(
        lambda: (
            "Unknown" not in (text := slurm.run("sacct", "-X", "-n", "-P", "-j", str(job), "-o", "End"))
            and text
        ),
        f"the end of job {job} in sacct",
    )


def test_there_and_back(slurm, cluster, commands):
    """A grant lets a waiting job start; its usage empties the balance; the next one waits; all of it reconciles."""
    began = timezone.now()
    company = company_of(slurm, "gj001")
    give(company, 1)
    sync(cluster, commands)
    assert stands(slurm, "gj001") == {"cpu": 0, "gres/gpu": 0, "gres/gpu:h100": 0}
    job = slurm.submit("daemon", "gj001", 300, gpus=8)
    told(f"before the grant: PENDING {waits_for_credits(slurm, job)}")

    give(company, 8 * GPU_MINUTE + 60 * CPU)
    dry = sync(cluster, commands, dry_run=True)
    assert stands(slurm, "gj001")["gres/gpu:h100"] == 0
    asked = time.monotonic()
    done = sync(cluster, commands)
    assert done.lines.get().after == dry.lines.get().after
    assert stands(slurm, "gj001")["gres/gpu:h100"] == 8
    slurm.wait_for(job, "RUNNING")
    told(f"after the grant: RUNNING {time.monotonic() - asked:.1f} s after the sync began")

    # It runs into its time limit, and over it: that is a debt.
    slurm.wait_for(job, "TIMEOUT", seconds=150)
    ended(slurm, job)
    fetch(cluster, commands)
    record = UsageRecord.objects.get(job_id=job)
    assert (record.state, record.company, record.elapsed_seconds >= 60) == ("TIMEOUT", company, True)
    assert record.charge_gflop == record.elapsed_seconds * (8 * GPU + CPU)
    debt = CreditAccount.objects.get(kind="debt", company=company)
    assert debt.balance_gflop == 8 * GPU_MINUTE + 60 * CPU + 1 - record.charge_gflop <= 0
    told(
        f"ran {record.elapsed_seconds} s of 60, charged {record.charge_gflop:,}, debt {-debt.balance_gflop:,}"
    )

    [line] = sync(cluster, commands).lines.all()
    assert line.after == line.counted
    assert line.counted["gres/gpu:h100"] >= 8
    following = slurm.submit("daemon", "gj001", 5, gpus=1)
    told(f"after the balance was emptied: PENDING {waits_for_credits(slurm, following)}")
    slurm.run("scancel", str(following))

    fetch(cluster, commands)
    assert fetch(cluster, commands).new == 0
    compared(slurm, cluster, began)


def compared(slurm: RealSlurm, cluster: Cluster, began: datetime) -> None:
    """The scheduler's total of the hours since then, against our records."""
    first = began.replace(minute=0, second=0, microsecond=0)
    end = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    window = [f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in (first, end)]
    slurm.run("sacctmgr", "-i", "roll", *window)
    text = ClusterCommands(CLUSTER, tuple(slurm.prefix)).sreport(first, end)
    done = services.reconcile_usage(
        io.StringIO(text), cluster=cluster.name, actor=None, now=timezone.now(), file_name="sreport"
    )
    lines = {
        (line.account, line.resource): (line.ours_seconds, line.theirs_seconds) for line in done.lines.all()
    }
    for key, (ours, theirs) in sorted(lines.items()):
        told(f"{key[0]} {key[1]}: ours {ours} s, theirs {theirs} s")
    assert (done.starts_at, done.ends_at) == (first, end)
    assert {account for account, _resource in lines} >= {"root", "gjcamp", "gj001"}
    assert lines["gj001", "gres/gpu:h100"][1] > 0
    assert done.ok


def test_an_account_without_a_grant_is_refused_until_it_has_one(slurm, cluster, commands):
    company = company_of(slurm, "gj002")
    sync(cluster, commands)
    with pytest.raises(RuntimeError, match="AssocGrpSubmitJobsLimit"):
        slurm.submit("daemon", "gj002", 1)
    give(company, 10**9)
    sync(cluster, commands)
    job = slurm.submit("daemon", "gj002", 1)
    slurm.wait_for(job, "RUNNING", "COMPLETING", "COMPLETED")


def test_a_claw_back_stops_no_running_job_unless_told(slurm, cluster, commands):
    company = company_of(slurm, "gj003", "games")
    lot = give(company, 10 * GPU_MINUTE)
    sync(cluster, commands)
    job = slurm.submit("games", "gj003", 300, gpus=1, minutes=6)
    slurm.wait_for(job, "RUNNING")
    services.claw_back(allocation=lot, reason="unused", actor=None, now=timezone.now())
    sync(cluster, commands)
    # The scheduler knows of the new limit: it takes no other job.
    with pytest.raises(RuntimeError, match="AssocGrpSubmitJobsLimit"):
        slurm.submit("games", "gj003", 5, gpus=1)
    assert slurm.state_of(job)[0] == "RUNNING"
    assert sync(cluster, commands, cancel_running=["gj003"]).cancelled == ["gj003"]
    assert slurm.wait_for(job, "CANCELLED") == "CANCELLED"


def test_hand_edits_are_seen_and_large_balances_fit(slurm, cluster, commands):
    company = company_of(slurm, "gj004")
    give(company, 8 * 10**15)
    sync(cluster, commands)
    assert sync(cluster, commands).changed == 0
    whole = stands(slurm, "gj004")
    assert whole["cpu"] == 8 * 10**15 // CPU // 60
    slurm.run("sacctmgr", "-i", "modify", "account", "where", "name=gj004", "set", "GrpTRESMins=cpu=7")
    [line] = sync(cluster, commands).lines.all()
    assert [each["code"] for each in line.warnings] == ["hand_edit"]
    assert stands(slurm, "gj004") == whole


def test_a_missing_account_and_a_wrong_cluster_are_said(slurm, cluster, commands):
    give(CompanyFactory(cluster_account="gj999"), 10**9)
    done = sync(cluster, commands)
    assert [(line.account, line.warnings[0]["code"]) for line in done.lines.all()] == [
        ("gj999", "missing_account")
    ]
    assert done.warnings == []
    other = make_cluster("elsewhere")
    failed = services.sync_slurm(cluster=other, commands=commands, actor=None, now=timezone.now())
    assert re.search(CLUSTER, failed.failure)
