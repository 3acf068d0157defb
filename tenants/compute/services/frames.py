"""Tells what is new, changed or known among the rows of a block, and what each of them costs. Columns, not rows."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import polars as pl
from django.db import connection
from psycopg import sql

from tenants.compute.models import Cluster
from tenants.compute.proof import held_units

from .postings import FRAME, day_of, gpus_of, kinds_of, seoul_day
from .rates import RateBook

# More than the whole centre makes in thirteen days, in one job. So the sums of a block stay within 64 bits.
MAX_CHARGE_GFLOP = 10**14
# Job ids lie close together in a file: reading all between the first and the last is quicker than asking for each.
_SPREAD = 8

KNOWN = {
    "id": pl.Int64,
    "job_id": pl.Int64,
    "submit": pl.Int64,
    "was_revision": pl.Int32,
    "was_account": pl.String,
    "was_user": pl.String,
    "was_company_id": pl.Int64,
    "was_state": pl.String,
    "was_started": pl.Int64,
    "was_ended": pl.Int64,
    "was_seconds": pl.Int64,
    "was_held": pl.String,
    "was_gflop": pl.Int64,
}


@dataclass(frozen=True)
class Sorted:
    """`write` are the records to write (FRAME), `superseded` the ids of the current ones whose place they take."""

    write: pl.DataFrame
    superseded: list[int]
    new: int
    changed: int
    unchanged: int
    unattributed: int


def priced(ended: pl.DataFrame, rates: RateBook) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with their days, their charge and their GPU seconds; and the rows that no job can be, for their price."""
    days = ended.select(
        start_day=seoul_day(pl.coalesce("started", "submit")), end_day=seoul_day(pl.col("ended"))
    )
    known, places = np.unique(days["start_day"].to_numpy(), return_inverse=True)
    era = np.array([rates.era(day_of(int(day))) for day in known], np.int32)[places]
    examples, kinds = kinds_of(ended["held"], era)
    prices = [
        _price(held, rates, int(day))
        for held, day in zip(ended["held"].gather(examples), days["start_day"].gather(examples), strict=True)
    ]
    rate, gpus = np.array(prices, np.int64).reshape(-1, 2).T[:, kinds]
    seconds = ended["seconds"].to_numpy()
    # In floating point first: in whole numbers the product of what cannot be would wrap around.
    possible = np.maximum(rate, gpus).astype(float) * seconds.astype(float) <= MAX_CHARGE_GFLOP
    frame = ended.with_columns(
        *days, era=pl.Series(era), gflop=pl.Series(rate * seconds), gpu_seconds=pl.Series(gpus * seconds)
    )
    if possible.all():
        return frame, frame.clear()
    return frame.filter(possible), frame.filter(~possible)


def _price(held: str, rates: RateBook, day: int) -> tuple[int, int]:
    rate = sum(gflop for _resource, gflop in rates.lines_of(held, day_of(day)))
    beyond = 10 * MAX_CHARGE_GFLOP
    return min(rate, beyond), min(gpus_of(held_units(held)), beyond)


def sort_out(
    frame: pl.DataFrame, *, known: pl.DataFrame, companies: dict[str, int], import_id: int
) -> Sorted:
    """Compare priced rows, of which no two have one key, with the `known` current records (KNOWN).

    Once known, the company of a record stays, however the company's account is renamed later.
    """
    names, owners = list(companies), list(companies.values())
    company = pl.col("account").replace_strict(names, owners, default=None, return_dtype=pl.Int64)
    frame = frame.with_columns(
        import_id=pl.lit(import_id, pl.Int64), company_id=company, revision=pl.lit(1, pl.Int32)
    )
    if known.is_empty():
        fresh = frame.select(*FRAME)
        return Sorted(fresh, [], fresh.height, 0, 0, fresh["company_id"].null_count())
    frame = frame.join(known, on=["job_id", "submit"], how="left", maintain_order="left").with_columns(
        company_id=pl.when(
            pl.col("was_company_id").is_not_null() & (pl.col("was_account") == pl.col("account"))
        )
        .then("was_company_id")
        .otherwise("company_id")
    )
    said = ("account", "user", "company_id", "state", "started", "ended", "seconds", "held", "gflop")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"was_{name}")) for name in said)
    frame = frame.with_columns(
        known=pl.col("id").is_not_null(),
        same=pl.col("id").is_not_null() & same,
        revision=pl.col("was_revision").fill_null(0) + 1,
    )
    write = frame.filter(~pl.col("same"))
    changed = write.filter("known")
    return Sorted(
        write.select(*FRAME),
        changed["id"].to_list(),
        write.height - changed.height,
        changed.height,
        frame.height - write.height,
        frame["company_id"].null_count(),
    )


def rounds(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows so that within one frame no two have the same key; later rows of a key in later frames."""
    keys = ["job_id", "submit"]
    if frame.is_empty():
        return []
    if (np.diff(frame["job_id"].to_numpy()) > 0).all():  # as in most files
        return [frame]
    if frame.select(pl.struct(keys).is_duplicated().any()).item():
        numbered = frame.with_columns(place=pl.int_range(pl.len()).over(keys))
        return [part.drop("place") for part in numbered.partition_by("place", maintain_order=True)]
    return [frame]


def job_span(frame: pl.DataFrame) -> tuple[int, int]:
    """The lowest and the highest job id of some rows."""
    first, last = frame["job_id"].min(), frame["job_id"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    return first, last


def nothing_known() -> pl.DataFrame:
    return pl.DataFrame(schema=KNOWN)


def known_records(frame: pl.DataFrame, cluster: Cluster, kind: str) -> pl.DataFrame:
    """The current records of the jobs in a frame, and maybe some of their neighbours (KNOWN)."""
    ids = frame["job_id"]
    first, last = job_span(frame)
    among = sql.SQL("record.job_id BETWEEN {} AND {}").format(first, last)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT EXISTS ({})").format(_select(cluster, kind, among)))
        if not cursor.fetchone()[0]:
            return nothing_known()
        if last - first > _SPREAD * frame.height:
            among = sql.SQL("record.job_id = ANY ({})").format(ids.unique().to_list())
        select = _select(cluster, kind, among)
        with cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, NULL '\\N')").format(select)) as copy:
            text = b"".join(bytes(piece) for piece in copy)
    if not text:
        return nothing_known()
    return pl.read_csv(
        BytesIO(text), has_header=False, schema=KNOWN, null_values="\\N", empty_string_is_null=False
    )


def _select(cluster: Cluster, kind: str, among: sql.Composed) -> sql.Composed:
    return sql.SQL(_CURRENT).format(cluster=cluster.pk, kind=kind, among=among)


_CURRENT = """
    SELECT record.id, record.job_id, extract(epoch FROM record.submit_at)::bigint, record.revision, record.account,
        record."user", record.company_id, record.state, extract(epoch FROM record.started_at)::bigint,
        extract(epoch FROM record.ended_at)::bigint, record.elapsed_seconds, record.held, record.charge_gflop
    FROM compute_usagerecord AS record
    WHERE record.is_current AND record.cluster_id = {cluster} AND record.kind = {kind} AND {among}
"""
