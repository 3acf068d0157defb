"""Writes usage into the ledger: records go in as columns, what they cost is posted once for all of a day.

A frame of records has the columns of FRAME. Everything happens under the usage lock and in the caller's transaction.
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import psycopg
from django.db import connection

from tenants.compute import proof
from tenants.compute.bulk import ENDED
from tenants.compute.enums import TransferKind
from tenants.compute.models import Cluster, UsagePosting
from tenants.compute.slurm import charge_of

from .holds import undo_settlements
from .ledger import Posting, post_usage
from .payers import Payers
from .rates import RateBook
from .wire import COPY_RECORDS, COPY_TALLIES, copy_in, copy_records, copy_tallies

# When this many postings are open, all are sealed: memory stays flat, however long the file.
OPEN_POSTINGS = 250
_IDS_AT_ONCE = 1_000
MOST_WAITING = 2
_PARTS_KEPT = 6
TOP = 10
_EPOCH_DAY = date(1970, 1, 1)
_SEOUL_SECONDS = 9 * 3600

FRAME = {
    **ENDED,
    "import_id": pl.Int64,
    "company_id": pl.Int64,
    "revision": pl.Int32,
    "start_day": pl.Int32,
    "era": pl.Int32,
    "end_day": pl.Int32,
    "gflop": pl.Int64,
    "gpu_seconds": pl.Int64,
}
"""Columns of records to write: those of ended rows, whose they are, days since 1970 in Seoul, the era of the start day
(see `RateBook.era`: the same rates and the same lots), and the charge."""

_GROUP = ["import_id", "account", "company_id", "era", "end_day"]
_TALLY = ["company_id", "account", "user", "end_day", "state"]
TALLIED = {
    "company_id": pl.Int64,
    "account": pl.Categorical,
    "user": pl.Categorical,
    "end_day": pl.Int32,
    "state": pl.Categorical,
    "jobs": pl.Int64,
    "seconds": pl.Int64,
    "gpu_seconds": pl.Int64,
    "gflop": pl.Int64,
}


def day_of(number: int) -> date:
    return _EPOCH_DAY + timedelta(days=number)


def seoul_day(seconds: pl.Expr) -> pl.Expr:
    """Days since 1970 in Seoul, whose clock has not changed in this century."""
    return ((seconds + _SEOUL_SECONDS) // 86_400).cast(pl.Int32)


def kinds_of(held: pl.Series, era: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that hold the same in the same era are of one kind and have one price: where each kind stands first, and the
    kind of each row."""
    both = held.to_physical().to_numpy().astype(np.int64) << 32 | era
    _kinds, examples, kinds = np.unique(both, return_index=True, return_inverse=True)
    return examples, kinds


@dataclass(slots=True)
class _Open:
    """A posting that still takes records, and their sums so far; `hasher` has seen their lines, `due` is what they cost by
    resource."""

    id: int
    account: str
    company_id: int | None
    start_day: date
    end_day: date
    hasher: Any
    records: int = 0
    gflop: int = 0
    last_end: int = 0
    due: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def row(self) -> list[Any]:
        """What `_SEAL` writes."""
        return [self.id, self.records, self.gflop, self.last_end, self.hasher.hexdigest()]


@dataclass(slots=True)
class _Superseded:
    """What is to be given back of an older posting: GFLOP by resource, and which records that were."""

    by_resource: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    records: list[str] = field(default_factory=list)


