"""Reads the storage levels that the data centre exports, row by row in memory that does not grow. Knows no Django.

A CSV with a header line and the columns cluster, account, day, granted_tb and used_tb (Korean headers below), in any
order, further columns ignored; UTF-8 (with or without a mark) or CP949, as Korean Excel saves it. A day is
2026-11-22, 2026.11.22, 2026. 11. 22. or 20261122. A terabyte is 10^12 bytes, written with at most twelve decimals, so
that every amount is a whole number of bytes. `granted_tb` may be empty: then the centre says nothing of it.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .text_lines import MAX_LINE_BYTES, RawLine, Source, chunks_of, raw_lines

TERABYTE = 10**12
MAX_TEXT = 255
# Ten times the data centre.
MAX_TB = 1_070_000
FIRST_YEAR = 2000
COLUMNS = ("cluster", "account", "day", "granted_tb", "used_tb")
# Without blanks, brackets and underscores, in small letters.
_NAMES: Mapping[str, str] = {
    "cluster": "cluster",
    "account": "account",
    "day": "day",
    "grantedtb": "granted_tb",
    "usedtb": "used_tb",
    "클러스터": "cluster",
    "계정": "account",
    "일자": "day",
    "날짜": "day",
    "기준일": "day",
    "배정tb": "granted_tb",
    "배정량tb": "granted_tb",
    "사용tb": "used_tb",
    "사용량tb": "used_tb",
}
_FOLDED = re.compile(r"[\s()_]")
_BOM = b"\xef\xbb\xbf"
_DAY = re.compile(
    r"(?P<year>[0-9]{4})\s*(?P<mark>[-./])\s*(?P<month>[0-9]{1,2})\s*(?P=mark)\s*(?P<day>[0-9]{1,2})\s*\.?"
)
_EIGHT = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")


def gettext_noop(message: str) -> str:
    return message


REASONS: Mapping[str, str] = {
    "bad_quotes": gettext_noop("the quotation marks of the line do not match"),
    "unknown_encoding": gettext_noop("the line is neither UTF-8 nor CP949"),
    "bad_day": gettext_noop("%(column)s is no day: %(value)s"),
    "future_day": gettext_noop("%(column)s is still to come: %(value)s"),
    "bad_amount": gettext_noop("%(column)s is no amount of terabytes: %(value)s"),
    "too_fine": gettext_noop("%(column)s has more than twelve decimals: %(value)s"),
}
HEADER_REASONS: Mapping[str, str] = {
    "empty": gettext_noop("The file is empty"),
    "missing": gettext_noop("Columns are missing: %(columns)s"),
    "twice": gettext_noop("Columns are there twice: %(columns)s"),
}


class StorageFileError(ValueError):
    """The text as a whole is no export of storage. `code` is a key of HEADER_REASONS."""

    def __init__(self, code: str, columns: tuple[str, ...] = ()) -> None:
        self.code, self.params = code, {"columns": ", ".join(columns)}
        super().__init__(HEADER_REASONS[code] % self.params)


class Level(NamedTuple):
    """What an account of a cluster held on a day, in bytes."""

    line: int
    cluster: str
    account: str
    day: date
    granted_bytes: int | None
    used_bytes: int


@dataclass(frozen=True, slots=True)
class RejectedLevel:
    """A row that cannot be used; `code` and `params` make its sentence, `column` and `value` are to blame."""

    line: int
    code: str
    column: str = ""
    value: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, object]:
        return {"column": self.column, "value": self.value, **self.more}


class _Bad(Exception):
    def __init__(self, code: str, column: str = "", value: str = "", **more: object) -> None:
        self.code, self.column, self.value, self.more = code, column, value[:80], more


def read_storage(source: Source) -> Iterator[Level | RejectedLevel]:
    """The rows of `source`. Raises StorageFileError at once when the header is not one."""
    lines = raw_lines(chunks_of(source))
    first = next(lines, None)
    if first is None:
        raise StorageFileError("empty")
    try:
        header = _cells(RawLine(first.text.removeprefix(_BOM) if first.text else first.text, True))
    except _Bad:
        header = []
    names = [_NAMES.get(_FOLDED.sub("", cell).lower(), "") for cell in header]
    if missing := tuple(name for name in COLUMNS if name not in names):
        raise StorageFileError("missing", missing)
    if twice := tuple(name for name in COLUMNS if names.count(name) > 1):
        raise StorageFileError("twice", twice)
    return _rows(lines, names)


def _rows(lines: Iterator[RawLine], names: list[str]) -> Iterator[Level | RejectedLevel]:
    places = {name: names.index(name) for name in COLUMNS}
    for number, raw in enumerate(lines, start=2):
        if raw.text is not None and raw.whole and not raw.text.strip(b" \t,\r"):
            continue
        try:
            cells = _cells(raw)
            if len(cells) != len(names):
                code = "too_few_columns" if len(cells) < len(names) else "more_columns"
                raise _Bad(code, found=len(cells), expected=len(names))
            yield _level(number, {name: cells[place].strip() for name, place in places.items()})
        except _Bad as bad:
            yield RejectedLevel(number, bad.code, bad.column, bad.value, bad.more)


def _cells(raw: RawLine) -> list[str]:
    if raw.text is None:
        raise _Bad("line_too_long", limit=MAX_LINE_BYTES)
    if not raw.whole:
        raise _Bad("cut_line")
    if b"\0" in raw.text:
        raise _Bad("nul_byte")
    for encoding in ("utf-8", "cp949"):
        try:
            text = raw.text.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _Bad("unknown_encoding")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        raise _Bad("bad_quotes") from None


def _level(number: int, row: Mapping[str, str]) -> Level:
    for name in ("cluster", "account"):
        if not row[name]:
            raise _Bad("empty_value", name)
        if len(row[name]) > MAX_TEXT:
            raise _Bad("text_too_long", name, row[name], limit=MAX_TEXT)
    granted = _bytes("granted_tb", row["granted_tb"]) if row["granted_tb"] else None
    return Level(
        number, row["cluster"], row["account"], _day(row["day"]), granted, _bytes("used_tb", row["used_tb"])
    )


def _day(text: str) -> date:
    found = _DAY.fullmatch(text) or _EIGHT.fullmatch(text)
    try:
        if found is None or int(found["year"]) < FIRST_YEAR:
            raise ValueError
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise _Bad("bad_day", "day", text) from None


def _bytes(column: str, text: str) -> int:
    if not text:
        raise _Bad("empty_value", column)
    if text.startswith("-") and _AMOUNT.fullmatch(text[1:]):
        raise _Bad("negative", column, text)
    if len(text) > 40 or (found := _AMOUNT.fullmatch(text)) is None:
        raise _Bad("bad_amount", column, text)
    whole, decimals = int(found[1].replace(",", "")), (found[2] or "").rstrip("0")
    if whole >= MAX_TB:
        raise _Bad("overflow", column, text)
    if len(decimals) > 12:
        raise _Bad("too_fine", column, text)
    return whole * TERABYTE + int(decimals.ljust(12, "0"))
