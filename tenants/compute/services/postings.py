"""Writes usage into the ledger: records go in as columns, what they cost is posted once for all of a day.

A frame of records has the columns of FRAME. Everything happens under the usage lock and in the caller's transaction.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql

from incubator.common.dbroles import as_owner
from tenants.companies.models import Company
from tenants.compute import proof
from tenants.compute.bulk import ENDED
from tenants.compute.enums import TransferKind
from tenants.compute.models import Cluster, UsagePosting
from tenants.compute.slurm import charge_of

from .ledger import Posting, post_usage
from .payers import Payers
from .rates import RateBook

# When this many postings are open, all are sealed: memory stays flat, however long the file.
OPEN_POSTINGS = 3_000
TOP = 10
_EPOCH_DAY = date(1970, 1, 1)
_SEOUL_SECONDS = 9 * 3600

FRAME = {
    **ENDED,
    "import_id": pl.Int64,
    "company_id": pl.Int64,
    "revision": pl.Int32,
    "start_day": pl.Int32,
    "end_day": pl.Int32,
    "gflop": pl.Int64,
    "gpu_seconds": pl.Int64,
}
"""Columns of records to write: those of ended rows, whose they are, days since 1970 in Seoul, and the charge."""

_GROUP = ["import_id", "account", "company_id", "start_day", "end_day"]
_TALLY = ["company_id", "account", "user", "end_day", "state"]
_COLUMNS = (
    "cluster_id", "kind", "job_id", "submit_at", "revision", "is_current", "display_id", "account", "user", "company_id",
    "state", "started_at", "ended_at", "elapsed_seconds", "held", "charge_gflop", "posting_id",
)  # fmt: skip


def day_of(number: int) -> date:
    return _EPOCH_DAY + timedelta(days=number)


def seoul_day(seconds: pl.Expr) -> pl.Expr:
    """Days since 1970 in Seoul, whose clock has not changed in this century."""
    return ((seconds + _SEOUL_SECONDS) // 86_400).cast(pl.Int32)


@dataclass(slots=True)
class _Open:
    """A posting that still takes records."""

    id: int
    account: str
    company_id: int | None
    start_day: date
    end_day: date
    rates: dict[str, int]
    hasher: Any
    count: int = 0
    gflop: int = 0
    last_end: int = 0
    by_resource: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    top: list[list[Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Superseded:
    """What is to be given back of an older posting: GFLOP by resource, and which records that were."""

    by_resource: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    records: list[str] = field(default_factory=list)


class UsageWriter:
    """Writes frames of records of one cluster and one kind; `close` posts what they cost."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        kind: str,
        sha256: Mapping[int, str],
        rates: RateBook,
        actor: Any,
        now: datetime,
    ) -> None:
        self.cluster, self.kind, self.actor, self.now = cluster, kind, actor, now
        self._sha256 = sha256
        self._rates = rates
        self._payers = Payers(cluster)
        self._numbers = dict(Company.objects.values_list("pk", "business_number"))
        self._open: dict[tuple[Any, ...], _Open] = {}
        self._back: dict[int, _Superseded] = {}
        self._tally: dict[tuple[Any, ...], list[int]] = {}

    def write(self, frame: pl.DataFrame) -> None:
        """Write records that no current record has the key of."""
        if frame.is_empty():
            return
        frame = self._with_postings(frame)
        self._add_up(frame)
        self._copy(frame)
        if len(self._open) >= OPEN_POSTINGS:
            self.close()

    def take_back(self, ids: list[int]) -> None:
        """Let these records be current no longer; what they cost is given back when the writer closes."""
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_BACK, [ids])
            rows = cursor.fetchall()
        for row in rows:
            (key, posting_id, company_id, account, user, end_day, state, seconds, held, gflop, rates) = row
            back = self._back.setdefault(posting_id, _Superseded())
            back.records.append(key)
            units = proof.held_units(held)
            for line in charge_of(units, seconds, json.loads(rates).get).lines:
                back.by_resource[line.resource] += line.gflop
            gpus = gpus_of(units)
            day = (end_day - _EPOCH_DAY).days
            self._count((company_id, account, user, day, state), -1, -seconds, -gpus * seconds, -gflop)

    def close(self) -> None:
        """Seal the open postings, give back what was taken back, and pay for what is new, in the order of days."""
        opened = sorted(
            self._open.values(), key=lambda each: (each.start_day, each.end_day, each.account, each.id)
        )
        digests = self._seal(opened)
        postings = list(self._given_back())
        for each in opened:
            postings.extend(self._paid(each, digests[each.id]))
        post_usage(postings, actor=self.actor, now=self.now)
        self._write_tally()
        self._open, self._back, self._tally = {}, {}, {}

    def _with_postings(self, frame: pl.DataFrame) -> pl.DataFrame:
        groups = frame.select(_GROUP).unique(maintain_order=True)
        keys = groups.rows()
        fresh = [key for key in keys if key not in self._open]
        if fresh:
            self._begin(fresh)
        ids = pl.Series("posting_id", [self._open[key].id for key in keys], dtype=pl.Int64)
        return frame.join(
            groups.with_columns(ids), on=_GROUP, how="left", nulls_equal=True, maintain_order="left"
        )

    def _begin(self, keys: list[tuple[Any, ...]]) -> None:
        made = [
            UsagePosting(
                usage_import_id=import_id,
                file_sha256=self._sha256[import_id],
                cluster=self.cluster,
                account=account,
                company_id=company_id,
                start_day=day_of(start_day),
                end_day=day_of(end_day),
                rates=self._rates.on(day_of(start_day)),
                effective_at=self.now,
                recorded_at=self.now,
            )
            for import_id, account, company_id, start_day, end_day in keys
        ]
        UsagePosting.objects.bulk_create(made)
        for key, row in zip(keys, made, strict=True):
            owner = self._numbers[row.company_id] if row.company_id else ""
            head = proof.posting_head(
                self.cluster.name, row.account, owner, row.start_day, row.end_day, row.rates
            )
            self._open[key] = _Open(
                row.pk,
                row.account,
                row.company_id,
                row.start_day,
                row.end_day,
                row.rates,
                hashlib.sha256(head.encode()),
            )

    def _add_up(self, frame: pl.DataFrame) -> None:
        by_id = {each.id: each for each in self._open.values()}
        sums = frame.group_by("posting_id").agg(pl.len(), pl.col("gflop").sum(), pl.col("ended").max())
        for posting_id, count, gflop, last_end in sums.iter_rows():
            posting = by_id[posting_id]
            posting.count += count
            posting.gflop += gflop
            posting.last_end = max(posting.last_end, last_end)
        held = frame.group_by("posting_id", "held").agg(pl.col("seconds").sum())
        for posting_id, text, seconds in held.iter_rows():
            posting = by_id[posting_id]
            for resource, rate in self._rates.lines_of(text, posting.start_day):
                posting.by_resource[resource] += rate * seconds
        said = frame.select("posting_id", line=_record_line(self.kind)).group_by(
            "posting_id", maintain_order=True
        )
        for posting_id, lines in said.agg(pl.col("line").str.join("")).iter_rows():
            by_id[posting_id].hasher.update(lines.encode())
        self._keep_top(frame, by_id)
        counted = frame.group_by(_TALLY).agg(
            pl.len(), pl.col("seconds").sum(), pl.col("gpu_seconds").sum(), pl.col("gflop").sum()
        )
        for row in counted.iter_rows():
            self._count(row[:5], *row[5:])

    def _keep_top(self, frame: pl.DataFrame, by_id: Mapping[int, _Open]) -> None:
        charged = frame.filter(pl.col("gflop") > 0).sort("gflop", "job_id", descending=True)
        largest = charged.group_by("posting_id", maintain_order=True).head(TOP)
        for posting_id, job_id, submit, gflop in largest.select(
            "posting_id", "job_id", "submit", "gflop"
        ).iter_rows():
            top = by_id[posting_id].top
            if len(top) < TOP or gflop > top[-1][3]:
                top.append([self.kind, job_id, submit, gflop])
                top.sort(key=lambda each: (-each[3], -each[1]))
                del top[TOP:]

    def _count(self, key: tuple[Any, ...], *amounts: int) -> None:
        kept = self._tally.get(key)
        if kept is None:
            self._tally[key] = list(amounts)
        else:
            for at, amount in enumerate(amounts):
                kept[at] += amount

    def _copy(self, frame: pl.DataFrame) -> None:
        def moment(name: str) -> pl.Expr:
            return pl.from_epoch(pl.col(name), time_unit="s").dt.strftime("%Y-%m-%d %H:%M:%S+00")

        table = frame.select(
            pl.lit(self.cluster.pk).alias("cluster_id"),
            pl.lit(self.kind).alias("kind"),
            "job_id",
            moment("submit").alias("submit_at"),
            "revision",
            pl.lit("t").alias("is_current"),
            "display_id",
            "account",
            "user",
            "company_id",
            "state",
            moment("started").alias("started_at"),
            moment("ended").alias("ended_at"),
            "seconds",
            "held",
            "gflop",
            "posting_id",
        )
        text = BytesIO()
        table.write_csv(text, include_header=False, null_value="\\N")
        with as_owner(), connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(text.getbuffer())

    def _seal(self, opened: list[_Open]) -> dict[int, str]:
        digests = {each.id: each.hasher.hexdigest() for each in opened}
        with connection.cursor() as cursor:
            cursor.execute(
                _SEAL,
                [
                    [each.id for each in opened],
                    [each.count for each in opened],
                    [each.gflop for each in opened],
                    [datetime.fromtimestamp(each.last_end, UTC) for each in opened],
                    list(digests.values()),
                    [_json(each.top) for each in opened],
                ],
            )
        return digests

    def _paid(self, posting: _Open, digest: str) -> Iterator[Posting]:
        """The lots that end first pay first; what no lot can pay is the company's debt, or waits in suspense."""
        effective_at = datetime.fromtimestamp(posting.last_end, UTC)
        for resource, due in sorted(posting.by_resource.items()):
            if not due:
                continue
            sink = self._payers.sink(posting.company_id, resource)
            for account_id, code, part in self._payers.spend(
                posting.company_id, posting.account, resource, posting.start_day, due
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
        rows = sorted(self._tally.items(), key=lambda item: (item[0][0] or 0, *item[0][1:]))
        keys, sums = [key for key, _sums in rows], [sums for _key, sums in rows]
        with connection.cursor() as cursor:
            cursor.execute(
                _TALLY_UP,
                [
                    [key[0] for key in keys],
                    [key[1] for key in keys],
                    [key[2] for key in keys],
                    [day_of(key[3]) for key in keys],
                    [key[4] for key in keys],
                    *([each[at] for each in sums] for at in range(4)),
                    self.cluster.pk,
                    self.cluster.pk,
                ],
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


_COPY = sql.SQL(
    "COPY compute_usagerecord ({}) FROM STDIN (FORMAT csv, NULL '\\N',"
    ' FORCE_NOT_NULL (display_id, account, "user", state, held))'
).format(sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)))

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
    SET sealed = true, records_count = one.count, charge_gflop = one.gflop, effective_at = one.effective_at,
        digest = one.digest, top = one.top
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::jsonb[])
        AS one(id, count, gflop, effective_at, digest, top)
    WHERE posting.id = one.id
"""

# Not an upsert: a correction's amounts are below zero, and would be refused before they meet the row they belong to.
_TALLY_UP = """
    WITH delta AS (
        SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[], %s::bigint[], %s::bigint[],
            %s::bigint[], %s::bigint[]) AS one(company_id, account, "user", day, state, jobs, seconds, gpu_seconds, gflop)
    ), updated AS (
        UPDATE compute_usagetally AS tally
        SET jobs = tally.jobs + delta.jobs, seconds = tally.seconds + delta.seconds,
            gpu_seconds = tally.gpu_seconds + delta.gpu_seconds, gflop = tally.gflop + delta.gflop
        FROM delta
        WHERE tally.cluster_id = %s AND tally.day = delta.day AND tally.account = delta.account
            AND tally."user" = delta."user" AND tally.state = delta.state
            AND coalesce(tally.company_id, 0) = coalesce(delta.company_id, 0)
        RETURNING delta.*
    )
    INSERT INTO compute_usagetally
        (cluster_id, company_id, account, "user", day, state, jobs, seconds, gpu_seconds, gflop)
    SELECT %s, * FROM (SELECT * FROM delta EXCEPT SELECT * FROM updated) AS fresh
"""


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