class UsageWriter:
    """Writes frames of records of one cluster and one kind; `close` posts what they cost."""

    def __init__(
        self, *, cluster: Cluster, kind: str, sha256: Mapping[int, str], actor: Any, now: datetime
    ) -> None:
        self.cluster, self.kind, self.actor, self.now = cluster, kind, actor, now
        self._sha256 = sha256
        self._payers = Payers(cluster, self.settle)
        self.rates = RateBook(also=self._payers.days_of_change())
        self._open: dict[tuple[Any, ...], _Open] = {}
        self._back: dict[int, _Superseded] = {}
        self._ids: list[int] = []
        self._begun: str | None = None
        self._writing: deque[Future[None]] = deque()
        # Sums of the blocks so far, of several for each posting: added up when there are some, and when postings are sealed.
        self._top: list[pl.DataFrame] = []
        self._tally: list[pl.DataFrame] = []

    def write(self, frame: pl.DataFrame) -> None:
        """Write records that no current record has the key of."""
        if frame.is_empty():
            return
        numbered = frame.with_row_index("at").group_by(_GROUP, maintain_order=True)
        groups = numbered.agg(pl.col("start_day").first(), pl.col("at"), rows=pl.len().cast(pl.Int64))
        opened = self._opened(groups)
        sizes, order = groups["rows"].to_numpy(), groups["at"].explode().to_numpy()
        ids = np.empty(frame.height, np.int64)
        ids[order] = np.repeat([each.id for each in opened], sizes)
        frame = frame.with_columns(posting_id=pl.Series(ids))
        rows = copy_records(frame, self.cluster.pk, self.kind)
        # The database takes the rows in while these are added up and the next ones are sorted out. Until then the
        # connection is the writing thread's: whoever asks the database meanwhile settles first.
        self._later(partial(_write_records, rows=rows, postings=self._begun))
        self._begun = None
        self._add_up(frame[order], opened, sizes)
        if len(self._open) >= OPEN_POSTINGS:
            self._post()

    def close(self) -> None:
        """Post what is new and give back what was taken back. Everything is in the database then."""
        self._post()
        self.settle()

    def settle(self) -> None:
        """Wait until everything so far is in the database, and the connection is free."""
        with connection.wrap_database_errors:
            while self._writing:
                self._writing.popleft().result()

    def abandon(self) -> None:
        """Free the connection when the import ends early: what it has written is taken back by the transaction."""
        wait(self._writing)
        self._writing.clear()

    def _later(self, write: Callable[[psycopg.Cursor[Any]], None]) -> None:
        """Have a thread write, in turn. A few may wait for it, so that neither side waits for the other one's slow moments."""
        with connection.wrap_database_errors:
            while len(self._writing) >= MOST_WAITING:
                self._writing.popleft().result()
        self._writing.append(_WRITER.submit(_write, connection.connection, write))

    def take_back(self, ids: list[int]) -> None:
        """Let these records be current no longer; what they cost is given back when the writer closes."""
        self.settle()
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_BACK, [ids])
            rows = cursor.fetchall()
        taken = []
        for row in rows:
            (key, posting_id, company_id, account, user, end_day, state, seconds, held, gflop, rates) = row
            back = self._back.setdefault(posting_id, _Superseded())
            back.records.append(key)
            units = proof.held_units(held)
            for line in charge_of(units, seconds, json.loads(rates).get).lines:
                back.by_resource[line.resource] += line.gflop
            gpus = gpus_of(units)
            day = (end_day - _EPOCH_DAY).days
            taken.append((company_id, account, user, day, state, -1, -seconds, -gpus * seconds, -gflop))
        if taken:
            self._tally.append(pl.DataFrame(taken, schema=TALLIED, orient="row"))

    def _post(self) -> None:
        """Seal the open postings, give back what was taken back, and pay for what is new, in the order of days."""
        opened = sorted(
            self._open.values(), key=lambda each: (each.start_day, each.end_day, each.account, each.id)
        )
        if opened:
            self._seal(opened)
        postings = list(self._given_back())
        if opened:
            postings.extend(self._paid(opened))
        if postings:
            self._later(post_usage(postings, actor=self.actor, now=self.now, codes=self._payers.codes))
        corrected = {each.company_id for each in postings if each.kind == TransferKind.CORRECTION}
        if corrected:
            self.settle()
            undo_settlements(
                company_ids=[pk for pk in corrected if pk is not None], actor=self.actor, now=self.now
            )
        self._write_tally()
        self._open, self._back, self._top, self._tally = {}, {}, [], []

    def _opened(self, groups: pl.DataFrame) -> list[_Open]:
        """The open postings of groups of rows, in their order; those that are not open yet are begun."""
        keys = groups.select(_GROUP).rows()
        fresh = {
            key: day for key, day in zip(keys, groups["start_day"], strict=True) if key not in self._open
        }
        if fresh:
            self._begin(fresh)
        return [self._open[key] for key in keys]

    def _begin(self, start_days: Mapping[tuple[Any, ...], int]) -> None:
        keys = list(start_days)
        ids = self._next_ids(len(keys))
        days = [(day_of(start_days[key]), day_of(key[4])) for key in keys]
        self._begun = _json(
            {
                "cluster_id": self.cluster.pk,
                "recorded_at": self.now.isoformat(),
                "id": posting_id,
                "usage_import_id": key[0],
                "file_sha256": self._sha256[key[0]],
                "account": key[1],
                "company_id": key[2],
                "start_day": start.isoformat(),
                "end_day": end.isoformat(),
                "rates": self.rates.on(start),
            }
            for posting_id, key, (start, end) in zip(ids, keys, days, strict=True)
        )
        for key, posting_id, (start_day, end_day) in zip(keys, ids, days, strict=True):
            _import_id, account, company_id, *_days = key
            head = proof.posting_head(
                self.cluster.name,
                account,
                self._payers.numbers[company_id] if company_id else "",
                start_day,
                end_day,
                self.rates.on(start_day),
            )
            hasher = hashlib.sha256(head.encode())
            self._open[key] = _Open(posting_id, account, company_id, start_day, end_day, hasher)

    def _next_ids(self, count: int) -> list[int]:
        if len(self._ids) < count:
            self.settle()
            with connection.cursor() as cursor:
                cursor.execute(_NEXT_IDS, [max(count, _IDS_AT_ONCE)])
                self._ids = [row[0] for row in cursor.fetchall()]
        taken, self._ids = self._ids[:count], self._ids[count:]
        return taken

    def _add_up(self, frame: pl.DataFrame, opened: Sequence[_Open], sizes: np.ndarray) -> None:
        """Add rows to their postings. They stand one posting after the other, each with so many of them."""
        ends = np.cumsum(sizes)
        begins = ends - sizes
        self._hash(frame, opened, ends)
        # The sums of one block stay within 64 bits (see `frames`), those of a posting are whole numbers of any size.
        gflop = np.add.reduceat(frame["gflop"].to_numpy(), begins).tolist()
        last_end = np.maximum.reduceat(frame["ended"].to_numpy(), begins).tolist()
        for posting, *sums in zip(opened, sizes.tolist(), gflop, last_end, strict=True):
            posting.records += sums[0]
            posting.gflop += sums[1]
            posting.last_end = max(posting.last_end, sums[2])
        for resource, costs in self._costs(frame):
            due = np.add.reduceat(costs, begins)
            for at in np.flatnonzero(due):
                opened[int(at)].due[resource] += int(due[at])
        charged = frame.filter(pl.col("gflop") > 0).select("posting_id", "job_id", "submit", "gflop")
        self._top = _grown(self._top, _largest(charged), _largest)
        self._tally = _grown(self._tally, _tallied(frame.with_columns(jobs=pl.lit(1, pl.Int64))), _tallied)

    def _hash(self, frame: pl.DataFrame, opened: Sequence[_Open], ends: np.ndarray) -> None:
        lines = frame.select(line=_record_line(self.kind)).to_series()
        cuts = np.cumsum(lines.str.len_bytes().to_numpy())[ends - 1].tolist()
        said = memoryview(lines.str.join("").item().encode())
        at = 0
        for posting, cut in zip(opened, cuts, strict=True):
            posting.hasher.update(said[at:cut])
            at = cut

    def _costs(self, frame: pl.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
        """What each row costs, by resource. What the same is held in the same era has the same price, looked up once."""
        examples, kinds = kinds_of(frame["held"], frame["era"].to_numpy())
        rates: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(examples), np.int64))
        some = frame.select("held", "start_day")[examples]
        for at, (text, day) in enumerate(some.iter_rows()):
            for resource, price in self.rates.lines_of(text, day_of(day)):
                rates[resource][at] = price
        seconds = frame["seconds"].to_numpy()
        for resource, rate in rates.items():
            yield resource, rate[kinds] * seconds

    def _seal(self, opened: list[_Open]) -> None:
        top: dict[int, list[list[Any]]] = defaultdict(list)
        for posting_id, job_id, submit, gflop in _largest(pl.concat(self._top)).iter_rows():
            top[posting_id].append([self.kind, job_id, submit, gflop])
        sealed = [[*each.row(), top[each.id]] for each in opened]
        self._later(partial(_execute, sql=_SEAL, parameters=[_json(sealed)]))

    def _paid(self, opened: list[_Open]) -> Iterator[Posting]:
        """The lots that end first pay first; what no lot can pay is the company's debt, or waits in suspense."""
        for posting in opened:
            digest = posting.hasher.hexdigest()
            effective_at = datetime.fromtimestamp(posting.last_end, UTC)
            for resource, due_gflop in sorted(posting.due.items()):
                sink = self._payers.sink(posting.company_id, resource)
                for account_id, code, part in self._payers.spend(
                    posting.company_id, posting.account, resource, posting.start_day, due_gflop
                ):
                    yield Posting(
                        key=f"usage:{digest[:32]}:{resource}:{code}",
                        kind=TransferKind.USAGE,
                        amount_gflop=part,
                        debit=account_id,
                        credit=sink,
                        reason=f"{self.cluster.name} {posting.account} {posting.start_day}",
                        effective_at=effective_at,
                        company_id=posting.company_id,
                        usage_posting_id=posting.id,
                        usage_digest=digest,
                    )

    def _given_back(self) -> Iterator[Posting]:
        if not self._back:
            return
        self.settle()
        older = UsagePosting.objects.in_bulk(list(self._back))
        paid = self._payers.paid_for(list(self._back))
        for posting_id in sorted(self._back, key=lambda pk: older[pk].digest):
            posting, back = older[posting_id], self._back[posting_id]
            which = proof.sha256("\n".join([posting.digest, *sorted(back.records)]))[:32]
            for resource, due in sorted(back.by_resource.items()):
                if not due:
                    continue
                sink = self._payers.sink(posting.company_id, resource)
                for account_id, code, part in self._payers.give_back(paid[posting_id, sink], due):
                    yield Posting(
                        key=f"correction:{which}:{resource}:{code}",
                        kind=TransferKind.CORRECTION,
                        amount_gflop=part,
                        debit=sink,
                        credit=account_id,
                        reason=f"{self.cluster.name} {posting.account} {posting.start_day}",
                        effective_at=posting.effective_at,
                        company_id=posting.company_id,
                        usage_posting_id=posting_id,
                        usage_digest=posting.digest,
                    )

    def _write_tally(self) -> None:
        if not self._tally:
            return
        rows = _tallied(pl.concat(self._tally)).sort("company_id", "end_day", "account", "user", "state")
        self._later(partial(_write_tallies, rows=copy_tallies(rows, self.cluster.pk)))


