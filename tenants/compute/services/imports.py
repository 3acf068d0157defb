"""Reads a source of usage into the ledger: any number of rows, one transaction, memory that does not grow."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, Any

import polars as pl
from django.core.files.base import File
from django.db import DataError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from incubator.common.errors import DomainError, Invalid, validate
from tenants.compute.bulk import FIRST_SECOND, LAST_SECOND, Block, BlockReader, keep_one_heap
from tenants.compute.enums import ControlSource, HoldPhase, ImportSource, ImportState, RecordKind
from tenants.compute.errors import BeyondTheLedger, NotUsage, UnknownCluster
from tenants.compute.models import Cluster, JobHold, RejectedRow, UsageImport, UsageRecord
from tenants.compute.proof import held_units
from tenants.compute.servers import ServersReader
from tenants.compute.slurm import HEADER_REASONS, Attempt, Rejected, SacctError
from tenants.compute.sreport import ControlTotal
from tenants.compute.tasks import alert_after_import

from .frames import MAX_CHARGE_GFLOP, job_span, known_records, nothing_known, priced, rounds, sort_out
from .ledger import demand_manager
from .postings import UsageWriter
from .reconciliation import reconcile_totals
from .servers import number_servers
from .storage import run_storage_import
from .usage import Attribution, lock_usage

# More than these are counted and no longer kept one by one: they are one broken file, not rows to mend.
MAX_REJECTED_KEPT = 10_000
_PIECE = 1024 * 1024

Key = tuple[int, int]


def import_usage(
    source: IO[bytes],
    *,
    cluster: str,
    actor: Any,
    now: datetime,
    file_name: str = "",
    kind: str = ImportSource.SLURM,
    register_first: bool = False,
    progress: Callable[[int], None] | None = None,
) -> UsageImport:
    """Read usage of a registered cluster, all in one transaction, and return the finished import. `kind` says of what:
    `sacct --parsable2` text, the CSV of assigned servers (see `servers`), or that of storage (see `storage_csv`).

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
            usage_import = _run(_new(found, kind, actor, file_name, now), source, actor, now, progress)
            if usage_import.read == usage_import.rejected:
                # Not one row is of this cluster: the name was a slip, and stays unregistered.
                raise UnknownCluster(name=cluster)
            return usage_import
        if found is None:
            raise UnknownCluster(name=cluster)
        return _run(_new(found, kind, actor, file_name, now), source, actor, now, progress)


def _register(name: str) -> Cluster:
    cluster = Cluster(name=name)
    try:
        validate(cluster)
    except Invalid as error:
        raise UnknownCluster(name=name) from error
    cluster.save()
    return cluster


def _new(cluster: Cluster, source: str, actor: Any, file_name: str, now: datetime) -> UsageImport:
    return UsageImport(
        cluster=cluster, source=source, actor=actor, file_name=file_name[-200:], started_at=now
    )


@transaction.atomic
def receive_usage(
    *, file: File, file_name: str, cluster: str, actor: Any, now: datetime, kind: str = ImportSource.SLURM
) -> UsageImport:
    """Keep a file of usage and have a task import it once this transaction is through. Returns the waiting import.

    Raises NotAllowed, UnknownCluster.
    """
    from tenants.compute.tasks import import_usage_file

    demand_manager(actor)
    found = Cluster.objects.filter(name=cluster).first()
    if found is None:
        raise UnknownCluster(name=cluster)
    waiting = UsageImport(cluster=found, source=kind, actor=actor, file_name=file_name[-200:])
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
    if usage_import.source == ImportSource.STORAGE:
        usage_import.save()
        return run_storage_import(usage_import, source, now=now, progress=progress)
    keep_one_heap()
    with _rewound(source) as (file, sha256):
        reader = _reader(usage_import, file, now)
        usage_import.sha256 = sha256
        lock_usage()
        before = _same_as(usage_import)
        if before is not None:
            return _nothing_new(usage_import, before, now)
        usage_import.save()
        work = _Import(usage_import, actor, now)
        try:
            for block in _ahead(work.priced(block) for block in reader):
                work.take(block)
                if progress is not None:
                    progress(work.read)
            work.finish()
            if isinstance(reader, ServersReader) and reader.totals:
                work.compare(reader.totals)
        except DataError as error:
            raise BeyondTheLedger from error
        finally:
            work.writer.abandon()
    return usage_import


def _reader(usage_import: UsageImport, file: IO[bytes], now: datetime) -> Iterable[Block]:
    name = usage_import.cluster.name
    try:
        if usage_import.source == ImportSource.SERVERS:
            return ServersReader(file, name, int(now.timestamp()))
        return BlockReader(file, name)
    except SacctError as error:
        raise NotUsage(gettext(HEADER_REASONS[error.code]) % error.params) from error


@contextmanager
def _rewound(source: Any) -> Iterator[tuple[IO[bytes], str]]:
    """The source from its beginning, and its SHA-256: what cannot be read twice is kept in a file meanwhile."""
    digest = hashlib.sha256()
    with TemporaryFile() as kept:
        again = source.seekable()
        while piece := source.read(_PIECE):
            digest.update(piece)
            if not again:
                kept.write(piece)
        file = source if again else kept
        file.seek(0)
        yield file, digest.hexdigest()


