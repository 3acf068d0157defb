"""Posts usage: each ended attempt of a job becomes a record and the transfers that pay for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from tenants.companies.models import Company
from tenants.compute.enums import AccountKind, TransferKind
from tenants.compute.models import (
    Allocation,
    Cluster,
    ClusterAccount,
    CreditAccount,
    Resource,
    Transfer,
    UsageRecord,
)

from .ledger import Posting, lock_accounts, open_account, post_transfers, reversal_of

# One posting of usage at a time: each reads the lots once, spends from memory and needs nobody else to spend them.
_USAGE_LOCK = 5_140_901
UNATTRIBUTED = "unattributed"


def lock_usage() -> None:
    """Wait until nobody else posts usage; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_USAGE_LOCK])


def job_day(started_at: datetime | None, submit_at: datetime) -> date:
    """The day whose rates and lots a job takes: that of its start, in the camp's time zone."""
    return timezone.localtime(started_at or submit_at).date()


@dataclass(slots=True)
class _Lot:
    account_id: int
    code: str
    resources: frozenset[str]
    first: date
    end: date
    left: int

    def pays(self, resource: str, day: date) -> bool:
        return (
            self.left > 0
            and self.first <= day < self.end
            and (not self.resources or resource in self.resources)
        )


@dataclass(slots=True)
class Attribution:
    """Which company a cluster's account belongs to: what a manager assigned, else the company's own record."""

    companies: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cluster: Cluster) -> "Attribution":
        own = Company.objects.filter(cluster_account__isnull=False).values_list("cluster_account", "pk")
        assigned = ClusterAccount.objects.filter(cluster=cluster).values_list("name", "company_id")
        return cls({**{name: pk for name, pk in own if name}, **dict(assigned)})

    def company_of(self, account: str, current: UsageRecord | None = None) -> int | None:
        """Once known it stays, however the company's account is renamed later; None while nobody claims it."""
        if current is not None and current.company_id is not None and current.account == account:
            return current.company_id
        return self.companies.get(account)


class UsageBook:
    """Writes records and their transfers under the usage lock, within the caller's transaction.

    Every lot is locked when the book is opened: grants go on meanwhile, claw-backs wait.
    """

    def __init__(self, *, cluster: Cluster, actor: Any, now: datetime) -> None:
        self.cluster, self.actor, self.now = cluster, actor, now
        lock_usage()
        self._numbers = dict(Company.objects.values_list("pk", "business_number"))
        self._resources = dict(Resource.objects.values_list("code", "pk"))
        # Where usage goes and what it owes: one row a company and resource, read once and not asked for job by job.
        sinks = (AccountKind.USAGE, AccountKind.DEBT, AccountKind.SUSPENSE)
        self._accounts = dict(CreditAccount.objects.filter(kind__in=sinks).values_list("code", "pk"))
        self._lots: dict[int, list[_Lot]] = {}
        self._by_account: dict[int, _Lot] = {}
        self._read_lots()

    def _read_lots(self) -> None:
        lots = list(Allocation.objects.order_by("period__endswith", "account_id"))
        accounts = lock_accounts([lot.account_id for lot in lots])
        for allocation in lots:
            account = accounts[allocation.account_id]
            lot = _Lot(
                account.pk,
                account.code,
                frozenset(allocation.resources),
                allocation.period.lower,
                allocation.period.upper,
                account.balance_gflop,
            )
            self._lots.setdefault(allocation.company_id, []).append(lot)
            self._by_account[account.pk] = lot

    def write(self, changes: Sequence[tuple[UsageRecord | None, UsageRecord]]) -> None:
        """Write new records, each with the current one that it takes the place of, or None.

        What was posted for the old one is reversed before the new one is paid for.
        """
        if not changes:
            return
        postings = self._take_back([old for old, _new in changes if old is not None])
        UsageRecord.objects.bulk_create([new for _old, new in changes])
        for _old, record in changes:
            postings.extend(self._pay(record))
        post_transfers(postings, actor=self.actor, now=self.now)

    def _take_back(self, records: Sequence[UsageRecord]) -> list[Posting]:
        if not records:
            return []
        UsageRecord.objects.filter(pk__in=[record.pk for record in records]).update(is_current=False)
        live = Transfer.objects.filter(
            usage_record__in=records, kind=TransferKind.USAGE, reversed_by__isnull=True
        ).order_by("pk")
        postings = []
        for transfer in live:
            if (lot := self._by_account.get(transfer.debit_id)) is not None:
                lot.left += transfer.amount_gflop
            postings.append(reversal_of(transfer, transfer.reason))
        return postings

    def _pay(self, record: UsageRecord) -> Iterable[Posting]:
        """The lots that end first pay first; what no lot can pay is the company's debt."""
        day = job_day(record.started_at, record.submit_at)
        name = f"{self.cluster.name}:{record.job_id}:{int(record.submit_at.timestamp())}:{record.revision}"
        for line in record.lines:
            due, resource = line["gflop"], line["resource"]
            if due == 0:
                continue
            posting = Posting(
                key="",
                kind=TransferKind.USAGE,
                amount_gflop=due,
                debit=0,
                credit=self._sink(record.company_id, resource),
                reason=f"{self.cluster.name} {record.job_shown}",
                effective_at=record.ended_at,
                company_id=record.company_id,
                usage_record_id=record.pk,
            )
            for lot in self._lots.get(record.company_id or 0, ()):
                if due and lot.pays(resource, day):
                    part = min(due, lot.left)
                    lot.left -= part
                    due -= part
                    key = f"usage:{name}:{resource}:{lot.code}"
                    yield replace(posting, key=key, amount_gflop=part, debit=lot.account_id)
            if due:
                rest = self._debt(record.company_id) if record.company_id else self._suspense(record.account)
                yield replace(posting, key=f"usage:{name}:{resource}", amount_gflop=due, debit=rest)

    def _account(self, code: str, kind: str, **values: Any) -> int:
        if code not in self._accounts:
            self._accounts[code] = open_account(code=code, kind=kind, **values).pk
        return self._accounts[code]

    def _sink(self, company_id: int | None, resource: str) -> int:
        whose = self._numbers[company_id] if company_id else UNATTRIBUTED
        return self._account(
            f"usage:{whose}:{resource}",
            AccountKind.USAGE,
            company_id=company_id,
            resource_id=self._resources[resource],
        )

    def _debt(self, company_id: int) -> int:
        return self._account(f"debt:{self._numbers[company_id]}", AccountKind.DEBT, company_id=company_id)

    def _suspense(self, account: str) -> int:
        return self._account(
            f"suspense:{self.cluster.name}:{account}",
            AccountKind.SUSPENSE,
            cluster=self.cluster,
            cluster_account=account,
        )