def _grown(
    parts: list[pl.DataFrame], more: pl.DataFrame, added_up: Callable[[pl.DataFrame], pl.DataFrame]
) -> list[pl.DataFrame]:
    """The parts with one more; some together are added up into one, so that they stay few and small."""
    parts = [*parts, more]
    return [added_up(pl.concat(parts))] if len(parts) > _PARTS_KEPT else parts


def _largest(charged: pl.DataFrame) -> pl.DataFrame:
    """The largest records of each posting, largest first."""
    ordered = charged.sort("gflop", "job_id", descending=True)
    return ordered.group_by("posting_id", maintain_order=True).head(TOP)


def _tallied(frame: pl.DataFrame) -> pl.DataFrame:
    return (
        frame.group_by(_TALLY).agg(pl.col("jobs", "seconds", "gpu_seconds", "gflop").sum()).select(*TALLIED)
    )


def gpus_of(units: Mapping[str, int]) -> int:
    """GPUs of any type."""
    return sum(count for name, count in units.items() if name == "gres/gpu" or name.startswith("gres/gpu:"))


def _record_line(kind: str) -> pl.Expr:
    """`proof.record_line`, as an expression."""
    parts = ["job_id", "submit", "revision", "user", "state", "started", "ended", "seconds", "held", "gflop"]
    said = pl.concat_str(
        pl.lit(kind), *(pl.col(name).cast(pl.String).fill_null("") for name in parts), separator="\x1f"
    )
    return said + "\n"


