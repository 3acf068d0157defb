"""Reads `sreport`'s totals of a window: the scheduler's own account of who held what. Knows no Django and no database.

    SLURM_TIME_FORMAT=%s TZ=UTC LC_ALL=C.UTF-8 sreport -P -t seconds -T cpu,gres/gpu cluster AccountUtilizationByUser
        start=FROM end=TO

With or without its heading and column names (`-n`). Of a heading the window is read where it is in seconds since 1970; a line
`# window START END` says it too. Unlike an import, which keeps what it cannot use aside, a control total is all or nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tenants.compute.slurm_fields import MAX_TEXT, REASONS, BadFieldError, parse_count, parse_time
from tenants.compute.text_lines import MAX_LINE_BYTES, RawLine, Source, chunks_of, decoded, raw_lines

# As sreport prints them without being told otherwise.
COLUMNS = ("cluster", "account", "login", "proper name", "tres name", "used")
NEEDED = ("account", "tres name", "used")
SHOWN = {
    "cluster": "Cluster",
    "account": "Account",
    "login": "Login",
    "tres name": "TRES Name",
    "used": "Used",
}
MAX_LINES = 500_000

_TITLE = re.compile(r"Cluster/Account/User Utilization (\S+) - (\S+)(?: \((\d{1,12}) secs\))?")
_EPOCH = re.compile(r"[0-9]{1,12}", re.ASCII)
_WINDOW = re.compile(r"#\s*window:?\s+([0-9]+)\s+(?:-\s+)?([0-9]+)\s*", re.ASCII | re.IGNORECASE)


def gettext_noop(message: str) -> str:
    return message


SREPORT_REASONS: Mapping[str, str] = {
    **REASONS,
    "empty": gettext_noop("the file is empty"),
    "missing_columns": gettext_noop("missing columns: %(columns)s"),
    "wrong_columns": gettext_noop("%(found)s columns instead of %(expected)s"),
    "not_seconds": gettext_noop("the usage is not in seconds (%(value)s); run sreport with -t seconds"),
    "other_cluster": gettext_noop("the row is of the cluster %(value)s"),
    "twice": gettext_noop("the total of %(value)s comes twice"),
    "too_many_lines": gettext_noop("the file has more than %(limit)s lines"),
    "window_backwards": gettext_noop("the window ends before it begins"),
}


class SreportError(ValueError):
    """The text cannot be a control total. `line` counts from 1; `SREPORT_REASONS[code] % params` says why."""

    def __init__(self, code: str, line: int = 0, **params: str | int) -> None:
        self.code, self.line, self.params = code, line, params
        super().__init__(f"line {line}: {SREPORT_REASONS[code] % params}")


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """Seconds times units of one resource that an account held in the window, in the order of the report: an account
    that has accounts under it counts theirs too and comes before them."""

    account: str
    resource: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Sreport:
    """`window` is a half-open pair of seconds since 1970, None where the text does not say it."""

    totals: tuple[ControlTotal, ...]
    window: tuple[int, int] | None


@dataclass
class _Reading:
    cluster: str
    columns: list[str] = field(default_factory=list)
    window: tuple[int, int] | None = None
    totals: dict[tuple[str, str], int] = field(default_factory=dict)
    by_user: dict[tuple[str, str], int] = field(default_factory=dict)
    lines: int = 0

    def take(self, number: int, text: str) -> None:
        if text.startswith("#"):
            if said := _WINDOW.fullmatch(text):
                self._say_window(number, said[1], said[2])
        elif text.startswith("---"):
            return
        elif title := _TITLE.match(text):
            if _EPOCH.fullmatch(title[1]) and _EPOCH.fullmatch(title[2]):
                # The heading names the last second that is in it.
                self._say_window(number, title[1], str(int(title[2]) + 1))
        elif text.startswith("Usage reported in"):
            if "TRES Seconds" not in text:
                raise SreportError("not_seconds", number, value=text.removeprefix("Usage reported in ")[:40])
        else:
            self._row(number, text.split("|"))

    def _say_window(self, number: int, first: str, end: str) -> None:
        start, stop = parse_time("window", first), parse_time("window", end)
        if stop <= start:
            raise SreportError("window_backwards", number)
        self.window = (start, stop)

    def _row(self, number: int, values: list[str]) -> None:
        names = [value.strip().casefold() for value in values]
        if "account" in names and "used" in names:
            if missing := [SHOWN[name] for name in NEEDED if name not in names]:
                raise SreportError("missing_columns", number, columns=", ".join(missing))
            self.columns = names
            return
        if not self.columns:
            if any(name in ("tres name", "used", "account") for name in names):
                missing = [SHOWN[name] for name in NEEDED if name not in names]
                raise SreportError("missing_columns", number, columns=", ".join(missing))
            self.columns = list(COLUMNS)
        if len(values) != len(self.columns):
            raise SreportError("wrong_columns", number, found=len(values), expected=len(self.columns))
        row = {name: value.strip() for name, value in zip(self.columns, values, strict=True)}
        self._total(number, row)

    def _total(self, number: int, row: Mapping[str, str]) -> None:
        if row.get("cluster", self.cluster) != self.cluster:
            raise SreportError("other_cluster", number, value=row["cluster"][:80])
        for name in ("account", "tres name"):
            if not row[name]:
                raise BadFieldError("empty_value", SHOWN[name])
            if len(row[name]) > MAX_TEXT:
                raise BadFieldError("text_too_long", SHOWN[name], limit=MAX_TEXT)
        seconds = parse_count("Used", row["used"])
        key = (row["account"], row["tres name"].lower())
        if row.get("login"):
            self.by_user[key] = self.by_user.get(key, 0) + seconds
        elif key in self.totals:
            raise SreportError("twice", number, value=" ".join(key)[:80])
        else:
            self.totals[key] = seconds

    def result(self) -> Sreport:
        """People's rows are part of their account's; where a report has only those, they are added up."""
        whole = {account for account, _resource in self.totals}
        rest = {key: seconds for key, seconds in self.by_user.items() if key[0] not in whole}
        found = tuple(ControlTotal(*key, seconds) for key, seconds in {**self.totals, **rest}.items())
        return Sreport(found, self.window)


def read_sreport(source: Source, *, cluster: str) -> Sreport:
    """The totals of one cluster. Raises SreportError, which names the line and says what is wrong with it."""
    reading = _Reading(cluster)
    number = 0
    for number, raw in enumerate(raw_lines(chunks_of(source)), start=1):
        if number > MAX_LINES:
            raise SreportError("too_many_lines", number, limit=MAX_LINES)
        try:
            text = _text(raw)
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip():
                reading.take(number, text)
                reading.lines += 1
        except BadFieldError as bad:
            params: dict[str, str | int] = {"column": bad.column, "value": bad.value, **bad.limits}
            raise SreportError(bad.code, number, **params) from bad
    if not reading.lines:
        raise SreportError("empty", number)
    return reading.result()


def _text(raw: RawLine) -> str:
    if raw.text is None:
        raise BadFieldError("line_too_long", limit=MAX_LINE_BYTES)
    if not raw.whole:
        raise BadFieldError("cut_line")
    if b"\0" in raw.text:
        raise BadFieldError("nul_byte")
    if (text := decoded(raw.text)) is None:
        raise BadFieldError("not_utf8")
    return text
