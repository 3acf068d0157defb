"""Reads of limits: what each account of a cluster may still use, and what was written there."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tenants.compute import rules, selectors
from tenants.compute.enums import AccountKind, AllocationState, HoldPhase, SyncState
from tenants.compute.limits import Purse
from tenants.compute.models import Cluster, LimitSync, LimitSyncLine
from tenants.compute.slurm import charge_of


def syncs_for(user: Any) -> QuerySet[LimitSync]:
    """Staff alone: a sync speaks of every company."""
    return LimitSync.objects.all() if rules.may_see_imports(user) else LimitSync.objects.none()


def sync_lines_for(user: Any) -> QuerySet[LimitSyncLine]:
    return LimitSyncLine.objects.all() if rules.may_see_imports(user) else LimitSyncLine.objects.none()


def unheeded_syncs_for(user: Any) -> QuerySet[LimitSync]:
    """The last real sync of each cluster whose limits follow by themselves, where it failed."""
    real = syncs_for(user).filter(dry_run=False)
    later = real.filter(cluster=OuterRef("cluster"), pk__gt=OuterRef("pk"))
    return real.filter(cluster__limits_enabled=True, state=SyncState.FAILED).exclude(Exists(later))


def purses_of(owners: Mapping[str, int], rates: Mapping[str, int], today: date) -> list[Purse]:
    """What the company of each cluster account may still use on a day, by resource: its grants in force that pay for the
    resource, less what is held of them, its debt and what its running jobs have used up. Three queries, however many accounts.

    `owners` are companies by account, `rates` GFLOP a second of one unit by resource.
    """
    companies = set(owners.values())
    lots: dict[int, list[tuple[frozenset[str], int]]] = defaultdict(list)
    granted = set()
    found = selectors.grants_for(None).filter(company__in=companies, period__contains=today)
    for lot in found.select_related("account"):
        lots[lot.company_id].append(
            (frozenset(lot.resources), lot.account.balance_gflop - lot.account.held_gflop)
        )
        if lot.state == AllocationState.ACTIVE:
            granted.add(lot.company_id)
    owed: dict[int, int] = defaultdict(int)
    debts = selectors.accounts_for(None).filter(company__in=companies, kind=AccountKind.DEBT)
    for company_id, balance in debts.values_list("company_id", "balance_gflop"):
        owed[company_id] -= balance
    for company_id, spent in _running(companies, rates).items():
        owed[company_id] += spent
    return [
        Purse(
            account=account,
            company_id=company_id,
            gflop={
                code: sum(left for only, left in lots[company_id] if not only or code in only)
                - owed[company_id]
                for code in rates
            },
            balance=sum(left for _only, left in lots[company_id]) - owed[company_id],
            granted=company_id in granted,
        )
        for account, company_id in sorted(owners.items())
    ]


def _running(companies: set[int], rates: Mapping[str, int]) -> dict[int, int]:
    """What running jobs have used up so far by company, as far as the last import knows: the scheduler has counted it,
    and the ledger charges it when they end."""
    spent: dict[int, int] = defaultdict(int)
    running = selectors.holds_for(None).filter(company__in=companies, phase=HoldPhase.RUNNING)
    for company_id, units, seconds in running.values_list("company_id", "units", "elapsed_seconds"):
        spent[company_id] += charge_of(units, seconds, rates.get).total_gflop
    return spent


def written_limits(cluster: Cluster) -> dict[str, Any]:
    """The rows of what was written last, by account."""
    return {row.account: row for row in cluster.limits.all()}