# One thread, which lives as long as the process: it only waits for the database.
_WRITER = ThreadPoolExecutor(1, thread_name_prefix="usage-write")


def _write(connection_: psycopg.Connection[Any], write: Callable[[psycopg.Cursor[Any]], None]) -> None:
    with connection_.cursor() as cursor:
        write(cursor)


def _execute(cursor: psycopg.Cursor[Any], sql: str, parameters: list[Any]) -> None:
    cursor.execute(sql, parameters)


def _write_records(cursor: psycopg.Cursor[Any], rows: bytes, postings: str | None) -> None:
    if postings is not None:
        cursor.execute(_BEGIN, [postings])
    copy_in(cursor, COPY_RECORDS, rows)


def _write_tallies(cursor: psycopg.Cursor[Any], rows: bytes) -> None:
    copy_in(cursor, COPY_TALLIES, rows)


_TAKE_BACK = """
    UPDATE compute_usagerecord AS record SET is_current = false
    FROM compute_usageposting AS posting
    WHERE record.id = ANY (%s) AND record.is_current AND posting.id = record.posting_id
    RETURNING concat_ws('/', record.kind, record.job_id, extract(epoch FROM record.submit_at)::bigint, record.revision),
        record.posting_id, record.company_id, record.account, record."user", posting.end_day, record.state,
        record.elapsed_seconds, record.held, record.charge_gflop, posting.rates
"""

_SEAL = """
    UPDATE compute_usageposting AS posting
    SET sealed = true, records_count = (one ->> 1)::int, charge_gflop = (one ->> 2)::bigint,
        effective_at = to_timestamp((one ->> 3)::bigint), digest = one ->> 4, top = one -> 5
    FROM jsonb_array_elements(%s::jsonb) AS one
    WHERE posting.id = (one ->> 0)::bigint
"""

_NEXT_IDS = "SELECT nextval(pg_get_serial_sequence('compute_usageposting', 'id')) FROM generate_series(1, %s)"
_BEGIN = """
    INSERT INTO compute_usageposting (effective_at, records_count, charge_gflop, digest, top, sealed, cluster_id, recorded_at,
        id, usage_import_id, file_sha256, account, company_id, start_day, end_day, rates)
    SELECT one.recorded_at, 0, 0, '', '[]', false, one.* FROM json_to_recordset(%s::json) AS one(cluster_id bigint,
        recorded_at timestamptz, id bigint, usage_import_id bigint, file_sha256 text, account text, company_id bigint,
        start_day date, end_day date, rates jsonb)
"""


def _json(value: Any) -> str:
    rows = value if isinstance(value, list) else list(value)
    return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
