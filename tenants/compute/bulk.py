"""Reads sacct text a block at a time, columns instead of rows. Knows no Django and no database.

The reader of `slurm` says what a row means. A million rows are too many for it, and nearly all of them are plain: whole,
of this cluster, ended, every value in its commonest form. Those are read as columns here, by rules that accept nothing
which `slurm` would read otherwise; every other row goes to `slurm` itself.
"""

import ctypes
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

import numpy as np

# One block is read while the one before is written; more threads only take the processor from the database. What a block
# needed is kept for the next one, in one place, and given back to the system after a second.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0")
import polars as pl

from .proof import held_text
from .slurm import Attempt, Rejected, SacctReader
from .slurm_fields import MAX_TEXT, TERMINAL_STATES, BadFieldError, parse_units
from .text_lines import MAX_LINE_BYTES, RawLine

BLOCK = 1_200_000
# Before this century and far after it, calendars and time zones have gaps, and no job of the camp is.
FIRST_SECOND, LAST_SECOND = 946_684_800, 7_258_118_400
_SHAPES_KEPT = 20_000
_ARENAS, _LARGE, _KEPT = -8, -3, -1  # M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of glibc

ENDED = {
    "line": pl.Int64,
    "job_id": pl.Int64,
    "submit": pl.Int64,
    "display_id": pl.String,
    "account": pl.Categorical,
    "user": pl.Categorical,
    "state": pl.Categorical,
    "started": pl.Int64,
    "ended": pl.Int64,
    "seconds": pl.Int64,
    "held": pl.Categorical,
}
"""The columns of ended rows. Times are seconds since 1970, `started` is null for a job that never did; `held` is the
canonical text of the units. Names of which a file has few are kept once for all rows."""

