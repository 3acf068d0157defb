"""Rows as PostgreSQL reads them quickest: those of COPY in its binary form. No number is printed to be parsed again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from incubator.common.dbroles import as_owner
from tenants.compute.bulk import by_value, values_of

if TYPE_CHECKING:
    from .ledger import Posting

RECORD = (
    "cluster_id", "job_id", "submit_at", "revision", "is_current", "ended_at", "elapsed_seconds", "charge_gflop",
    "posting_id", "company_id", "started_at", "kind", "display_id", "account", "user", "state", "held",
)  # fmt: skip
"""The columns of a record in the order of the rows' fields."""

TRANSFER = (
    "amount_gflop", "debit_id", "credit_id", "effective_at", "recorded_at", "usage_posting_id", "company_id", "actor_id", "kind",
    "reason", "idempotency_key", "payload_hash",
)  # fmt: skip
"""The columns of a transfer in the order of the rows' fields."""

TALLY = (
    "cluster_id",
    "day",
    "jobs",
    "seconds",
    "gpu_seconds",
    "gflop",
    "company_id",
    "account",
    "user",
    "state",
)
"""The columns of a tally in the order of the rows' fields."""

_SHORT = 127
_SIZES = pl.Series([f"\0\0\0{chr(size)}" for size in range(_SHORT + 1)], dtype=pl.String)
_NULL = b"\xff\xff\xff\xff"
_BEGIN, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_EPOCH_SECONDS = 946_684_800  # of the year 2000, from which the database counts its microseconds
_EPOCH_DAY = 10_957  # and its days
_MICROSECONDS = 1_000_000
_EPOCH, _MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)

Number = tuple[str, np.ndarray | int, np.ndarray | None]
"""A number's form, one for each row or the same for all, and where it is unknown."""


def _statement(table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names)


COPY_RECORDS = _statement("compute_usagerecord", RECORD)
COPY_TALLIES = _statement("compute_usagetally", TALLY)
COPY_TRANSFERS = _statement("compute_transfer", TRANSFER)


def copy_records(frame: pl.DataFrame, cluster_id: int, kind: str) -> bytes:
    """The records of a frame (columns of `postings.FRAME`, and `posting_id`) for COPY (RECORD)."""
    numbers: dict[str, Number] = {
        "cluster_id": (">i8", cluster_id, None),
        "job_id": _number(frame["job_id"]),
        "submit_at": _moment(frame["submit"]),
        "revision": _number(frame["revision"], ">i4"),
        "is_current": ("u1", 1, None),
        "ended_at": _moment(frame["ended"]),
        "elapsed_seconds": _number(frame["seconds"]),
        "charge_gflop": _number(frame["gflop"]),
        "posting_id": _number(frame["posting_id"]),
        "company_id": _number(frame["company_id"]),
        "started_at": _moment(frame["started"]),
    }
    return _rows(numbers, kind, frame.select("display_id", "account", "user", "state", "held"))


def copy_tallies(frame: pl.DataFrame, cluster_id: int) -> bytes:
    """The tallies of a frame (columns of `postings.TALLIED`) for COPY (TALLY)."""
    numbers: dict[str, Number] = {
        "cluster_id": (">i8", cluster_id, None),
        "day": (">i4", frame["end_day"].to_numpy() - _EPOCH_DAY, None),
        **{name: _number(frame[name]) for name in ("jobs", "seconds", "gpu_seconds", "gflop", "company_id")},
    }
    return _rows(numbers, None, frame.select("account", "user", "state"))


