"""Records as PostgreSQL reads them quickest: the rows of COPY in its binary form. No number is printed to be parsed again."""

import numpy as np
import polars as pl

COLUMNS = (
    "cluster_id", "job_id", "submit_at", "revision", "is_current", "ended_at", "elapsed_seconds", "charge_gflop",
    "posting_id", "company_id", "started_at", "kind", "display_id", "account", "user", "state", "held",
)  # fmt: skip
"""The columns of a record in the order of the rows' fields."""

_NUMBERS = {
    "cluster_id": ">i8",
    "job_id": ">i8",
    "submit": ">i8",
    "revision": ">i4",
    "is_current": "u1",
    "ended": ">i8",
    "seconds": ">i8",
    "gflop": ">i8",
    "posting_id": ">i8",
    "company_id": ">i8",
    "started": ">i8",
}
# Each field has its length before it, and each row the number of its fields.
_ROW = np.dtype(
    [("fields", ">i2")]
    + [part for name, of in _NUMBERS.items() for part in ((f"{name}_bytes", ">i4"), (name, of))]
)
_WITHOUT_COMPANY = _ROW.fields["company_id_bytes"][1]  # type: ignore[index]
_WITHOUT_START = _ROW.fields["started_bytes"][1]  # type: ignore[index]
_TEXTS = ("kind", "display_id", "account", "user", "state", "held")
_SHORT = pl.Series([f"\0\0\0{chr(size)}" for size in range(128)], dtype=pl.String)
_NULL = b"\xff\xff\xff\xff"
_BEGIN, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_EPOCH_SECONDS = 946_684_800  # of the year 2000, from which the database counts its microseconds
_MICROSECONDS = 1_000_000


def copy_rows(frame: pl.DataFrame, cluster_id: int, kind: str) -> bytes:
    """The records of a frame (columns of `postings.FRAME`, and `posting_id`) for COPY (COLUMNS) in binary form."""
    numbers, texts = _numbers(frame, cluster_id), _texts(frame, kind)
    pieces = [part for row in zip(numbers, texts, strict=True) for part in row]
    return b"".join([_BEGIN, *pieces, _END])


def _numbers(frame: pl.DataFrame, cluster_id: int) -> list[bytes]:
    rows = np.zeros(frame.height, dtype=_ROW)
    rows["fields"] = len(COLUMNS)
    for name, of in _NUMBERS.items():
        rows[f"{name}_bytes"] = np.dtype(of).itemsize
    rows["cluster_id"], rows["is_current"] = cluster_id, 1
    for name in ("job_id", "revision", "seconds", "gflop", "posting_id"):
        rows[name] = frame[name].to_numpy()
    for name in ("submit", "ended", "started"):
        rows[name] = (frame[name].fill_null(_EPOCH_SECONDS).to_numpy() - _EPOCH_SECONDS) * _MICROSECONDS
    rows["company_id"] = frame["company_id"].fill_null(0).to_numpy()
    said, size = rows.tobytes(), _ROW.itemsize
    numbers = [said[at : at + size] for at in range(0, len(said), size)]
    unknown, never = frame["company_id"].is_null(), frame["started"].is_null()
    for at in (unknown | never).arg_true():
        row = numbers[at]
        company = _NULL if unknown[at] else row[_WITHOUT_COMPANY:_WITHOUT_START]
        started = _NULL if never[at] else row[_WITHOUT_START:]
        numbers[at] = row[:_WITHOUT_COMPANY] + company + started
    return numbers


def _texts(frame: pl.DataFrame, kind: str) -> list[bytes]:
    frame = frame.select(pl.lit(kind).alias("kind"), *_TEXTS[1:])
    sizes = frame.select(pl.col(_TEXTS).str.len_bytes())
    longest = sizes.select(pl.max_horizontal(_TEXTS)).to_series()
    # A length below 128 is a letter as well, so that texts and lengths are put together as one text.
    prefixes = [_SHORT.gather(sizes[name].clip(0, 127)).alias(f"{name}_bytes") for name in _TEXTS]
    said = frame.with_columns(prefixes).select(
        pl.concat_str(part for name in _TEXTS for part in (f"{name}_bytes", name)).cast(pl.Binary)
    )
    texts = said.to_series().to_list()
    for at in (longest > 127).arg_true():
        values = [value.encode() for value in frame.row(at)]
        texts[at] = b"".join(len(value).to_bytes(4, "big") + value for value in values)
    return texts
