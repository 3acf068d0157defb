"""Reads the CSV of assigned servers. Knows no Django and no database.

The first line names the columns, in any order: `cluster, account, server, resource, units, start, end`. A line says that
`units` of a resource (`gres/gpu:h100`) of a server were an account's from `start` until `end`. Times are ISO 8601, in Seoul
where no offset is given, or seconds since 1970; a bare day begins at its midnight, and as an end is the last day held.
An empty end, or one that is still to come, is an assignment that goes on: it is held and not charged yet. Lines
`# total ACCOUNT RESOURCE UNIT-SECONDS` give the file's own totals, to be compared with what was read.

An assignment's identity is its cluster, server, resource and start: a later file with another end corrects it.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO
from zoneinfo import ZoneInfo

import polars as pl

from .bulk import ENDED, FIRST_SECOND, LAST_SECOND, Block
from .proof import held_text
from .slurm import Attempt, Rejected, SacctError
from .slurm_fields import MAX_TEXT, BadFieldError, parse_count
from .text_lines import MAX_LINE_BYTES, RawLine, chunks_of, decoded, raw_lines

COLUMNS = ("cluster", "account", "server", "resource", "units", "start", "end")
STATE = "ASSIGNED"
_ROWS = 5_000
_SEOUL = ZoneInfo("Asia/Seoul")
_RESOURCE = re.compile(r"[a-z][a-z0-9_./:-]{0,79}", re.ASCII)
_TOTAL = re.compile(r"#\s*total\s+(\S+)\s+(\S+)\s+([0-9]{1,18})\s*")


class ServersReader:
    """Iterates over the blocks of one CSV of `cluster`, as read at second `now`. The job id of a row is 0: whoever keeps
    the servers numbers them; its `display_id` is the server. `totals` are those of the file, in unit-seconds by account and
    resource, once it has been read.

    Raises SacctError at once when the header is missing or lacks a column.
    """

    def __init__(self, source: IO[bytes], cluster: str, now: int) -> None:
        self._cluster, self._now = cluster, now
        self._raw = enumerate(raw_lines(chunks_of(source)), start=1)
        self.totals: dict[tuple[str, str], int] = {}
        self._columns = self._header()

    def __iter__(self) -> Iterator[Block]:
        ended: list[tuple[object, ...]] = []
        block = Block(pl.DataFrame(schema=ENDED))
        count = 0
        for number, raw in self._raw:
            row = self._row(number, raw)
            if row is None:
                continue
            if isinstance(row, Rejected):
                block.rejected.append(row)
            elif isinstance(row, Attempt):
                block.live.append(row)
            else:
                ended.append(row)
            count += 1
            if count % _ROWS == 0:
                block.ended = pl.DataFrame(ended, schema=ENDED, orient="row")
                yield block
                ended, block = [], Block(pl.DataFrame(schema=ENDED))
        block.ended = pl.DataFrame(ended, schema=ENDED, orient="row")
        yield block

    def _header(self) -> list[str]:
        for _number, raw in self._raw:
            if raw.text is None or (text := decoded(raw.text)) is None or "\0" in text:
                raise SacctError("not_servers")
            text = text.removeprefix("\ufeff").strip()
            if not text:
                continue
            columns = [name.strip().casefold() for name in next(csv.reader([text]))]
            if not set(columns) & set(COLUMNS):
                raise SacctError("not_servers")
            if missing := tuple(name for name in COLUMNS if name not in columns):
                raise SacctError("missing_columns", missing)
            if twice := tuple(name for name in COLUMNS if columns.count(name) > 1):
                raise SacctError("duplicate_columns", twice)
            return columns
        raise SacctError("empty")

    def _row(self, number: int, raw: RawLine) -> Attempt | Rejected | tuple[object, ...] | None:
        try:
            values = self._values(raw)
            return None if values is None else self._assignment(number, values)
        except BadFieldError as bad:
            return Rejected(number, bad.code, bad.column, bad.value, tuple(bad.limits.items()))

    def _values(self, raw: RawLine) -> dict[str, str] | None:
        if raw.text is None:
            raise BadFieldError("line_too_long", limit=MAX_LINE_BYTES)
        if not raw.whole:
            raise BadFieldError("cut_line")
        if b"\0" in raw.text:
            raise BadFieldError("nul_byte")
        if (text := decoded(raw.text)) is None:
            raise BadFieldError("not_utf8")
        if not text.strip():
            return None
        if text.startswith("#"):
            if total := _TOTAL.fullmatch(text):
                key = (total[1], total[2].lower())
                self.totals[key] = self.totals.get(key, 0) + int(total[3])
            return None
        values = next(csv.reader([text]))
        if len(values) != len(self._columns):
            code = "too_few_columns" if len(values) < len(self._columns) else "too_many_columns"
            raise BadFieldError(code, found=len(values), expected=len(self._columns))
        return {name: value.strip() for name, value in zip(self._columns, values, strict=True)}

    def _assignment(self, number: int, row: dict[str, str]) -> Attempt | Rejected | tuple[object, ...]:
        for name in ("cluster", "server", "resource", "units", "start"):
            if not row[name]:
                raise BadFieldError("empty_value", name)
        for name in ("account", "server"):
            if len(row[name]) > MAX_TEXT:
                raise BadFieldError("text_too_long", name, limit=MAX_TEXT)
        if row["cluster"] != self._cluster:
            return Rejected(number, "other_cluster", "cluster", row["cluster"][:80])
        resource = row["resource"].lower()
        if _RESOURCE.fullmatch(resource) is None:
            raise BadFieldError("bad_resource", "resource", row["resource"])
        units = parse_count("units", row["units"])
        start = _second("start", row["start"], last=False)
        end = _second("end", row["end"], last=True) if row["end"] else None
        if end is not None and end < start:
            raise BadFieldError("ends_before_start", "end", row["end"])
        if end is not None and end <= self._now:
            held = held_text({resource: units})
            return number, 0, start, row["server"], row["account"], "", STATE, start, end, end - start, held
        return Attempt(
            line=number,
            cluster=self._cluster,
            job_id=0,
            submit=start,
            account=row["account"],
            user="",
            state="RUNNING" if start <= self._now else "PENDING",
            cancelled_by=None,
            started=start,
            ended=None,
            elapsed_seconds=max(0, self._now - start),
            units={resource: units},
            timelimit_seconds=None if end is None else end - start,
            display_id=row["server"],
        )


def _second(column: str, value: str, *, last: bool) -> int:
    """The second since 1970 of a moment, a day or a number of seconds."""
    counted = value.isascii() and value.isdigit()
    second = parse_count(column, value) if counted else _moment(column, value, last=last)
    if not FIRST_SECOND < second < LAST_SECOND:
        raise BadFieldError("time_out_of_range", column, value)
    return second


def _moment(column: str, value: str, *, last: bool) -> int:
    try:
        if len(value) <= len("2026-11-22"):
            day = date.fromisoformat(value)
            return int(datetime.combine(day + timedelta(days=last), time.min, _SEOUL).timestamp())
        found = datetime.fromisoformat(value)
        return int((found if found.tzinfo else found.replace(tzinfo=_SEOUL)).timestamp())
    except (ValueError, OverflowError):
        raise BadFieldError("not_a_time", column, value) from None