# What is asked of a plain value. ASCII and Hangul alone: where a name has more to it, `slurm` reads the row.
_WORD = re.compile(r"[A-Za-z0-9_.@+:/가-힣-]*")
_WORDS = {
    "Account": _WORD,
    "User": _WORD,
    "Partition": _WORD,
    "QOS": _WORD,
    "Suspended": re.compile(r"(?:[0-9]{2}:[0-9]{2}:[0-9]{2})?"),
    "TimelimitRaw": re.compile(r"[0-9]{0,10}"),
}
_STATE = re.compile(r"([A-Z_]+)(?: by [0-9]{1,10})?")
_SHOWN = r"^[A-Za-z0-9_.+\[\]-]*$"
# Numbers have so many digits at most. One that may be missing altogether:
_DIGITS = {"JobIDRaw": 15, "Submit": 10, "Start": 10, "End": 10, "ElapsedRaw": 10, "DBIndex": 15}
_MAY_BE_EMPTY = "DBIndex"
_TYPES = {
    **dict.fromkeys(_DIGITS, pl.Int64),
    **dict.fromkeys((*_WORDS, "Cluster", "State", "AllocTRES"), pl.Categorical),
}
_BYTE_ORDER_MARK = "\ufeff".encode()


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
    """Let all threads take memory from one heap, which keeps a little for the next block and gives large pieces back at
    once. Where the C library is another one, nothing changes."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENAS, 1)
        mallopt(_LARGE, 512 * 1024)
        mallopt(_KEPT, 8 * 1024 * 1024)


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
        self._names = [name or f"_{at}" for at, name in enumerate(self._slurm.columns)]
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
        if clean:
            frame, plain = self._columns(clean, ends)
            ended = frame.with_columns(line=pl.Series(numbers, dtype=pl.Int64)).select(*ENDED)
            if not plain.all():
                ended = ended.filter(plain)
                begins = np.concatenate(([0], ends[:-1, -1] + 1))
                odd.extend(
                    (int(numbers[at]), RawLine(clean[begins[at] : ends[at, -1]], True))
                    for at in np.flatnonzero(~plain)
                )
            block = Block(ended)
        else:
            block = Block(pl.DataFrame(schema=ENDED))
        if odd:
            self._read_odd(odd, block)
        return block

    def _split(self, body: bytes, odd: list[tuple[int, RawLine]]) -> tuple[bytes, np.ndarray, np.ndarray]:
        """The lines with the right number of columns, their numbers, and where each field of each of them ends; the
        rest to `odd`."""
        if b"\r" in body:
            body = body.replace(b"\r\n", b"\n")
        columns = len(self._names)
        marks, lasts = _marks(body)
        ends = marks[lasts]
        starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
        numbers = self._line + 1 + np.arange(len(ends))
        self._line += len(ends)
        whole = (np.diff(lasts, prepend=-1) == columns) & (ends - starts <= MAX_LINE_BYTES)
        if body.startswith(_BYTE_ORDER_MARK):
            whole[0] = False
        if b"\0" in body or b"\r" in body or not _is_utf8(body):
            for place in range(len(ends)):
                line = body[starts[place] : ends[place]]
                whole[place] &= b"\0" not in line and b"\r" not in line and _is_utf8(line)
        if whole.all():
            return body, numbers, marks.reshape(-1, columns)
        for at in np.flatnonzero(~whole):
            line = body[starts[at] : ends[at]]
            odd.append((int(numbers[at]), RawLine(line if len(line) <= MAX_LINE_BYTES else None, True)))
        clean = b"".join(body[starts[at] : ends[at] + 1] for at in np.flatnonzero(whole))
        return clean, numbers[whole], _marks(clean)[0].reshape(-1, columns)

    def _columns(self, clean: bytes, ends: np.ndarray) -> tuple[pl.DataFrame, np.ndarray]:
        """The lines as columns (ENDED but for `line`), and which of them are plain."""
        frame = pl.read_csv(
            BytesIO(clean),
            has_header=False,
            separator="|",
            quote_char=None,
            empty_string_is_null=False,
            ignore_errors=True,
            schema={name: _TYPES.get(name, pl.String) for name in self._names},
        ).with_columns(
            # To this reader an empty last name is none.
            pl.col(pl.Categorical).fill_null(""),
            pl.col(pl.Int64).fill_null(-1),
        )
        plain = np.ones(frame.height, bool)
        sizes = np.diff(ends.reshape(-1), prepend=-1).reshape(ends.shape) - 1
        numbers = {name: frame[name].to_numpy() for name in self._names if name in _DIGITS}
        for name, values in numbers.items():
            written = sizes[:, self._names.index(name)]
            plain &= _as_written(values, written, _DIGITS[name], empty=name == _MAY_BE_EMPTY)
        for name in ("Submit", "Start", "End"):
            plain &= (numbers[name] > FIRST_SECOND) & (numbers[name] < LAST_SECOND)
        plain &= numbers["End"] >= numbers["Start"]
        known = values_of(frame, [name for name, of in frame.schema.items() if of == pl.Categorical])
        fits = {**_WORDS, "Cluster": re.compile(re.escape(self._cluster))}
        for name in fits.keys() & known.keys():
            odd = [
                text
                for text in known[name]
                if not fits[name].fullmatch(text) or len(text.encode()) > MAX_TEXT
            ]
            if odd:
                strange = pl.Series(odd, dtype=pl.Categorical).implode()
                plain &= ~frame[name].is_in(strange).to_numpy()
        self._learn(known["AllocTRES"])
        shown = pl.lit("")
        if "JobID" in self._names:
            same = pl.col("JobID") == pl.col("JobIDRaw").cast(pl.String)
            shown = pl.when(same).then(pl.lit("")).otherwise("JobID")
            sound = pl.col("JobID").str.contains(_SHOWN) & (pl.col("JobID").str.len_bytes() <= MAX_TEXT)
            plain &= frame.select((same | sound).fill_null(False)).to_series().to_numpy()
        ended = frame.select(
            job_id="JobIDRaw",
            submit="Submit",
            display_id=shown,
            account="Account",
            user="User" if "User" in self._names else pl.lit("", dtype=pl.Categorical),
            state=by_value("State", known["State"], _ended_state),
            started="Start",
            ended="End",
            seconds="ElapsedRaw",
            held=by_value("AllocTRES", known["AllocTRES"], self._held.get),
        )
        for name in ("state", "held"):
            if ended[name].null_count():
                plain &= ended[name].is_not_null().to_numpy()
        return ended, plain

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


def _marks(body: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Where the fields of some whole lines end, and which of those ends are line breaks."""
    letters = np.frombuffer(body, dtype=np.uint8)
    found = letters == ord("|")
    found |= letters == ord("\n")
    marks = np.flatnonzero(found).astype(np.int32)
    return marks, np.flatnonzero(letters[marks] == ord("\n"))


def _as_written(values: np.ndarray, sizes: np.ndarray, digits: int, *, empty: bool) -> np.ndarray:
    """Whether each number was written with nothing but its digits, no more than so many: then its text is as long."""
    sizes = np.minimum(sizes, digits + 1)
    least = np.array([2**62, 0, *(10**size for size in range(1, digits)), 2**62])
    beyond = np.array([0, *(10**size for size in range(1, digits + 1)), 0])
    found = (values >= least[sizes]) & (values < beyond[sizes])
    return found | (sizes == 0) if empty else found


def values_of(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    """Each text that some columns have, once."""
    found = frame.select(pl.col(name).unique().implode() for name in names)
    return {name: found[name][0].to_list() for name in names}


def by_value(
    name: str, texts: Sequence[str], say: Callable[[str], str | None], of: type[pl.DataType] = pl.Categorical
) -> pl.Expr:
    """What is said of each text of a column, asked for once; `texts` are all that it has (`values_of`)."""
    known = pl.Series(texts, dtype=pl.Categorical)
    return pl.col(name).replace_strict(known, [say(text) for text in texts], return_dtype=of)


def _ended_state(text: str) -> str | None:
    found = _STATE.fullmatch(text)
    return found[1] if found and found[1] in TERMINAL_STATES else None


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
