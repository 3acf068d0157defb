"""Reads sacct text a block at a time, columns instead of rows. Knows no Django and no database.

The reader of `slurm` says what a row means. A million rows are too many for it, and nearly all of them are plain: whole,
of this cluster, ended, every value in its commonest form. Those are read as columns here, by rules that accept nothing
which `slurm` would read otherwise; every other row goes to `slurm` itself.
"""

import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

import numpy as np

# One block is read while the one before is written; more threads only take the processor from the database. What a block
# needed is given back to the system soon, and kept in one place.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:50,muzzy_decay_ms:0")
import polars as pl

from .proof import held_text
from .slurm import Attempt, Rejected, SacctReader
from .slurm_fields import MAX_TEXT, TERMINAL_STATES, BadFieldError, parse_units
from .text_lines import MAX_LINE_BYTES, RawLine

BLOCK = 600_000
# Before this century and far after it, calendars and time zones have gaps, and no job of the camp is.
FIRST_SECOND, LAST_SECOND = 946_684_800, 7_258_118_400
_SHAPES_KEPT = 20_000
_ARENAS, _LARGE = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of glibc

ENDED = {
    "line": pl.Int64,
    "job_id": pl.Int64,
    "submit": pl.Int64,
    "display_id": pl.String,
    "account": pl.String,
    "user": pl.String,
    "state": pl.String,
    "started": pl.Int64,
    "ended": pl.Int64,
    "seconds": pl.Int64,
    "held": pl.String,
}
"""The columns of ended rows. Times are seconds since 1970, `started` is null for a job that never did; `held` is the
canonical text of the units."""


@dataclass
class Block:
    """Some rows of the file: those of ended jobs as columns (ENDED, in the order of the file), those that live, and
    those that cannot be used."""

    ended: pl.DataFrame
    live: list[Attempt] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.ended.height + len(self.live) + len(self.rejected)


def fault(row: Attempt, cluster: str) -> Rejected | None:
    """What is wrong with a row that reads well."""
    if row.cluster != cluster:
        return Rejected(row.line, "other_cluster", "Cluster", row.cluster[:80])
    for column, seconds in (("Submit", row.submit), ("Start", row.started), ("End", row.ended)):
        if seconds is not None and not FIRST_SECOND < seconds < LAST_SECOND:
            return Rejected(row.line, "time_out_of_range", column, str(seconds))
    return None


