"""Storage: room granted to companies, and what the data centre says that they hold."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import IO, Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext

from incubator.common.errors import validate
from tenants.companies.models import Company
from tenants.compute.enums import ImportSource, ImportState
from tenants.compute.errors import NotUsage, StorageGrantOver, UnknownCluster, WrongPeriod
from tenants.compute.models import Cluster, RejectedRow, StorageGrant, StorageLevel, UsageImport
from tenants.compute.storage_csv import (
    HEADER_REASONS,
    Level,
    RejectedLevel,
    StorageFileError,
    read_storage,
)
from tenants.compute.tasks import alert_after_import
from tenants.compute.text_lines import Hashed

from .ledger import demand_manager, demand_reason
from .usage import Attribution

BATCH = 2_000
MAX_REJECTED_KEPT = 10_000
# One reading of storage at a time: each compares with what stands.
_STORAGE_LOCK = 5_140_902

Key = tuple[str, date]


@transaction.atomic
def grant_storage(
    *, company: Company, cluster: Cluster, tb: int, period: Any, reason: str, actor: Any, now: datetime
) -> StorageGrant:
    """Give a company `tb` terabytes of a cluster for a period (half-open DateRange).

    Raises NotAllowed, ReasonMissing, WrongPeriod, Invalid.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    if period is None or not (period.lower and period.upper and period.lower < period.upper):
        raise WrongPeriod
    granted = StorageGrant(
        company=company,
        cluster=cluster,
        tb=tb,
        period=period,
        reason=reason,
        granted_by=actor if getattr(actor, "pk", None) else None,
        granted_at=now,
    )
    validate(granted)
    granted.save()
    return granted


@transaction.atomic
def end_storage(
    *, storage_grant: StorageGrant, last_day: date, reason: str, actor: Any, now: datetime
) -> StorageGrant:
    """Let a grant of storage end on `last_day`, earlier than it said.

    Raises NotAllowed, ReasonMissing, WrongPeriod (before its first day), StorageGrantOver (it ends by then anyway).
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    found = StorageGrant.objects.select_for_update().get(pk=storage_grant.pk)
    end = last_day + timedelta(days=1)
    if end <= found.period.lower:
        raise WrongPeriod(field="last_day")
    if end >= found.period.upper:
        raise StorageGrantOver
    found.period = DateRange(found.period.lower, end)
    found.reason = f"{found.reason} / {reason}"[:400]
    found.save(update_fields=["period", "reason", "updated_at"])
    return found


@transaction.atomic
def import_storage(
    source: IO[bytes] | IO[str],
    *,
    cluster: str,
    actor: Any,
    now: datetime,
    file_name: str = "",
    progress: Callable[[int], None] | None = None,
) -> UsageImport:
    """Read storage levels (see `storage_csv`) of a registered cluster, in one transaction, and return the import.

    Rows that cannot be used are kept as its `rejected_rows`; an account that nobody claims is counted and kept
    without a company. The same file again changes nothing. Raises NotAllowed, UnknownCluster, NotUsage.
    """
    demand_manager(actor)
    found = Cluster.objects.filter(name=cluster).first()
    if found is None:
        raise UnknownCluster(name=cluster)
    usage_import = UsageImport.objects.create(
        cluster=found, source=ImportSource.STORAGE, actor=actor, file_name=file_name[-200:], started_at=now
    )
    return run_storage_import(usage_import, source, now=now, progress=progress)


def run_storage_import(
    usage_import: UsageImport, source: Any, *, now: datetime, progress: Callable[[int], None] | None = None
) -> UsageImport:
    """Import into `usage_import`, within the caller's transaction. Raises NotUsage."""
    hashed = Hashed(source)
    try:
        rows = read_storage(hashed)
    except StorageFileError as error:
        raise NotUsage(gettext(HEADER_REASONS[error.code]) % error.params) from error
    work = _Levels(usage_import, now)
    for row in rows:
        work.take(row)
        if progress is not None and work.read % BATCH == 0:
            progress(work.read)
    work.flush()
    work.finish(hashed.hexdigest())
    return usage_import


