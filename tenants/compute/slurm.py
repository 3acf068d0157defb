"""Reads the output of `sacct --parsable2` and prices what it says. Knows no Django and no database.

The text is read as a stream: memory stays flat however long the file or a line of it is. One row is one
*attempt* of a job: a requeued job has several, told apart by their submit time. Ask Slurm for it with

    SLURM_TIME_FORMAT=%s TZ=UTC LC_ALL=C.UTF-8 sacct -a -X -D -P -S FROM -E TO --format=JobIDRaw,Submit,
        DBIndex,Cluster,Account,User,Partition,QOS,State,Start,End,ElapsedRaw,Suspended,TimelimitRaw,AllocTRES
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tenants.compute.slurm_fields import (
    HEADER_REASONS,
    MAX_TEXT,
    NO_LIMIT,
    REASONS,
    TERMINAL_STATES,
    BadFieldError,
    parse_count,
    parse_duration,
    parse_state,
    parse_time,
    parse_time_or_none,
    parse_units,
)
from tenants.compute.text_lines import MAX_LINE_BYTES, RawLine, Source, chunks_of, decoded, raw_lines

__all__ = [
    "FIRST_RATES",
    "HEADER_REASONS",
    "MAX_CHARGE",
    "MAX_LINE_BYTES",
    "OPTIONAL_COLUMNS",
    "REASONS",
    "REQUIRED_COLUMNS",
    "TERMINAL_STATES",
    "Attempt",
    "Charge",
    "ChargeLine",
    "Rejected",
    "SacctError",
    "SacctReader",
    "charge_of",
    "read_sacct",
]

Phase = Literal["pending", "running", "ended"]

REQUIRED_COLUMNS = (
    "JobIDRaw",
    "Cluster",
    "Account",
    "State",
    "Submit",
    "Start",
    "End",
    "ElapsedRaw",
    "AllocTRES",
)
OPTIONAL_COLUMNS = ("User", "JobID", "DBIndex", "Partition", "QOS", "Suspended", "TimelimitRaw")

# GFLOP a second of one unit: the makers' FP64 ratings, the kind that the centre's own 88.5 PF adds up from.
FIRST_RATES: Mapping[str, int] = {
    "cpu": 40,
    "gres/gpu": 8_100,
    "gres/gpu:a100": 19_500,
    "gres/gpu:h100": 67_000,
    "gres/gpu:t4": 8_100,
}
# Held, but free of charge unless a rate says otherwise.
KNOWN_FREE = frozenset({"mem", "node"})
# The scheduler's own figure, truncated to an integer: never a unit to charge for.
BILLING = "billing"
# The largest whole number that the ledger's bigint column holds.
MAX_CHARGE = 2**63 - 1


class SacctError(ValueError):
    """The text as a whole is no sacct output. `code` is a key of HEADER_REASONS, `columns` names columns."""

    def __init__(self, code: str, columns: tuple[str, ...] = ()) -> None:
        self.code = code
        self.columns = columns
        self.params = {"columns": ", ".join(columns)}
        super().__init__(HEADER_REASONS[code] % self.params)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used. `line` counts from 1 (the header); `code` is a key of REASONS.

    `REASONS[code] % params` is the sentence to translate; `reason` is that sentence in English.
    """

    line: int
    code: str
    column: str = ""
    value: str = ""
    limits: tuple[tuple[str, int], ...] = ()

    @property
    def params(self) -> dict[str, str | int]:
        return {"column": self.column, "value": self.value, **dict(self.limits)}

    @property
    def reason(self) -> str:
        return REASONS[self.code] % self.params


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a job as the scheduler tells it. Its identity is (`cluster`, `job_id`, `submit`).

    `submit`, `started` and `ended` are seconds since 1970 (UTC); `elapsed_seconds` leaves suspended time out.
    `units` counts what was held, by TRES name in lower case: cores, GPUs, nodes, MiB of memory. Typed GPUs
    stand in place of the untyped count that repeats them.
    """

    line: int
    cluster: str
    job_id: int
    submit: int
    account: str
    user: str
    state: str
    cancelled_by: str | None
    started: int | None
    ended: int | None
    elapsed_seconds: int
    units: Mapping[str, int]
    partition: str = ""
    qos: str = ""
    timelimit_seconds: int | None = None
    display_id: str = ""
    db_index: int | None = None
    suspended_seconds: int = 0

    @property
    def phase(self) -> Phase:
        """`ended` can be charged; `running` is held and never charged; `pending` holds nothing yet."""
        terminal = self.state in TERMINAL_STATES
        if terminal and self.ended is not None:
            return "ended"
        if self.state == "PENDING" or (self.started is None and not terminal):
            return "pending"
        return "running"


class SacctReader:
    """Iterates over the attempts of one sacct output; `lines` and `steps` grow as it goes.

    `lines` counts the rows seen so far, `steps` those of them that are steps of a job and were passed over.
    """

    def __init__(self, source: Source) -> None:
        self.lines = 0
        self.steps = 0
        self.header_line = 0
        self._raw = enumerate(raw_lines(chunks_of(source)), start=1)
        self.header, self.columns = self._read_header()

    def __iter__(self) -> "SacctReader":
        return self

    def __next__(self) -> Attempt | Rejected:
        for number, raw in self._raw:
            if (found := self.row(number, raw)) is not None:
                return found
        raise StopIteration

    def row(self, number: int, raw: RawLine) -> Attempt | Rejected | None:
        """What one line says; None for a blank one, a step of a job, or the header again."""
        if raw.text is not None and (not raw.text.strip() or raw.text == self.header):
            return None
        self.lines += 1
        try:
            row = self._row(raw)
            if "." in row["JobIDRaw"]:
                self.steps += 1
                return None
            return _attempt(number, row)
        except BadFieldError as bad:
            return Rejected(number, bad.code, bad.column, bad.value, tuple(bad.limits.items()))

    def _read_header(self) -> tuple[bytes, list[str]]:
        for number, raw in self._raw:
            if raw.text is None or (text := decoded(raw.text)) is None or "\0" in text:
                raise SacctError("not_sacct")
            text = text.removeprefix("\ufeff").strip()
            if not text:
                continue
            self.header_line = number
            known = {name.casefold(): name for name in REQUIRED_COLUMNS + OPTIONAL_COLUMNS}
            columns = [known.get(name.strip().casefold(), "") for name in text.split("|")]
            if not any(columns):
                raise SacctError("not_sacct")
            if missing := tuple(name for name in REQUIRED_COLUMNS if name not in columns):
                raise SacctError("missing_columns", missing)
            if twice := tuple(name for name in known.values() if columns.count(name) > 1):
                raise SacctError("duplicate_columns", twice)
            return raw.text, columns
        raise SacctError("empty")

    def _row(self, raw: RawLine) -> dict[str, str]:
        if raw.text is None:
            raise BadFieldError("line_too_long", limit=MAX_LINE_BYTES)
        if not raw.whole:
            raise BadFieldError("cut_line")
        if b"\0" in raw.text:
            raise BadFieldError("nul_byte")
        if (text := decoded(raw.text)) is None:
            raise BadFieldError("not_utf8")
        values = text.split("|")
        if len(values) != len(self.columns):
            code = "too_few_columns" if len(values) < len(self.columns) else "too_many_columns"
            raise BadFieldError(code, found=len(values), expected=len(self.columns))
        row = {name: value.strip() for name, value in zip(self.columns, values, strict=True) if name}
        for name, value in row.items():
            if name != "AllocTRES" and len(value) > MAX_TEXT:
                raise BadFieldError("text_too_long", name, limit=MAX_TEXT)
        return row


def read_sacct(source: Source) -> SacctReader:
    """Read sacct text from an open file (binary is best) or from its lines, in the order of the file.

    Raises SacctError at once when the header is missing or lacks a required column. Columns may come in any
    order; unknown ones are ignored.
    """
    return SacctReader(source)


class ChargeLine(NamedTuple):
    """`gflop` is seconds times `units` times `rate` (GFLOP a second for one unit)."""

    resource: str
    units: int
    rate: int
    gflop: int


class Charge(NamedTuple):
    """`unrated` names what was held and has no rate: it costs nothing, and somebody should know."""

    total_gflop: int
    lines: tuple[ChargeLine, ...]
    unrated: tuple[str, ...]


def charge_of(units: Mapping[str, int], seconds: int, rate_at: Callable[[str], int | None]) -> Charge:
    """Price `units` held for `seconds`. `rate_at(resource)` gives whole GFLOP a second for one unit, or None.

    The caller binds `rate_at` to the moment the job started. Raises OverflowError when the sum would not fit
    a ledger column (MAX_CHARGE).
    """
    lines = []
    unrated = []
    for resource in sorted(units):
        count = units[resource]
        if resource == BILLING or count == 0:
            continue
        rate = rate_at(resource)
        if rate is not None:
            lines.append(ChargeLine(resource, count, rate, seconds * count * rate))
        elif resource not in KNOWN_FREE:
            unrated.append(resource)
    total = sum(line.gflop for line in lines)
    if total > MAX_CHARGE:
        raise OverflowError(f"a charge of {total} GFLOP is beyond the ledger")
    return Charge(total, tuple(lines), tuple(unrated))


def _attempt(line: int, row: Mapping[str, str]) -> Attempt:
    for name in ("Cluster", "JobIDRaw", "State"):
        if not row[name]:
            raise BadFieldError("empty_value", name)
    state, cancelled_by = parse_state(row["State"])
    submit = parse_time("Submit", row["Submit"])
    started = parse_time_or_none("Start", row["Start"])
    ended = parse_time_or_none("End", row["End"])
    elapsed = parse_count("ElapsedRaw", row["ElapsedRaw"])
    if started is not None and ended is not None and ended < started:
        raise BadFieldError("ends_before_start", "End", row["End"])
    if started is None and elapsed > 0:
        raise BadFieldError("no_start", "Start", row["Start"])
    limit = row.get("TimelimitRaw", "")
    db_index = row.get("DBIndex", "")
    return Attempt(
        line=line,
        cluster=row["Cluster"],
        job_id=parse_count("JobIDRaw", row["JobIDRaw"]),
        submit=submit,
        account=row["Account"],
        user=row.get("User", ""),
        state=state,
        cancelled_by=cancelled_by,
        started=started,
        ended=ended,
        elapsed_seconds=elapsed,
        units=parse_units(row["AllocTRES"]),
        partition=row.get("Partition", ""),
        qos=row.get("QOS", ""),
        timelimit_seconds=None if limit.casefold() in NO_LIMIT else 60 * parse_count("TimelimitRaw", limit),
        display_id=row.get("JobID", ""),
        db_index=parse_count("DBIndex", db_index) if db_index else None,
        suspended_seconds=parse_duration("Suspended", row.get("Suspended", "")),
    )