def copy_transfers(
    postings: Sequence["Posting"], hashes: Sequence[str], actor_id: int | None, now: datetime
) -> bytes:
    """Transfers of usage, each with the hash of what it says, for COPY (TRANSFER)."""
    whole = pl.DataFrame(
        {
            "amount": [each.amount_gflop for each in postings],
            "debit": [each.debit for each in postings],
            "credit": [each.credit for each in postings],
            "effective": [int(each.effective_at.timestamp()) for each in postings],
            "posting": [each.usage_posting_id for each in postings],
            "company": [each.company_id for each in postings],
            "actor": [actor_id] * len(postings),
        },
        schema_overrides=dict.fromkeys(("company", "actor", "posting"), pl.Int64),
    )
    numbers: dict[str, Number] = {
        "amount_gflop": _number(whole["amount"]),
        "debit_id": _number(whole["debit"]),
        "credit_id": _number(whole["credit"]),
        "effective_at": _moment(whole["effective"]),
        "recorded_at": (">i8", (now - _EPOCH) // _MICROSECOND, None),
        "usage_posting_id": _number(whole["posting"]),
        "company_id": _number(whole["company"]),
        "actor_id": _number(whole["actor"]),
    }
    texts = pl.DataFrame(
        {
            "kind": pl.Series([each.kind for each in postings], dtype=pl.String),
            "reason": [each.reason[:400] for each in postings],
            "key": [each.key for each in postings],
            "hash": hashes,
        }
    )
    return _rows(numbers, None, texts)


def copy_in(cursor: psycopg.Cursor[Any], statement: sql.Composed, rows: bytes) -> None:
    """Write rows of COPY. Row-level security refuses it to everybody but the tables' owner."""
    with as_owner(cursor), cursor.copy(statement) as target:
        target.write(rows)


def _number(values: pl.Series, form: str = ">i8") -> Number:
    if not values.null_count():
        return form, values.to_numpy(), None
    return form, values.fill_null(0).to_numpy(), values.is_null().to_numpy()


def _moment(seconds: pl.Series) -> Number:
    form, values, unknown = _number(seconds)
    return form, (values - _EPOCH_SECONDS) * _MICROSECONDS, unknown


def _rows(numbers: Mapping[str, Number], first: str | None, texts: pl.DataFrame) -> bytes:
    """Each row: how many fields it has, and each field after its length: the numbers (those that may be unknown last),
    then the texts, of which the `first` is the same for all."""
    fields = len(numbers) + len(texts.columns) + (first is not None)
    pieces: list[bytes] = [b""] * (2 * texts.height)
    pieces[::2], pieces[1::2] = _numbers(numbers, fields, texts.height), _texts(first, texts)
    return b"".join([_BEGIN, *pieces, _END])


def _numbers(columns: Mapping[str, Number], fields: int, height: int) -> list[bytes]:
    parts = [part for name, (form, *_) in columns.items() for part in ((f"{name}:", ">i4"), (name, form))]
    rows = np.zeros(height, dtype=np.dtype([("fields", ">i2"), *parts]))
    rows["fields"] = fields
    for name, (form, values, _unknown) in columns.items():
        rows[f"{name}:"], rows[name] = np.dtype(form).itemsize, values
    begins: list[bytes] = rows.view(f"V{rows.itemsize}").tolist()
    # From the last field on: what stands before it keeps its place.
    for name, (form, _values, unknown) in reversed(list(columns.items())):
        if unknown is not None:
            place = rows.dtype.fields[f"{name}:"][1]  # type: ignore[index]
            after = place + 4 + np.dtype(form).itemsize
            for at in np.flatnonzero(unknown):
                begins[at] = begins[at][:place] + _NULL + begins[at][after:]
    return begins


def _texts(first: str | None, frame: pl.DataFrame) -> list[bytes]:
    """The texts of each row as one, each after its length: one below 128 is a letter as well."""
    parts = [] if first is None else [pl.lit(_short(first))]
    beyond = []
    names = [name for name, of in frame.schema.items() if of == pl.Categorical]
    known = values_of(frame, names)
    for name in frame.columns:
        if name in known:
            parts.append(by_value(name, known[name], _short, pl.String))
            if any(len(text.encode()) > _SHORT for text in known[name]):
                beyond.append(pl.col(name).cast(pl.String).str.len_bytes() > _SHORT)
        else:
            sizes = pl.col(name).str.len_bytes()
            parts += [pl.lit(_SIZES).gather(sizes.clip(0, _SHORT)), pl.col(name)]
            beyond.append(sizes > _SHORT)
    said: list[bytes] = frame.select(pl.concat_str(parts).cast(pl.Binary)).to_series().to_list()
    if beyond:
        for at in frame.select(pl.any_horizontal(beyond)).to_series().arg_true():
            values = [text.encode() for text in frame.row(at)]
            if first is not None:
                values.insert(0, first.encode())
            said[at] = b"".join(len(value).to_bytes(4, "big") + value for value in values)
    return said


def _short(text: str) -> str:
    return f"\0\0\0{chr(min(len(text.encode()), _SHORT))}{text}"