class _Levels:
    """The rows of one file on their way into the database, batch by batch."""

    def __init__(self, usage_import: UsageImport, now: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_STORAGE_LOCK])
        self.usage_import, self.now = usage_import, now
        self.cluster = usage_import.cluster
        self.attribution = Attribution.of(self.cluster)
        # The centre writes a day's level in the evening, and its clock may run ahead of ours.
        self.last_day = timezone.localdate(now) + timedelta(days=1)
        self.read = self.new = self.changed = self.unchanged = self.unattributed = self.rejected = 0
        self._batch: dict[Key, Level] = {}
        self._rejected: list[RejectedRow] = []

    def take(self, row: Level | RejectedLevel) -> None:
        self.read += 1
        if isinstance(row, RejectedLevel):
            self._reject(row)
        elif row.cluster != self.cluster.name:
            self._reject(RejectedLevel(row.line, "other_cluster", "cluster", row.cluster[:80]))
        elif row.day > self.last_day:
            self._reject(RejectedLevel(row.line, "future_day", "day", row.day.isoformat()))
        else:
            key = (row.account, row.day)
            if key in self._batch or len(self._batch) >= BATCH:
                self.flush()
            self._batch[key] = row

    def flush(self) -> None:
        batch, self._batch = self._batch, {}
        if batch:
            self._write(batch)
        RejectedRow.objects.bulk_create(self._rejected)
        self._rejected = []

    def _reject(self, row: RejectedLevel) -> None:
        self.rejected += 1
        if self.rejected <= MAX_REJECTED_KEPT:
            self._rejected.append(
                RejectedRow(
                    usage_import=self.usage_import,
                    line=row.line,
                    text=row.value[:200].replace("\0", ""),
                    code=row.code,
                    params=row.params,
                )
            )
        if len(self._rejected) >= BATCH:
            self.flush()

    def _write(self, batch: dict[Key, Level]) -> None:
        current = {
            (level.account, level.day): level
            for level in StorageLevel.objects.filter(
                cluster=self.cluster,
                is_current=True,
                account__in={account for account, _day in batch},
                day__in={day for _account, day in batch},
            )
        }
        fresh, old = [], []
        for key, row in batch.items():
            before = current.get(key)
            # Whose it was it stays, however the company's account is renamed later.
            company_id = before.company_id if before else None
            level = StorageLevel(
                cluster=self.cluster,
                account=row.account,
                company_id=company_id or self.attribution.companies.get(row.account),
                day=row.day,
                revision=before.revision + 1 if before else 1,
                granted_bytes=row.granted_bytes,
                used_bytes=row.used_bytes,
                usage_import=self.usage_import,
                recorded_at=self.now,
            )
            if level.company_id is None:
                self.unattributed += 1
            if before is None:
                self.new += 1
            elif _said(before) == _said(level):
                self.unchanged += 1
                continue
            else:
                self.changed += 1
                old.append(before.pk)
            fresh.append(level)
        StorageLevel.objects.filter(pk__in=old).update(is_current=False)
        StorageLevel.objects.bulk_create(fresh)

    def finish(self, sha256: str) -> None:
        done = self.usage_import
        done.read, done.new, done.changed, done.unchanged = self.read, self.new, self.changed, self.unchanged
        done.unattributed, done.rejected = self.unattributed, self.rejected
        done.sha256, done.state, done.finished_at = sha256, ImportState.IMPORTED, self.now
        done.save()
        alert_after_import()


def _said(level: StorageLevel) -> tuple[Any, ...]:
    return level.company_id, level.granted_bytes, level.used_bytes


def attribute_storage(*, cluster: Cluster, account: str, company: Company, now: datetime) -> int:
    """Give the levels of an account that nobody claimed to a company, within the caller's transaction; how many."""
    waiting = list(
        StorageLevel.objects.select_for_update().filter(
            cluster=cluster, account=account, company__isnull=True, is_current=True
        )
    )
    StorageLevel.objects.filter(pk__in=[level.pk for level in waiting]).update(is_current=False)
    for level in waiting:
        level.pk, level.company, level.revision, level.recorded_at = None, company, level.revision + 1, now
    StorageLevel.objects.bulk_create(waiting)
    return len(waiting)
