"""Compares what our records say of a window with what somebody independent counted. A difference is an alarm."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from tenants.compute import selectors
from tenants.compute.cluster_commands import ClusterCommands
from tenants.compute.enums import ControlSource, HoldPhase, RecordKind
from tenants.compute.errors import (
    NothingToSettle,
    NotSreport,
    UnknownCluster,
    WindowDiffers,
    WindowMissing,
    WindowWrong,
)
from tenants.compute.models import Cluster, Reconciliation, ReconciliationLine
from tenants.compute.reconciling import Compared, Key, compare, held_seconds, seconds_within
from tenants.compute.sreport import SREPORT_REASONS, ControlTotal, SreportError, read_sreport
from tenants.compute.text_lines import Hashed

from .ledger import demand_manager, demand_reason

BATCH = 2_000


@transaction.atomic
def reconcile_usage(
    source: IO[bytes] | IO[str],
    *,
    cluster: str,
    actor: Any,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    file_name: str = "",
) -> Reconciliation:
    """Compare the cluster's records with the `sreport` text of a window (half-open; told by the text or the caller).

    Raises NotAllowed, UnknownCluster, NotSreport (with the line), WindowMissing, WindowDiffers, WindowWrong.
    """
    demand_manager(actor)
    found = Cluster.objects.filter(name=cluster).first()
    if found is None:
        raise UnknownCluster(name=cluster)
    hashed = Hashed(source)
    try:
        report = read_sreport(hashed, cluster=found.name)
    except SreportError as error:
        reason = gettext(SREPORT_REASONS[error.code]) % error.params
        raise NotSreport(line=error.line, reason=reason) from error
    if report.window is not None:
        said = [datetime.fromtimestamp(second, UTC) for second in report.window]
        if (start or said[0], end or said[1]) != (said[0], said[1]):
            raise WindowDiffers
        start, end = said
    if start is None or end is None:
        raise WindowMissing
    return reconcile_totals(
        cluster=found,
        start=start,
        end=end,
        totals=report.totals,
        source=ControlSource.SREPORT,
        sha256=hashed.hexdigest(),
        file_name=file_name,
        actor=actor,
        now=now,
    )


@transaction.atomic
def reconcile_totals(
    *,
    cluster: Cluster,
    start: datetime,
    end: datetime,
    totals: Sequence[ControlTotal],
    source: str,
    sha256: str,
    actor: Any,
    now: datetime,
    file_name: str = "",
    ours: Mapping[Key, int] | None = None,
) -> Reconciliation:
    """Compare the cluster's records of a half-open window with declared totals (seconds times units by account and
    resource), to the second, and keep both sides. Those of `sreport` speak of jobs, and count accounts under an account
    within its own; those of a CSV speak of servers.

    An importer whose file declares totals of itself hands over what it has read as `ours`, in place of the records.
    Raises NotAllowed, WindowWrong.
    """
    demand_manager(actor)
    if not start < end or start.microsecond or end.microsecond:
        raise WindowWrong
    if ours is None:
        ours = _ours(cluster, start, end, source)
    found = compare(ours, totals, nested=source == ControlSource.SREPORT)
    differing = sum(1 for line in found if line.difference)
    made = Reconciliation.objects.create(
        cluster=cluster,
        source=source,
        starts_at=start,
        ends_at=end,
        file_name=file_name[-200:],
        sha256=sha256,
        actor=actor if getattr(actor, "pk", None) else None,
        created_at=now,
        ok=not differing,
        compared=len(found),
        differing=differing,
    )
    ReconciliationLine.objects.bulk_create([_line(made, line) for line in found], batch_size=BATCH)
    return made


def reconcile_day(
    *, cluster: Cluster, commands: ClusterCommands, day: date, actor: Any, now: datetime
) -> Reconciliation:
    """Ask the scheduler for its own total of a day (in the camp's time zone) and compare it.

    Raises NotAllowed, ClusterCommandFailed, and what reconcile_usage raises.
    """
    demand_manager(actor)
    start, end = (
        timezone.make_aware(datetime.combine(each, time.min)) for each in (day, day + timedelta(days=1))
    )
    text = commands.sreport(start, end)
    return reconcile_usage(
        io.StringIO(text),
        cluster=cluster.name,
        start=start,
        end=end,
        actor=actor,
        now=now,
        file_name=f"sreport {cluster.name} {day}",
    )


@transaction.atomic
def settle_reconciliation(
    *, reconciliation: Reconciliation, reason: str, actor: Any, now: datetime
) -> Reconciliation:
    """Say once and for ever why a comparison differs; it is no alarm any more.

    Raises NotAllowed, ReasonMissing, NothingToSettle (it is equal, or has been explained).
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    locked = Reconciliation.objects.select_for_update().get(pk=reconciliation.pk)
    if locked.ok or locked.settled_at is not None:
        raise NothingToSettle
    locked.settled_at, locked.settled_reason = now, reason
    locked.settled_by = actor if getattr(actor, "pk", None) else None
    locked.save(update_fields=["settled_at", "settled_by", "settled_reason"])
    return locked


def _line(made: Reconciliation, line: Compared) -> ReconciliationLine:
    return ReconciliationLine(
        reconciliation=made,
        account=line.account,
        resource=line.resource,
        ours_seconds=line.ours,
        theirs_seconds=line.theirs,
        difference=line.difference,
        includes=list(line.includes),
    )


def _ours(cluster: Cluster, start: datetime, end: datetime, source: str) -> dict[Key, int]:
    """Seconds times units by account and resource of what our records say, clipped to the window. What still runs was
    held from its start on: sreport counts it too."""
    first, last = int(start.timestamp()), int(end.timestamp())
    sums: dict[Key, int] = {}

    def add(account: str, units: dict[str, int], seconds: int) -> None:
        for resource, held in held_seconds(units, seconds) if seconds else ():
            sums[account, resource] = sums.get((account, resource), 0) + held

    kind = RecordKind.JOB if source == ControlSource.SREPORT else RecordKind.SERVER
    # By the days of their postings first: these are few, and lead to the records.
    days = {
        "posting__end_day__gte": timezone.localdate(start),
        "posting__start_day__lte": timezone.localdate(end),
    }
    ended = selectors.usage_records_for(None).filter(
        cluster=cluster, kind=kind, ended_at__gt=start, started_at__lt=end, **days
    )
    for record in ended.order_by().iterator(chunk_size=BATCH):
        started = int(record.started_at.timestamp())  # type: ignore[union-attr]
        seconds = seconds_within(
            first,
            last,
            started=started,
            ended=int(record.ended_at.timestamp()),
            elapsed=record.elapsed_seconds,
        )
        add(record.account, record.units, seconds)
    if source == ControlSource.SREPORT:
        running = selectors.holds_for(None).filter(
            cluster=cluster, kind=kind, phase=HoldPhase.RUNNING, started_at__lt=end
        )
        for hold in running.order_by().iterator(chunk_size=BATCH):
            begun = max(first, int(hold.started_at.timestamp()))  # type: ignore[union-attr]
            add(hold.account, hold.units, last - begun)
    return sums