def _ahead(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, the next one being read while this one is worked on: the two keep a processor busy each."""
    pending = iter(blocks)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pending, None)
        while (block := coming.result()) is not None:
            coming = pool.submit(next, pending, None)
            yield block


def _same_as(usage_import: UsageImport) -> UsageImport | None:
    """The last import of the cluster, where it read the very same bytes and each account is still the same company's:
    then every row is known. A managers' assignment in between is an import's equal: it changes whose an account is."""
    done = UsageImport.objects.filter(cluster=usage_import.cluster, state=ImportState.IMPORTED)
    last = done.filter(same_as__isnull=True).order_by("-pk").first()
    if last is None or last.sha256 != usage_import.sha256 or last.source != usage_import.source:
        return None
    companies = Attribution.of(usage_import.cluster).companies
    if last.postings.filter(company__isnull=True, account__in=list(companies)).exists():
        return None
    holds = JobHold.objects.filter(cluster=usage_import.cluster)
    if (
        holds.filter(timed_out=True).exists()
        or holds.filter(resolved_at__isnull=True, company__isnull=True, account__in=list(companies)).exists()
    ):
        return None
    return last


def _nothing_new(usage_import: UsageImport, before: UsageImport, now: datetime) -> UsageImport:
    usage_import.same_as = before
    usage_import.read, usage_import.rejected = before.read, before.rejected
    usage_import.unchanged = before.read - before.rejected
    usage_import.unattributed = before.unattributed
    usage_import.held = before.held
    usage_import.state, usage_import.finished_at = ImportState.IMPORTED, now
    usage_import.save()
    return usage_import


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Import:
    """The rows of one import on their way into the ledger, block by block."""

    def __init__(self, usage_import: UsageImport, actor: Any, now: datetime) -> None:
        self.usage_import, self.actor, self.now = usage_import, actor, now
        # Of assigned servers alone: unit-seconds by account and resource, and the seconds between which they lie.
        self.unit_seconds: dict[tuple[str, str], int] = {}
        self.window = (LAST_SECOND, FIRST_SECOND)
        self.cluster = usage_import.cluster
        self.kind = RecordKind.SERVER if usage_import.source == ImportSource.SERVERS else RecordKind.JOB
        self.writer = UsageWriter(
            cluster=self.cluster,
            kind=self.kind,
            sha256={usage_import.pk: usage_import.sha256},
            actor=actor,
            now=now,
        )
        self.rates = self.writer.rates
        self.attribution = Attribution.of(self.cluster)
        found = JobHold.objects.filter(cluster=self.cluster, kind=self.kind, resolved_at__isnull=True)
        records = UsageRecord.objects.filter(cluster=self.cluster, kind=self.kind, is_current=True)
        self.highest_job = records.aggregate(highest=Max("job_id"))["highest"] or -1
        self.holds = {(hold.job_id, int(hold.submit_at.timestamp())): hold for hold in found}
        self.read = self.new = self.changed = self.unchanged = self.unattributed = self.rejected = (
            self.held
        ) = 0

    def priced(self, block: Block) -> Block:
        """The block with what its ended rows cost. Asks no database: it is done ahead, beside it."""
        block.ended, impossible = priced(block.ended, self.rates)
        block.rejected += [
            Rejected(line, "charge_overflow", "AllocTRES") for line in impossible["line"].to_list()
        ]
        block.rejected.sort(key=lambda row: row.line)
        return block

    def take(self, block: Block) -> None:
        self.read += block.read
        if block.rejected or block.live or self.holds or self.kind == RecordKind.SERVER:
            self.writer.settle()
        if self.kind == RecordKind.SERVER:
            number_servers(self.cluster, block)
            self._count_servers(block.ended)
        self._reject(block.rejected)
        if block.ended.height:
            self._end(block.ended)
        self._live(block.live)

    def finish(self) -> None:
        self.writer.close()
        done = self.usage_import
        done.read, done.new, done.changed, done.unchanged = self.read, self.new, self.changed, self.unchanged
        done.unattributed, done.rejected, done.held = self.unattributed, self.rejected, self.held
        done.state, done.finished_at = ImportState.IMPORTED, self.now
        done.save()
        alert_after_import()

    def compare(self, totals: Mapping[tuple[str, str], int]) -> None:
        """Compare what came in with what the file says of itself; a difference waits in the managers' inbox."""
        starts, ends = self.window
        reconcile_totals(
            cluster=self.cluster,
            start=moment(starts),
            end=moment(max(ends, starts + 1)),
            totals=[ControlTotal(account, resource, total) for (account, resource), total in totals.items()],
            source=ControlSource.CSV,
            sha256=self.usage_import.sha256,
            actor=self.actor,
            now=self.now,
            file_name=self.usage_import.file_name,
            ours=self.unit_seconds,
        )

    def _count_servers(self, ended: pl.DataFrame) -> None:
        for account, held, seconds in ended.select("account", "held", "seconds").iter_rows():
            for resource, units in held_units(held).items():
                key = (account, resource)
                self.unit_seconds[key] = self.unit_seconds.get(key, 0) + units * seconds
        begins, over = ended["started"].min(), ended["ended"].max()
        if isinstance(begins, int) and isinstance(over, int):
            self.window = (min(self.window[0], begins), max(self.window[1], over))

    def _reject(self, rows: list[Rejected]) -> None:
        room = max(0, MAX_REJECTED_KEPT - self.rejected)
        self.rejected += len(rows)
        RejectedRow.objects.bulk_create(
            RejectedRow(
                usage_import=self.usage_import,
                line=row.line,
                text=row.value[:200],
                code=row.code,
                params=row.params,
            )
            for row in rows[:room]
        )

    def _end(self, ended: pl.DataFrame) -> None:
        for part in rounds(ended):
            found = sort_out(
                part,
                companies=self.attribution.companies,
                import_id=self.usage_import.pk,
                known=self._known(part),
            )
            if found.superseded:
                self.writer.take_back(found.superseded)
            self.writer.write(found.write)
            self.new += found.new
            self.changed += found.changed
            self.unchanged += found.unchanged
            self.unattributed += found.unattributed
            self._resolve(part)

    def _known(self, ended: pl.DataFrame) -> pl.DataFrame:
        """The current records of these rows' jobs. Of jobs beyond all that were ever read nobody needs to be asked."""
        first, last = job_span(ended)
        beyond, self.highest_job = first > self.highest_job, max(last, self.highest_job)
        if beyond:
            return nothing_known()
        self.writer.settle()
        return known_records(ended, self.cluster, self.kind)

    def _resolve(self, ended: pl.DataFrame) -> None:
        """The holds of jobs that have ended."""
        if not self.holds:
            return
        self.writer.settle()
        open_keys = pl.DataFrame(
            list(self.holds), schema={"job_id": pl.Int64, "submit": pl.Int64}, orient="row"
        )
        over = open_keys.join(ended, on=["job_id", "submit"], how="semi").rows()
        JobHold.objects.filter(pk__in=[self.holds.pop(key).pk for key in over]).update(resolved_at=self.now)

    def _live(self, rows: list[Attempt]) -> None:
        if not rows:
            return
        self.writer.settle()
        over = self._ended_among(rows)
        fresh: dict[Key, JobHold] = {}
        told: dict[Key, JobHold] = {}
        for row in rows:
            key = (row.job_id, row.submit)
            hold = self._hold(row)
            if hold is None:
                self._reject([Rejected(row.line, "charge_overflow", "AllocTRES")])
                continue
            if key in over:
                # A row of an older file: what has ended does not run again.
                self.unchanged += 1
                continue
            self.held += hold.phase == HoldPhase.RUNNING
            self.unattributed += hold.company_id is None
            before = self.holds.get(key)
            if before is None:
                self.new += 1
                fresh[key] = hold
            elif all(getattr(before, name) == getattr(hold, name) for name in _HOLD_SAYS):
                self.unchanged += 1
                continue
            else:
                self.changed += 1
                hold.pk = before.pk
                if key not in fresh:
                    told[key] = hold
                else:
                    fresh[key] = hold
            self.holds[key] = hold
        JobHold.objects.bulk_create(fresh.values())
        JobHold.objects.bulk_update(told.values(), [*_HOLD_SAYS, "as_of"])

    def _ended_among(self, rows: list[Attempt]) -> set[Key]:
        found = UsageRecord.objects.filter(
            cluster=self.cluster, kind=self.kind, is_current=True, job_id__in={row.job_id for row in rows}
        ).values_list("job_id", "submit_at")
        return {(job_id, int(submit_at.timestamp())) for job_id, submit_at in found}

    def _hold(self, row: Attempt) -> JobHold | None:
        """What a live job may still cost by its time limit. None for what no job can cost."""
        running = row.phase == "running"
        seconds = max(row.elapsed_seconds, row.timelimit_seconds or 0) if running else row.elapsed_seconds
        day = timezone.localdate(moment(row.started if row.started is not None else row.submit))
        try:
            amount = self.rates.charge(row.units, seconds, day).total_gflop
        except OverflowError:
            return None
        if amount > MAX_CHARGE_GFLOP:
            return None
        return JobHold(
            cluster=self.cluster,
            kind=self.kind,
            job_id=row.job_id,
            submit_at=moment(row.submit),
            display_id=row.display_id,
            account=row.account,
            user=row.user,
            company_id=self.attribution.companies.get(row.account),
            phase=HoldPhase.RUNNING if running else HoldPhase.PENDING,
            started_at=moment(row.started) if row.started is not None else None,
            elapsed_seconds=row.elapsed_seconds,
            units=dict(row.units),
            amount_gflop=amount if running else 0,
            as_of=self.now,
        )


_HOLD_SAYS = (
    "display_id",
    "account",
    "user",
    "company_id",
    "phase",
    "started_at",
    "elapsed_seconds",
    "units",
    "amount_gflop",
)
