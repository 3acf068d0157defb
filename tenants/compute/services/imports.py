"""Reads a scheduler's accounting into the ledger: any number of rows, one transaction, memory that does not grow."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any

from django.core.files.base import File
from django.db import DataError, transaction
from django.utils.translation import gettext

from incubator.common.errors import DomainError, Invalid, validate
from tenants.compute.enums import HoldPhase, ImportSource, ImportState
from tenants.compute.errors import BeyondTheLedger, NotUsage, UnknownCluster
from tenants.compute.models import Cluster, JobHold, RejectedRow, UsageImport, UsageRecord
from tenants.compute.slurm import HEADER_REASONS, Attempt, Charge, Rejected, SacctError, read_sacct
from tenants.compute.tasks import alert_after_import

from .hashing import Hashed
from .ledger import demand_manager
from .rates import RateBook
from .storage import run_storage_import
from .usage import Attribution, UsageBook, job_day

BATCH = 2_000
# More than these are counted and no longer kept one by one: they are one broken file, not rows to mend.
MAX_REJECTED_KEPT = 10_000
# More than the whole centre makes in a hundred days, in one job.
MAX_CHARGE_GFLOP = 10**15
# Beyond these, calendars and time zones have gaps, and no job of the camp is.
FIRST_SECOND, LAST_SECOND = 0, 7_258_118_400

Key = tuple[int, int]


def import_usage(
    source: IO[bytes] | IO[str],
    *,
    cluster: str,
    actor: Any,
    now: datetime,
    file_name: str = "",
    register_first: bool = False,
    progress: Callable[[int], None] | None = None,
) -> UsageImport:
    """Read `sacct --parsable2` text of a registered cluster, all in one transaction, and return the finished import.

    Rows that cannot be used are kept as its `rejected_rows`; everything else is recorded. The same text again
    changes nothing. With `register_first`, the first cluster of an empty camp registers itself by its first import.
    `progress` is told how many rows have been read.

    Raises NotAllowed, UnknownCluster, NotUsage (no header, columns missing), BeyondTheLedger.
    """
    demand_manager(actor)
    with transaction.atomic():
        found = Cluster.objects.filter(name=cluster).first()
        if found is None and register_first and not Cluster.objects.exists():
            found = _register(cluster)
            usage_import = _run(_new(found, actor, file_name, now), source, actor, now, progress)
            if usage_import.read == usage_import.rejected:
                # Not one row is of this cluster: the name was a slip, and stays unregistered.
                raise UnknownCluster(name=cluster)
            return usage_import
        if found is None:
            raise UnknownCluster(name=cluster)
        return _run(_new(found, actor, file_name, now), source, actor, now, progress)


def _register(name: str) -> Cluster:
    cluster = Cluster(name=name)
    try:
        validate(cluster)
    except Invalid as error:
        raise UnknownCluster(name=name) from error
    cluster.save()
    return cluster


def _new(cluster: Cluster, actor: Any, file_name: str, now: datetime) -> UsageImport:
    return UsageImport.objects.create(
        cluster=cluster, actor=actor, file_name=file_name[-200:], started_at=now
    )


@transaction.atomic
def receive_usage(
    *,
    file: File,
    file_name: str,
    cluster: str,
    actor: Any,
    now: datetime,
    source: str = ImportSource.SLURM,
) -> UsageImport:
    """Keep a file of usage and have a task import it once this transaction is through. Returns the waiting import.

    Raises NotAllowed, UnknownCluster.
    """
    from tenants.compute.tasks import import_usage_file

    demand_manager(actor)
    found = Cluster.objects.filter(name=cluster).first()
    if found is None:
        raise UnknownCluster(name=cluster)
    waiting = UsageImport(cluster=found, source=source, actor=actor, file_name=file_name[-200:])
    waiting.file.save(f"{found.name}.txt", file, save=False)
    waiting.save()
    transaction.on_commit(lambda: import_usage_file.delay(waiting.pk))
    return waiting


@transaction.atomic
def finish_import(*, import_id: int, now: datetime) -> UsageImport:
    """Import the file of a waiting import; one that is finished is returned as it is. A file that is no usage
    leaves the import failed, with the reason, and nothing else."""
    waiting = (
        UsageImport.objects.select_for_update(of=("self",))
        .select_related("cluster", "actor")
        .get(pk=import_id)
    )
    if waiting.state != ImportState.WAITING:
        return waiting
    waiting.started_at = now
    try:
        with transaction.atomic(), waiting.file.open("rb") as source:
            if waiting.source == ImportSource.STORAGE:
                return run_storage_import(waiting, source, now=now)
            return _run(waiting, source, waiting.actor, now, None)
    except (DomainError, FileNotFoundError) as refusal:
        waiting.state, waiting.failure, waiting.finished_at = ImportState.FAILED, str(refusal)[:400], now
        waiting.save()
        return waiting


def _run(
    usage_import: UsageImport,
    source: Any,
    actor: Any,
    now: datetime,
    progress: Callable[[int], None] | None,
) -> UsageImport:
    hashed = Hashed(source)
    try:
        reader = read_sacct(hashed)
    except SacctError as error:
        raise NotUsage(_header_message(error)) from error
    work = _Import(usage_import, actor, now)
    try:
        for row in reader:
            work.take(row)
            if progress is not None and work.read % BATCH == 0:
                progress(work.read)
        work.flush()
    except DataError as error:
        raise BeyondTheLedger from error
    work.finish(hashed.hexdigest())
    return usage_import


def _header_message(error: SacctError) -> str:
    return gettext(HEADER_REASONS[error.code]) % error.params


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Import:
    """The rows of one import on their way into the ledger, batch by batch."""

    def __init__(self, usage_import: UsageImport, actor: Any, now: datetime) -> None:
        self.usage_import, self.now = usage_import, now
        self.cluster = usage_import.cluster
        self.book = UsageBook(cluster=self.cluster, actor=actor, now=now)
        self.rates = RateBook()
        self.attribution = Attribution.of(self.cluster)
        self.read = self.new = self.changed = self.unchanged = self.unattributed = self.rejected = (
            self.held
        ) = 0
        self._batch: dict[Key, Attempt] = {}
        self._rejected: list[RejectedRow] = []

    def take(self, row: Attempt | Rejected) -> None:
        self.read += 1
        if isinstance(row, Rejected):
            self._reject(row)
            return
        if (fault := self._fault(row)) is not None:
            self._reject(fault)
            return
        key = (row.job_id, row.submit)
        if key in self._batch:
            self.flush()
        self._batch[key] = row
        if len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        batch, self._batch = self._batch, {}
        if batch:
            self._write(batch)
        if self._rejected:
            RejectedRow.objects.bulk_create(self._rejected)
            self._rejected = []

    def finish(self, sha256: str) -> None:
        done = self.usage_import
        done.read, done.new, done.changed, done.unchanged = self.read, self.new, self.changed, self.unchanged
        done.unattributed, done.rejected, done.held = self.unattributed, self.rejected, self.held
        done.sha256, done.state, done.finished_at = sha256, ImportState.IMPORTED, self.now
        done.save()
        alert_after_import()

    def _reject(self, row: Rejected) -> None:
        self.rejected += 1
        if self.rejected <= MAX_REJECTED_KEPT:
            self._rejected.append(
                RejectedRow(
                    usage_import=self.usage_import,
                    line=row.line,
                    text=row.value[:200],
                    code=row.code,
                    params=row.params,
                )
            )
        if len(self._rejected) >= BATCH:
            self.flush()

    def _fault(self, row: Attempt) -> Rejected | None:
        if row.cluster != self.cluster.name:
            return Rejected(row.line, "other_cluster", "Cluster", row.cluster[:80])
        for column, seconds in (("Submit", row.submit), ("Start", row.started), ("End", row.ended)):
            if seconds is not None and not FIRST_SECOND < seconds < LAST_SECOND:
                return Rejected(row.line, "time_out_of_range", column, str(seconds))
        return None

    def _write(self, batch: dict[Key, Attempt]) -> None:
        ids = {job_id for job_id, _submit in batch}
        current = {
            (record.job_id, int(record.submit_at.timestamp())): record
            for record in UsageRecord.objects.filter(cluster=self.cluster, is_current=True, job_id__in=ids)
        }
        holds = {
            (hold.job_id, int(hold.submit_at.timestamp())): hold
            for hold in JobHold.objects.filter(cluster=self.cluster, resolved_at__isnull=True, job_id__in=ids)
        }
        changes: list[tuple[UsageRecord | None, UsageRecord]] = []
        live: list[tuple[JobHold | None, JobHold]] = []
        ended: list[JobHold] = []
        for key, row in batch.items():
            record, hold = current.get(key), holds.get(key)
            charge = self._price(row)
            if charge is None:
                self._reject(Rejected(row.line, "charge_overflow", "AllocTRES"))
            elif row.phase == "ended":
                self._end(row, charge, record, changes)
                if hold is not None:
                    ended.append(hold)
            elif record is not None:
                # A row of an older file: what has ended does not run again.
                self.unchanged += 1
            else:
                self._hold(row, charge, hold, live)
        self.book.write(changes)
        self._write_holds(live, ended)

    def _price(self, row: Attempt) -> Charge | None:
        """What an ended job costs, or a live one may cost by its time limit. None for what no job can cost."""
        seconds = row.elapsed_seconds
        if row.phase == "running":
            seconds = max(seconds, row.timelimit_seconds or 0)
        day = job_day(moment(row.started) if row.started is not None else None, moment(row.submit))
        try:
            charge = self.rates.charge(row.units, seconds, day)
        except OverflowError:
            return None
        return charge if charge.total_gflop <= MAX_CHARGE_GFLOP else None

    def _end(
        self,
        row: Attempt,
        charge: Charge,
        current: UsageRecord | None,
        changes: list[tuple[UsageRecord | None, UsageRecord]],
    ) -> None:
        assert row.ended is not None
        record = UsageRecord(
            cluster=self.cluster,
            job_id=row.job_id,
            submit_at=moment(row.submit),
            revision=current.revision + 1 if current else 1,
            display_id=row.display_id,
            account=row.account,
            user=row.user,
            company_id=self.attribution.company_of(row.account, current),
            state=row.state,
            started_at=moment(row.started) if row.started is not None else None,
            ended_at=moment(row.ended),
            elapsed_seconds=row.elapsed_seconds,
            units=dict(row.units),
            lines=[line._asdict() for line in charge.lines],
            unrated=list(charge.unrated),
            charge_gflop=charge.total_gflop,
            usage_import=self.usage_import,
            recorded_at=self.now,
        )
        if record.company_id is None:
            self.unattributed += 1
        if current is None:
            self.new += 1
        elif _said(current) == _said(record):
            self.unchanged += 1
            return
        else:
            self.changed += 1
        changes.append((current, record))

    def _hold(
        self, row: Attempt, charge: Charge, hold: JobHold | None, live: list[tuple[JobHold | None, JobHold]]
    ) -> None:
        running = row.phase == "running"
        self.held += running
        found = JobHold(
            cluster=self.cluster,
            job_id=row.job_id,
            submit_at=moment(row.submit),
            display_id=row.display_id,
            account=row.account,
            user=row.user,
            company_id=self.attribution.companies.get(row.account),
            phase=HoldPhase.RUNNING if running else HoldPhase.PENDING,
            started_at=moment(row.started) if row.started is not None else None,
            elapsed_seconds=row.elapsed_seconds,
            amount_gflop=charge.total_gflop if running else 0,
            as_of=self.now,
        )
        if found.company_id is None:
            self.unattributed += 1
        if hold is None:
            self.new += 1
        elif all(getattr(hold, name) == getattr(found, name) for name in _HOLD_SAYS):
            self.unchanged += 1
            return
        else:
            self.changed += 1
            found.pk = hold.pk
        live.append((hold, found))

    def _write_holds(self, live: list[tuple[JobHold | None, JobHold]], ended: list[JobHold]) -> None:
        JobHold.objects.bulk_create([found for hold, found in live if hold is None])
        JobHold.objects.bulk_update(
            [found for hold, found in live if hold is not None], [*_HOLD_SAYS, "as_of"]
        )
        JobHold.objects.filter(pk__in=[hold.pk for hold in ended]).update(resolved_at=self.now)


_RECORD_SAYS = (
    "account",
    "user",
    "company_id",
    "state",
    "started_at",
    "ended_at",
    "elapsed_seconds",
    "units",
    "lines",
    "unrated",
)
_HOLD_SAYS = (
    "display_id",
    "account",
    "user",
    "company_id",
    "phase",
    "started_at",
    "elapsed_seconds",
    "amount_gflop",
)


def _said(record: UsageRecord) -> list[Any]:
    """What of a row makes a new revision when it differs. Who cancelled a job is not of it: the scheduler forgets."""
    return [getattr(record, name) for name in _RECORD_SAYS]