def keep_one_heap() -> None:
    """Let all threads take memory from one heap, and give large pieces back at once: a heap keeps what was once held.
    Where the C library is another one, nothing changes."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENAS, 1)
        mallopt(_LARGE, 256 * 1024)


def shown_id(display_id: str, job_id: int) -> str:
    """How a job is shown where that is not simply its number."""
    return "" if display_id == str(job_id) else display_id


class BlockReader:
    """Iterates over the blocks of one sacct output of `cluster`. Memory holds a block and one line at most.

    Raises SacctError at once when the header is missing or lacks a required column.
    """

    def __init__(self, source: IO[bytes], cluster: str) -> None:
        self._source, self._cluster = source, cluster
        begin = source.read(BLOCK)
        self._slurm = SacctReader(_HeaderOnly(begin))
        self._begin = begin
        self._held: dict[str, str | None] = {}
        names = self._slurm.columns
        self._names = [name or f"_{at}" for at, name in enumerate(names)]
        self._plain = _plain(set(names), cluster)
        self._line = 0

    def __iter__(self) -> Iterator[Block]:
        kept, skipping = b"", False
        block = self._begin
        while block:
            data = kept + block
            cut = data.rfind(b"\n") + 1
            body, kept = data[:cut], data[cut:]
            del data
            odd: list[tuple[int, RawLine]] = []
            if skipping and body:
                self._line += 1
                odd.append((self._line, RawLine(None, True)))
                body, skipping = body[body.index(b"\n") + 1 :], False
            if len(kept) > MAX_LINE_BYTES:
                kept, skipping = b"", True
            elif skipping:
                kept = b""
            if body or odd:
                yield self._block(body, odd)
            block = self._source.read(BLOCK)
        if skipping or kept:
            rest = RawLine(None if skipping else kept, False)
            yield self._block(b"", [(self._line + 1, rest)])

    def _block(self, body: bytes, odd: list[tuple[int, RawLine]]) -> Block:
        clean, numbers, ends = self._split(body, odd)
        frame = self._columns(clean)
        plain = frame["plain"].to_numpy() if frame.height else np.zeros(0, bool)
        odd.extend(
            (int(numbers[at]), RawLine(clean[ends[at] : ends[at + 1] - 1], True))
            for at in np.flatnonzero(~plain)
        )
        ended = frame.filter("plain").with_columns(line=pl.Series(numbers[plain], dtype=pl.Int64))
        block = Block(ended.select(*ENDED))
        if odd:
            self._read_odd(odd, block)
        return block

    def _split(self, body: bytes, odd: list[tuple[int, RawLine]]) -> tuple[bytes, np.ndarray, np.ndarray]:
        """The lines with the right number of columns, their numbers, and where each of them begins; the rest to `odd`."""
        if b"\r" in body:
            body = body.replace(b"\r\n", b"\n")
        letters = np.frombuffer(body, dtype=np.uint8)
        ends = np.flatnonzero(letters == 10)
        starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else np.zeros(0, np.int64)
        numbers = self._line + 1 + np.arange(len(ends))
        self._line += len(ends)
        bars = np.diff(np.searchsorted(np.flatnonzero(letters == 124), ends), prepend=0)
        whole = (bars == len(self._names) - 1) & (ends - starts <= MAX_LINE_BYTES)
        if (letters == 0).any() or b"\r" in body or not _is_utf8(body):
            for place in range(len(ends)):
                line = body[starts[place] : ends[place]]
                whole[place] &= b"\0" not in line and b"\r" not in line and _is_utf8(line)
        if whole.all():
            return body, numbers, np.append(starts, len(body))
        for at in np.flatnonzero(~whole):
            line = body[starts[at] : ends[at]]
            odd.append((int(numbers[at]), RawLine(line if len(line) <= MAX_LINE_BYTES else None, True)))
        clean = b"".join(body[starts[at] : ends[at] + 1] for at in np.flatnonzero(whole))
        sizes = (ends - starts + 1)[whole]
        return clean, numbers[whole], np.concatenate(([0], np.cumsum(sizes)))

    def _columns(self, clean: bytes) -> pl.DataFrame:
        if not clean:
            return pl.DataFrame(schema={**ENDED, "plain": pl.Boolean})
        frame = pl.read_csv(
            BytesIO(clean),
            has_header=False,
            separator="|",
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
            new_columns=self._names,
        )
        for name in ("User", "JobID"):
            if name not in self._names:
                frame = frame.with_columns(pl.lit("").alias(name))
        shapes = frame["AllocTRES"].unique().to_list()
        self._learn(shapes)
        held = pl.col("AllocTRES").replace_strict(
            shapes, [self._held[text] for text in shapes], return_dtype=pl.String
        )
        number = {
            name: pl.col(column).cast(pl.Int64, strict=False)
            for name, column in (
                ("job_id", "JobIDRaw"),
                ("submit", "Submit"),
                ("started", "Start"),
                ("ended", "End"),
                ("seconds", "ElapsedRaw"),
            )
        }
        found = frame.select(
            **number,
            display_id=pl.when(pl.col("JobID") == pl.col("JobIDRaw")).then(pl.lit("")).otherwise("JobID"),
            account="Account",
            user="User",
            state=pl.col("State").str.extract(r"^([A-Z_]+)"),
            held=held,
            plain=self._plain,
        )
        times = [
            pl.col(name).is_between(FIRST_SECOND, LAST_SECOND, closed="none")
            for name in ("submit", "started", "ended")
        ]
        sound = pl.all_horizontal(
            "plain", *times, pl.col("held").is_not_null(), pl.col("ended") >= pl.col("started")
        )
        return found.with_columns(plain=sound.fill_null(False))

    def _learn(self, texts: list[str]) -> None:
        """Each way of writing what was held is read once, by the reader of `slurm`. None: not readable."""
        if len(self._held) > _SHAPES_KEPT:
            self._held.clear()
        for text in texts:
            if text not in self._held:
                try:
                    self._held[text] = held_text(parse_units(text))
                except BadFieldError:
                    self._held[text] = None

    def _read_odd(self, odd: list[tuple[int, RawLine]], block: Block) -> None:
        more = []
        for number, raw in sorted(odd, key=lambda each: each[0]):
            if number <= self._slurm.header_line:
                continue
            row = self._slurm.row(number, raw)
            if isinstance(row, Attempt):
                row = fault(row, self._cluster) or row
            if isinstance(row, Rejected):
                block.rejected.append(row)
            elif row is not None and row.phase == "ended":
                more.append(_as_ended(row))
            elif row is not None:
                block.live.append(row)
        if more:
            rows = pl.DataFrame(more, schema=ENDED, orient="row")
            block.ended = pl.concat([block.ended, rows]).sort("line")


def _as_ended(row: Attempt) -> tuple[object, ...]:
    return (
        row.line,
        row.job_id,
        row.submit,
        shown_id(row.display_id, row.job_id),
        row.account,
        row.user,
        row.state,
        row.started,
        row.ended,
        row.elapsed_seconds,
        held_text(row.units),
    )


def _plain(columns: set[str], cluster: str) -> pl.Expr:
    """Whether a row is in the form that nearly all rows have."""

    def matches(name: str, pattern: str) -> pl.Expr:
        return pl.col(name).str.contains(pattern)

    # ASCII and Hangul: all the letters that Unicode knows would be a pattern of megabytes, and a slow one.
    def word(name: str, letters: str = r"^[A-Za-z0-9_.@+:/가-힣-]*$") -> pl.Expr:
        # The length apart: a counted repetition of so many letters would be a pattern of many megabytes.
        return matches(name, letters) & (pl.col(name).str.len_bytes() <= MAX_TEXT)

    # In one row of ten thousand a name may have more to it than these letters: then `slurm` reads it.
    asked = [
        matches("JobIDRaw", r"^[0-9]{1,15}$"),
        *(matches(name, r"^[0-9]{1,10}$") for name in ("Submit", "Start", "End", "ElapsedRaw")),
        matches("State", r"^[A-Z_]+(?: by [0-9]{1,10})?$"),
        pl.col("State").str.extract(r"^([A-Z_]+)").is_in(sorted(TERMINAL_STATES)),
        pl.col("Cluster") == cluster,
        word("Account"),
    ]
    optional = {
        "User": word("User"),
        "JobID": word("JobID", r"^[A-Za-z0-9_.+\[\]-]*$"),
        "DBIndex": matches("DBIndex", r"^[0-9]{0,15}$"),
        "Partition": word("Partition"),
        "QOS": word("QOS"),
        "Suspended": matches("Suspended", r"^(?:[0-9]{2}:[0-9]{2}:[0-9]{2})?$"),
        "TimelimitRaw": matches("TimelimitRaw", r"^[0-9]{0,10}$"),
    }
    asked += [plain for name, plain in optional.items() if name in columns]
    return pl.all_horizontal(asked)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class _HeaderOnly:
    """The beginning of the text for the reader of `slurm`, which takes the header and asks for no more."""

    def __init__(self, begin: bytes) -> None:
        self._begin: bytes | None = begin

    def read(self, size: int) -> bytes:
        piece, self._begin = self._begin, None
        return piece or b""
