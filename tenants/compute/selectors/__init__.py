"""Reads of compute credits. Amounts are whole GFLOP. Every list begins at a `*_for(user)`."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import TruncMonth

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.display import petaflop_hours
from tenants.compute import rules
from tenants.compute.enums import AccountKind, AllocationState, HoldPhase
from tenants.compute.forecast import RunOut, run_out
from tenants.compute.models import (
    Allocation,
    CreditAccount,
    CreditHold,
    JobHold,
    LedgerEntry,
    RejectedRow,
    Transfer,
    UsageDay,
    UsageImport,
    UsagePosting,
    UsageRecord,
    UsageTally,
)

BURN_DAYS = 30
BURN_MONTHS = 6
TOP_JOBS = 10
# Of those that postings name, so many are looked at: more than are shown, since some may have been corrected since.
NAMED = 30
HELD_SHOWN = 10
NEARLY_USED_PERCENT = 90


def _of_company(queryset: QuerySet, user: Any) -> QuerySet:
    """Staff see all of it, founders their own company's, nobody else anything."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return queryset
    if acting.kind == Kind.FOUNDER:
        return queryset.filter(company_id__in=acting.company_ids)
    return queryset.none()


def accounts_for(user: Any) -> QuerySet[CreditAccount]:
    return _of_company(CreditAccount.objects.all(), user)


def transfers_for(user: Any) -> QuerySet[Transfer]:
    return _of_company(Transfer.objects.all(), user)


def grants_for(user: Any) -> QuerySet[Allocation]:
    return _of_company(Allocation.objects.all(), user)


def usage_records_for(user: Any) -> QuerySet[UsageRecord]:
    """Current revisions: what the scheduler says now."""
    return _of_company(UsageRecord.objects.filter(is_current=True).select_related("posting"), user)


def usage_postings_for(user: Any) -> QuerySet[UsagePosting]:
    return _of_company(UsagePosting.objects.all(), user)


def usage_tallies_for(user: Any) -> QuerySet[UsageTally]:
    """Current usage by person, day of its end and state."""
    return _of_company(UsageTally.objects.all(), user)


def ledger_entries_for(user: Any) -> QuerySet[LedgerEntry]:
    return _of_company(LedgerEntry.objects.all(), user)


def credit_holds_for(user: Any) -> QuerySet[CreditHold]:
    return _of_company(CreditHold.objects.all(), user)


def usage_days_for(user: Any) -> QuerySet[UsageDay]:
    return _of_company(UsageDay.objects.all(), user)


def holds_for(user: Any) -> QuerySet[JobHold]:
    """Jobs that have not ended."""
    return _of_company(JobHold.objects.filter(resolved_at__isnull=True), user)


def usage_imports_for(user: Any) -> QuerySet[UsageImport]:
    """Staff alone: an import's rows are every company's."""
    return UsageImport.objects.all() if rules.may_see_imports(user) else UsageImport.objects.none()


def rejected_rows_for(user: Any) -> QuerySet[RejectedRow]:
    return RejectedRow.objects.all() if rules.may_see_imports(user) else RejectedRow.objects.none()


def last_import_at() -> datetime | None:
    """When usage was last read in. Founders may know this, and nothing else of an import."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT camp_last_usage_import()")
        return cursor.fetchone()[0]


@dataclass(frozen=True)
class Balance:
    """What a company was granted in lots that are in force, what is left of it, and what it used beyond."""

    granted: int
    left: int
    debt: int

    @property
    def used(self) -> int:
        return self.granted - self.left

    @property
    def used_percent(self) -> Decimal:
        return Decimal(100 * self.used) / self.granted if self.granted else Decimal(0)

    @property
    def nearly_used(self) -> bool:
        return self.used_percent >= NEARLY_USED_PERCENT


def balance_of(company_id: int, today: date) -> Balance:
    """One company's balance on a day, in one query."""
    return balances_of([company_id], today).get(company_id, Balance(0, 0, 0))


