"""Who pays for usage: a company's grants, its debt, or the suspense account of whom nobody knows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, Sum

from tenants.companies.models import Company
from tenants.compute.enums import AccountKind, TransferKind
from tenants.compute.models import Allocation, Cluster, CreditAccount, Resource, Transfer

from .ledger import lock_accounts, open_account

UNATTRIBUTED = "unattributed"


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


class Payers:
    """Every lot, locked and in memory until the transaction ends: grants go on meanwhile, claw-backs wait.

    `numbers` are the companies' business numbers by id, `codes` those of the accounts. `free` is called before the
    database is asked for anything later on.
    """

    def __init__(self, cluster: Cluster, free: Callable[[], None]) -> None:
        self._cluster, self._free = cluster, free
        self.numbers = dict(Company.objects.values_list("pk", "business_number"))
        self._resources = dict(Resource.objects.values_list("code", "pk"))
        # Where usage goes and what it owes: one row a company and resource, read once and not asked for job by job.
        sinks = (AccountKind.USAGE, AccountKind.DEBT, AccountKind.SUSPENSE)
        self._accounts = dict(CreditAccount.objects.filter(kind__in=sinks).values_list("code", "pk"))
        self.codes = {pk: code for code, pk in self._accounts.items()}
        self._lots: dict[int, list[_Lot]] = {}
        self._order: dict[int, int] = {}
        self._by_account: dict[int, _Lot] = {}
        allocations = list(Allocation.objects.order_by("period__endswith", "account_id"))
        accounts = lock_accounts([allocation.account_id for allocation in allocations])
        for place, allocation in enumerate(allocations):
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
            self.codes[account.pk] = account.code
            self._order[account.pk] = place

    def days_of_change(self) -> set[date]:
        """The days on which a lot begins or is over: between two of them the same lots pay."""
        return {day for lot in self._by_account.values() for day in (lot.first, lot.end)}

    def sink(self, company_id: int | None, resource: str) -> int:
        """The account that takes in the usage of a resource."""
        whose = self.numbers[company_id] if company_id else UNATTRIBUTED
        return self._account(
            f"usage:{whose}:{resource}",
            AccountKind.USAGE,
            company_id=company_id,
            resource_id=self._resources[resource],
        )

    def spend(
        self, company_id: int | None, account: str, resource: str, day: date, due: int
    ) -> Iterator[tuple[int, str, int]]:
        """Parts that add up to `due`: account id, a name for the part, and GFLOP. The lots that end first come first."""
        for lot in self._lots.get(company_id or 0, ()):
            if due and lot.pays(resource, day):
                part = min(due, lot.left)
                lot.left -= part
                due -= part
                yield lot.account_id, lot.code, part
        if due:
            yield self._rest(company_id, account), "", due

    def give_back(self, paid: dict[int, int], due: int) -> Iterator[tuple[int, str, int]]:
        """The way back: debt and suspense first, then the lots that end last. `paid` is what each has paid, and shrinks."""
        last_first = sorted(paid, key=lambda pk: -self._order.get(pk, 10**9))
        for account_id in last_first:
            part = min(due, paid[account_id])
            if part:
                paid[account_id] -= part
                due -= part
                lot = self._by_account.get(account_id)
                if lot is not None:
                    lot.left += part
                yield account_id, lot.code if lot else "", part
        assert due == 0, "nothing is given back that was not paid"

    def paid_for(self, posting_ids: Iterable[int]) -> dict[tuple[int, int], dict[int, int]]:
        """What accounts have paid for postings, by posting and sink, after all corrections so far."""
        self._free()
        found: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        moved = (
            Transfer.objects.filter(usage_posting__in=list(posting_ids))
            .order_by()
            .values_list("usage_posting_id", "debit_id", "credit_id")
            .annotate(
                paid=Sum("amount_gflop", filter=Q(kind=TransferKind.USAGE)),
                back=Sum("amount_gflop", filter=Q(kind=TransferKind.CORRECTION)),
            )
        )
        for posting_id, debit_id, credit_id, paid, back in moved:
            if paid:
                found[posting_id, credit_id][debit_id] += int(paid)
            if back:
                found[posting_id, debit_id][credit_id] -= int(back)
        return found

    def _rest(self, company_id: int | None, account: str) -> int:
        if company_id:
            return self._account(f"debt:{self.numbers[company_id]}", AccountKind.DEBT, company_id=company_id)
        return self._account(
            f"suspense:{self._cluster.name}:{account}",
            AccountKind.SUSPENSE,
            cluster=self._cluster,
            cluster_account=account,
        )

    def _account(self, code: str, kind: str, **values: Any) -> int:
        if code not in self._accounts:
            self._free()
            self._accounts[code] = pk = open_account(code=code, kind=kind, **values).pk
            self.codes[pk] = code
        return self._accounts[code]
