"""Writes the limits of a cluster's accounts, so that nobody starts what their credits cannot pay."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from incubator.common.errors import DomainError
from tenants.compute.cluster_commands import ClusterCommands, is_account_name
from tenants.compute.enums import LimitOutcome, SyncState
from tenants.compute.errors import ClusterUnreadable, OtherCluster, StillFunded
from tenants.compute.limits import AccountPlan, Purse, Warned, Written, config_warnings, plan_limits
from tenants.compute.models import AccountLimit, Cluster, LimitSync, LimitSyncLine
from tenants.compute.scheduler_text import (
    ASSOCIATION_FORMAT,
    SHARE_FORMAT,
    TRES_FORMAT,
    UnreadableError,
    parse_associations,
    parse_config,
    parse_shares,
    parse_tracked,
)
from tenants.compute.selectors import limits as reads

from .ledger import demand_manager
from .rates import RateBook
from .usage import Attribution

Value = TypeVar("Value")

_SYNC_LOCK = 5_140_902
# After so many accounts could not be written, the cluster has more to say than one account.
MOST_FAILURES = 3


@dataclass(frozen=True)
class LimitsPlan:
    """What a sync would do now."""

    accounts: Sequence[AccountPlan]
    warnings: Sequence[Warned]


def plan_cluster_limits(
    *, cluster: Cluster, commands: ClusterCommands, actor: Any, now: datetime
) -> LimitsPlan:
    """Ask the cluster for what stands there and what it has counted, and work out the limits. Writes nothing anywhere.

    Raises NotAllowed, ClusterCommandFailed, ClusterUnreadable, OtherCluster.
    """
    demand_manager(actor)
    today = timezone.localtime(now).date()
    config = _read(commands, parse_config, "scontrol", "show", "config")
    if config.cluster.casefold() != cluster.name.casefold():
        raise OtherCluster(cluster=cluster.name, found=config.cluster)
    show = ("sacctmgr", "-P", "-n", "show")
    tracked = _read(commands, parse_tracked, *show, "tres", f"format={TRES_FORMAT}")
    where = ("where", f"cluster={cluster.name}", f"format={ASSOCIATION_FORMAT}")
    associations = _read(commands, parse_associations, *show, "assoc", *where)
    counted = _read(commands, parse_shares, "sshare", "-a", "-P", "-n", "-o", SHARE_FORMAT)
    rates = {code: rate for code, rate in RateBook().on(today).items() if rate > 0}
    purses = reads.purses_of(Attribution.of(cluster).companies, rates, today)
    # What cannot be a word of a command never becomes one.
    named = [purse for purse in purses if is_account_name(purse.account)]
    accounts = plan_limits(
        named,
        associations=associations,
        counted=counted,
        rates=rates,
        tracked=tracked,
        written={
            name: Written(row.minutes, row.suspended) for name, row in reads.written_limits(cluster).items()
        },
    )
    unnamed = [_unnamed(purse) for purse in purses if not is_account_name(purse.account)]
    return LimitsPlan([*accounts, *unnamed], config_warnings(config))


@transaction.atomic
def sync_slurm(
    *,
    cluster: Cluster,
    commands: ClusterCommands,
    actor: Any,
    now: datetime,
    dry_run: bool = False,
    cancel_running: Sequence[str] = (),
) -> LimitSync:
    """Bring the limits of every account that belongs to a company in line with the ledger, and keep what was found and
    made. A dry run keeps what it would have made. Syncs of one cluster wait for each other.

    `cancel_running` names accounts whose running jobs are cancelled afterwards: only such that have nothing left.
    A cluster that does not answer is a failed sync. Raises NotAllowed, StillFunded.
    """
    demand_manager(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SYNC_LOCK, cluster.pk])
    sync = LimitSync(
        cluster=cluster,
        state=SyncState.DONE,
        dry_run=dry_run,
        actor=actor if getattr(actor, "pk", None) else None,
        synced_at=now,
    )
    try:
        plan = plan_cluster_limits(cluster=cluster, commands=commands, actor=actor, now=now)
    except DomainError as refusal:
        sync.state, sync.failure = SyncState.FAILED, str(refusal)[:400]
        sync.save()
        return sync
    _demand_spent(plan, cancel_running)
    lines = _write(plan, cluster, commands, now, dry_run=dry_run)
    failures = [line for line in lines if line.outcome == LimitOutcome.FAILED]
    if not dry_run and not failures:
        sync.cancelled, sync.failure = _cancel(commands, cancel_running)
    elif failures:
        sync.failure = failures[0].failure
    sync.state = SyncState.FAILED if sync.failure else SyncState.DONE
    sync.accounts = len(plan.accounts)
    changed = (LimitOutcome.WRITTEN, LimitOutcome.PLANNED)
    sync.changed = sum(1 for line in lines if line.outcome in changed)
    sync.warnings = [asdict(each) for each in plan.warnings]
    sync.save()
    for line in lines:
        line.sync = sync
    LimitSyncLine.objects.bulk_create(lines)
    return sync


def _read(commands: ClusterCommands, parse: Callable[[str], Value], *words: str) -> Value:
    try:
        return parse(commands.run(*words))
    except UnreadableError as error:
        raise ClusterUnreadable(cluster=commands.cluster, said=str(error)[:200]) from error


def _unnamed(purse: Purse) -> AccountPlan:
    warned = (Warned("bad_name"),)
    return AccountPlan(purse.account, purse.company_id, purse.balance, {}, {}, {}, None, warned)


def _demand_spent(plan: LimitsPlan, accounts: Sequence[str]) -> None:
    spent = {each.account for each in plan.accounts if each.balance <= 0 and each.after}
    for account in accounts:
        if account not in spent:
            raise StillFunded(account=account)


def _write(
    plan: LimitsPlan, cluster: Cluster, commands: ClusterCommands, now: datetime, *, dry_run: bool
) -> list[LimitSyncLine]:
    """Write what differs and return a line for each account that differs or has a warning."""
    lines: list[LimitSyncLine] = []
    failures = 0
    for each in plan.accounts:
        line = LimitSyncLine(
            account=each.account,
            company_id=each.company_id,
            balance_gflop=each.balance,
            counted=dict(each.counted),
            before=dict(each.before),
            after=dict(each.after),
            submit=each.submit,
            warnings=[asdict(warned) for warned in each.warnings],
            outcome=LimitOutcome.PLANNED if dry_run and each.changes else LimitOutcome.UNCHANGED,
        )
        if each.changes and not dry_run and failures < MOST_FAILURES:
            try:
                commands.run("sacctmgr", "-i", *_words(each, cluster))
                line.outcome = LimitOutcome.WRITTEN
            except DomainError as refusal:
                failures += 1
                line.outcome, line.failure = LimitOutcome.FAILED, str(refusal)[:400]
        elif each.changes and not dry_run:
            line.outcome, line.failure = LimitOutcome.FAILED, lines[-1].failure
        if each.changes or each.warnings:
            lines.append(line)
        if not dry_run and each.after and line.outcome != LimitOutcome.FAILED:
            _remember(each, cluster, now, written=line.outcome == LimitOutcome.WRITTEN)
    return lines


def _words(plan: AccountPlan, cluster: Cluster) -> list[str]:
    words = ["modify", "account", "where", f"name={plan.account}", f"cluster={cluster.name}", "set"]
    words.append("GrpTRESMins=" + ",".join(f"{code}={minutes}" for code, minutes in plan.after.items()))
    if plan.submit is not None:
        words.append(f"GrpSubmitJobs={plan.submit}")
    return words


def _remember(plan: AccountPlan, cluster: Cluster, now: datetime, *, written: bool) -> None:
    """What stands there by our hand. Equal limits that were there before us are ours from now on."""
    rows = AccountLimit.objects.filter(cluster=cluster, account=plan.account)
    values: dict[str, Any] = {"minutes": dict(plan.after), "written_at": now}
    if plan.suspended is not None:
        values["suspended"] = plan.suspended
    if written:
        AccountLimit.objects.update_or_create(cluster=cluster, account=plan.account, defaults=values)
    elif not rows.exists():
        AccountLimit.objects.create(cluster=cluster, account=plan.account, **values)


def _cancel(commands: ClusterCommands, accounts: Sequence[str]) -> tuple[list[str], str]:
    cancelled: list[str] = []
    for account in accounts:
        try:
            commands.run("scancel", f"--account={account}", "--state=RUNNING")
        except DomainError as refusal:
            return cancelled, str(refusal)[:400]
        cancelled.append(account)
    return cancelled, ""
