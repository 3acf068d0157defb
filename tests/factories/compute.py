"""Pools, grants and usage, made as the services make them; and rows of sacct."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from incubator.common.display import GFLOP_PER_PFH
from tenants.companies.models import Company
from tenants.compute import services
from tenants.compute.models import Allocation, Cluster, Pool, Resource, ResourceRate, UsageImport

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
YEAR = DateRange(date(2026, 1, 1), date(2027, 1, 1))
CLUSTER = "camp"
# 2026-11-20 09:00 in Seoul.
NINE = 1_795_132_800
RATES = {"cpu": 40, "gres/gpu": 8_100, "gres/gpu:a100": 19_500, "gres/gpu:h100": 67_000, "gres/gpu:t4": 8_100}
HEADER = "JobIDRaw|Cluster|Account|User|State|Submit|Start|End|ElapsedRaw|TimelimitRaw|AllocTRES"


def seed_rates() -> None:
    """The first rates, for tests whose database was emptied after its migrations."""
    for code, gflops in RATES.items():
        resource, _ = Resource.objects.get_or_create(code=code, defaults={"name": code, "unit": "1"})
        if not resource.rates.exists():
            ResourceRate.objects.create(
                resource=resource, gflops=gflops, period=DateRange(date(2000, 1, 1), None), source="test"
            )


def make_cluster(name: str = CLUSTER) -> Cluster:
    return Cluster.objects.get_or_create(name=name)[0]


def make_pool(capacity_gflop: int = 1000 * GFLOP_PER_PFH, name: str = "2026", **values: Any) -> Pool:
    return services.make_pool(
        **{
            "name": name,
            "period": YEAR,
            "capacity_gflop": capacity_gflop,
            "reason": "year's capacity",
            "actor": None,
            "now": NOW,
            **values,
        }
    )


def grant(company: Company, amount_gflop: int, pool: Pool | None = None, **values: Any) -> Allocation:
    """A grant for the year 2026, out of the pool "2026" unless another is given."""
    return services.grant_credits(
        **{
            "company": company,
            "pool": pool or Pool.objects.filter(name="2026").first() or make_pool(),
            "programme": "AI 컴퓨팅 지원",
            "amount_gflop": amount_gflop,
            "period": YEAR,
            "reason": "first round",
            "actor": None,
            "now": NOW,
            **values,
        }
    )


def sacct_row(
    job: int,
    account: str,
    *,
    seconds: int = 100,
    units: str = "cpu=2,mem=4000M,node=1",
    state: str = "COMPLETED",
    submit: int = NINE,
    start: int | str | None = None,
    end: int | str | None = None,
    user: str = "minji",
    cluster: str = CLUSTER,
    limit: str = "60",
) -> str:
    """One row under HEADER. The job starts when it was submitted and ends after `seconds`, unless told otherwise."""
    started = submit if start is None else start
    ended = submit + seconds if end is None else end
    values = (job, cluster, account, user, state, submit, started, ended, seconds, limit, units)
    return "|".join(map(str, values))


def sacct(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def import_rows(*rows: str, cluster: str = CLUSTER, now: datetime = NOW, **values: Any) -> UsageImport:
    """Import these rows into a cluster that is registered."""
    make_cluster(cluster)
    return services.import_usage(
        BytesIO(sacct(*rows)),
        **{"cluster": cluster, "actor": None, "now": now, "file_name": "rows.txt", **values},
    )


def statements(captured: CaptureQueriesContext) -> int:
    """How many statements a page costs where it runs: a request there begins its own transaction, so the role is
    set once and never set back, and the camp's settings come from the process's memory."""
    unseen = (
        "BEGIN",
        "SAVEPOINT",
        "RELEASE",
        "COMMIT",
        "ROLLBACK",
        "SELECT current_setting(",
        "SELECT set_config(",
    )
    asked = [each["sql"] for each in captured.captured_queries if not each["sql"].startswith(unseen)]
    return 1 + len([sql for sql in asked if "common_campsettings" not in sql])
