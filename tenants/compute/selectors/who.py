"""Who and what used a company's credits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from tenants.compute import selectors
from tenants.compute.models import UsageRecord

from .market import MarketCost, market_cost, own_share, prices_on, used_by_resource

DAYS = 30
PEOPLE_SHOWN = 50
# What ended so has mostly to be done again; cancelled and preempted jobs are told apart from it.
FAILED = frozenset(
    {"FAILED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL", "LAUNCH_FAILED", "DEADLINE"}
)


@dataclass(frozen=True)
class Use:
    """Jobs and what they took: seconds of all GPUs together, and whole GFLOP. `name` is a person's, or a state."""

    name: str
    jobs: int
    gpu_seconds: int
    gflop: int
    failed_gpu_seconds: int = 0
    failed_jobs: int = 0

    @property
    def gpu_hours(self) -> Decimal:
        return Decimal(self.gpu_seconds) / 3600

    @property
    def failed_gpu_hours(self) -> Decimal:
        return Decimal(self.failed_gpu_seconds) / 3600

    @property
    def label(self) -> str:
        return UsageRecord(state=self.name).get_state_label()

    @property
    def kind(self) -> str:
        return UsageRecord(state=self.name).state_kind


@dataclass(frozen=True)
class WhoUsed:
    """The last days by person, by how jobs ended, by job, and what all of it would have cost outside."""

    first: date
    last: date
    people: Sequence[Use]
    more_people: int
    failed: Sequence[Use]
    total: Use
    top_jobs: Sequence[UsageRecord]
    market: MarketCost
    own_share_krw: int
    imported_at: datetime | None


def who_used(user: Any, today: date) -> WhoUsed:
    """The company that the person acts for, in six queries."""
    first = today - timedelta(days=DAYS - 1)
    by_person: dict[str, list[Any]] = defaultdict(list)
    by_state: dict[str, list[Any]] = defaultdict(list)
    rows = list(
        selectors.usage_tallies_for(user)
        .filter(day__gte=first, day__lte=today)
        .order_by()
        .values("user", "state")
        .annotate(jobs=Sum("jobs"), gpu_seconds=Sum("gpu_seconds"), gflop=Sum("gflop"))
        .filter(jobs__gt=0)
    )
    for row in rows:
        by_person[row["user"]].append(row)
        by_state[row["state"]].append(row)
    people = sorted(
        (_use(name, some) for name, some in by_person.items()), key=lambda use: (-use.gflop, use.name)
    )
    failed = [_use(state, some) for state, some in sorted(by_state.items()) if state in FAILED]
    cost = market_cost(used_by_resource(user, first, today), prices_on(user, today))
    lots = [
        (lot.used, lot.allocation.own_share_percent)
        for lot in selectors.lots_of(user, today)
        if lot.state in ("active", "used")
    ]
    return WhoUsed(
        first=first,
        last=today,
        people=people[:PEOPLE_SHOWN],
        more_people=max(len(people) - PEOPLE_SHOWN, 0),
        failed=sorted(failed, key=lambda use: -use.gpu_seconds),
        total=_use("", rows),
        top_jobs=selectors.top_jobs(user, since=first),
        market=cost,
        own_share_krw=own_share(cost.krw, lots),
        imported_at=selectors.last_import_at(),
    )


def _use(name: str, rows: Sequence[Any]) -> Use:
    failed = [row for row in rows if row["state"] in FAILED]
    return Use(
        name,
        sum(int(row["jobs"]) for row in rows),
        sum(int(row["gpu_seconds"]) for row in rows),
        sum(int(row["gflop"]) for row in rows),
        sum(int(row["gpu_seconds"]) for row in failed),
        sum(int(row["jobs"]) for row in failed),
    )