def balances_of(company_ids: Iterable[int], today: date) -> dict[int, Balance]:
    """Balances by company of those that have any account, in one query."""
    in_force = Q(kind=AccountKind.LOT, allocation__period__contains=today)
    rows = (
        CreditAccount.objects.filter(company_id__in=list(company_ids))
        .order_by()
        .values("company_id")
        .annotate(
            granted=Sum(
                F("allocation__amount_gflop")
                - F("allocation__taken_back_gflop")
                + F("allocation__moved_gflop"),
                filter=in_force,
                default=0,
            ),
            left=Sum("balance_gflop", filter=in_force, default=0),
            debt=Sum("balance_gflop", filter=Q(kind=AccountKind.DEBT), default=0),
        )
    )
    return {
        row["company_id"]: Balance(int(row["granted"]), int(row["left"]), -int(row["debt"])) for row in rows
    }


@dataclass(frozen=True)
class Lot:
    """A grant as its company sees it; `state` is pending, active, used, expired or closed. `held` of what is left is
    kept aside for a while."""

    allocation: Allocation
    left: int
    state: str
    held: int = 0

    @property
    def used(self) -> int:
        return self.allocation.net_gflop - self.left


@dataclass(frozen=True)
class Held:
    """Jobs that have not ended: the first of them, how many run and wait, and what they may cost together."""

    jobs: Sequence[JobHold]
    running: int
    pending: int
    amount: int


@dataclass(frozen=True)
class Credits:
    """All that a founder's page says: balance, lots, usage by day and month (PF·h), and when it will run out."""

    balance: Balance
    lots: Sequence[Lot]
    burn: Sequence[tuple[date, Decimal]]
    burn_gflop: int
    months: Sequence[tuple[date, Decimal]]
    run_out: RunOut | None
    held: Held
    imported_at: datetime | None

    @property
    def empty(self) -> bool:
        return not self.lots and not self.balance.debt and not self.held.jobs


def credits_of(user: Any, today: date) -> Credits:
    """The credits page of the company that the person acts for, in five queries."""
    accounts = list(
        accounts_for(user)
        .filter(kind__in=[AccountKind.LOT, AccountKind.DEBT])
        .select_related("allocation")
        .order_by("allocation__period__endswith", "pk")
    )
    lots = [_lot(account, today) for account in accounts if account.kind == AccountKind.LOT]
    in_force = [lot for lot in lots if today in lot.allocation.period]
    balance = Balance(
        granted=sum(lot.allocation.net_gflop for lot in in_force),
        left=sum(lot.left for lot in in_force),
        debt=-sum(account.balance_gflop for account in accounts if account.kind == AccountKind.DEBT),
    )
    months, days = _usage(user, today)
    last_end = max((lot.allocation.period.upper for lot in in_force), default=None)
    return Credits(
        balance=balance,
        lots=lots,
        burn=[(day, petaflop_hours(gflop)) for day, gflop in days],
        burn_gflop=sum(gflop for _day, gflop in days),
        months=[(month, petaflop_hours(gflop)) for month, gflop in months],
        run_out=run_out(balance.left, [gflop for _day, gflop in days], today, last_end),
        held=_held(user),
        imported_at=last_import_at(),
    )


def top_jobs(user: Any, *, since: date) -> list[UsageRecord]:
    """The jobs that cost most of those that ended on the day `since` or later, largest first.

    Each posting names its own largest: so this looks at a few hundred of them and not at a million jobs. Where one
    of those named has been corrected since, another of its posting may have come up in its place: such postings are
    looked through whole.
    """
    postings = usage_postings_for(user).filter(end_day__gte=since, charge_gflop__gt=0)
    named = [
        (gflop, job_id, kind, submit, pk, cluster_id)
        for pk, cluster_id, top in postings.values_list("pk", "cluster_id", "top")
        for kind, job_id, submit, gflop in top
    ]
    largest = heapq.nlargest(NAMED, named)
    records = usage_records_for(user).filter(
        posting__in={one[4] for one in largest}, job_id__in={one[1] for one in largest}
    )
    found = {record.pk: record for record in records.order_by("-charge_gflop", "-job_id")}
    current = {(record.posting_id, record.kind, record.job_id) for record in found.values()}
    corrected = {one[4] for one in largest if (one[4], one[2], one[1]) not in current}
    if corrected and len(found) < TOP_JOBS:
        corrected = {one[4] for one in named}
    if corrected:
        more = usage_records_for(user).filter(posting__in=corrected).order_by("-charge_gflop", "-job_id")
        found.update({record.pk: record for record in more[:TOP_JOBS]})
    return heapq.nlargest(TOP_JOBS, found.values(), key=lambda record: (record.charge_gflop, record.job_id))


class Jobs:
    """Every job that was charged, a slice at a time, for a paginator. `order` is `ended` or `charge`, with a minus for the
    last or the largest first.

    No index leads from a company to its jobs: in the order of their ends the tallies say on which days the jobs of a slice
    lie, and those days' postings lead to them; the tallies count them as well. Ordered by charge, all are looked through.
    """

    ORDERS = ("ended", "-ended", "charge", "-charge")

    def __init__(self, user: Any, order: str) -> None:
        self._user = user
        sign, self._by = "-" * order.startswith("-"), order.removeprefix("-")
        column = "ended_at" if self._by == "ended" else "charge_gflop"
        self._records = usage_records_for(user).order_by(f"{sign}{column}", f"{sign}pk")
        tallied = usage_tallies_for(user).order_by(f"{sign}day").values("day").annotate(many=Sum("jobs"))
        self._days = list(tallied.filter(many__gt=0).values_list("day", "many"))

    def __len__(self) -> int:
        return int(sum(many for _day, many in self._days))

    def __iter__(self) -> Iterator[UsageRecord]:
        return iter(self._records)

    def __getitem__(self, part: slice) -> QuerySet[UsageRecord]:
        if self._by != "ended":
            return self._records[part]
        days, before, seen = [], 0, 0
        for day, many in self._days:
            if seen + many <= part.start:
                before += int(many)
            elif seen < part.stop:
                days.append(day)
            seen += int(many)
        postings = list(usage_postings_for(self._user).filter(end_day__in=days).values_list("pk", flat=True))
        found = self._records.filter(posting__in=postings)
        return found[part.start - before : part.stop - before]


def lots_of(user: Any, today: date) -> list[Lot]:
    """A company's lots, the one that ends first on top, in one query."""
    lots = accounts_for(user).filter(kind=AccountKind.LOT).select_related("allocation")
    return [_lot(account, today) for account in lots.order_by("allocation__period__endswith", "pk")]


def _lot(account: CreditAccount, today: date) -> Lot:
    period = account.allocation.period
    if today < period.lower:
        state = "pending"
    elif today >= period.upper:
        state = "expired"
    elif account.allocation.state == AllocationState.ACTIVE and account.balance_gflop == 0:
        state = "used"
    else:
        state = account.allocation.state
    return Lot(account.allocation, account.balance_gflop, state, account.held_gflop)


def _usage(user: Any, today: date) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """Usage of the last months and of each of the last days, oldest first, without gaps, in one query."""
    first_day = today - timedelta(days=BURN_DAYS - 1)
    first_month = today.replace(day=1)
    months = [first_month]
    for _ in range(BURN_MONTHS - 1):
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    rows = (
        usage_days_for(user)
        .filter(day__gte=min(months[0], first_day), day__lte=today)
        .order_by()
        .values("day")
        .annotate(month=TruncMonth("day"), used=Sum("gflop"))
    )
    by_day: dict[date, int] = {}
    by_month: dict[date, int] = defaultdict(int)
    for row in rows:
        by_day[row["day"]] = int(row["used"])
        by_month[row["month"]] += int(row["used"])
    days = [first_day + timedelta(days=offset) for offset in range(BURN_DAYS)]
    return [(month, by_month[month]) for month in months], [(day, by_day.get(day, 0)) for day in days]


def _held(user: Any) -> Held:
    everything = Window(Count("pk"))
    running = Window(Count("pk", filter=Q(phase=HoldPhase.RUNNING)))
    jobs = list(
        holds_for(user)
        .annotate(open=everything, running=running, total=Window(Sum("amount_gflop")))
        .order_by(F("started_at").asc(nulls_last=True), "pk")[:HELD_SHOWN]
    )
    if not jobs:
        return Held([], 0, 0, 0)
    first: Any = jobs[0]
    return Held(jobs, first.running, first.open - first.running, int(first.total))


# At the end: it builds on what stands above.
from . import requests  # noqa: E402, F401
