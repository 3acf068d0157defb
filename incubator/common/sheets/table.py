"""What a sheet is made of: columns, rows, and the issues that people are told about."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from incubator.common.sheets.wording import in_language, worded

Cell = str | int | float | Decimal | bool | date | datetime | time | timedelta | None
"""A cell as the file holds it. Texts are NFC and trimmed before a parser sees them."""

SHOWN_LENGTH = 60


class Unreadable(Exception):
    """Raised by a parser: `reason` is a lazy text, `code` is stable."""

    def __init__(self, reason: Any, code: str, **params: Any) -> None:
        self.reason = worded(reason, params)
        self.code = code
        super().__init__(code)


Parser = Callable[[Any], Any]
"""From a cell that is not empty to a value; raises Unreadable."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    `headers` are the names it may carry (the first is shown to people; compared without regard to case,
    spaces, `_` and `-`). `required`: the column must be in the file. A cell may be empty, and then has the
    value `default`, when the column is not required or `blank` is set.
    """

    key: str
    headers: tuple[str, ...]
    parse: Parser
    required: bool = True
    blank: bool = False
    default: Any = None

    @property
    def label(self) -> str:
        return self.headers[0]

    @property
    def may_be_empty(self) -> bool:
        return self.blank or not self.required


@dataclass(frozen=True)
class Issue:
    """Why a row, or with `line` None the file, is rejected. `value` is the cell as written, shortened."""

    line: int | None
    column: str
    value: str
    reason: Any
    code: str

    def __str__(self) -> str:
        params = {"line": self.line, "column": self.column, "value": self.value, "reason": self.reason}
        if self.line is None:
            return str(self.reason)
        if not self.column:
            return str(worded(_("line %(line)s: %(reason)s"), params))
        if not self.value:
            return str(worded(_("line %(line)s, %(column)s: %(reason)s"), params))
        return str(worded(_("line %(line)s, %(column)s “%(value)s”: %(reason)s"), params))


def bilingual(issue: Issue) -> str:
    """The issue in Korean and in English, on one line."""
    korean, english = in_language(issue, "ko"), in_language(issue, "en")
    return korean if korean == english else f"{korean} / {english}"


@dataclass(frozen=True)
class Row:
    """One line of a sheet, numbered as spreadsheet programs number it.

    `values` holds what could be read, by column key; `given` the keys whose column is in the file; `cells`
    the cells as written. A row with `issues` is never handed to a loader's hooks.
    """

    line: int
    values: Mapping[str, Any]
    cells: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def issue(self, key: str | None, reason: Any, code: str, **params: Any) -> Issue:
        """An issue at this row's cell `key`, or about the whole line when `key` is None."""
        column = self.labels.get(key, key) if key else ""
        value = self.cells.get(key, "") if key else ""
        return Issue(self.line, column, value, worded(reason, params), code)


@dataclass(frozen=True)
class Sheet:
    """A file that could be read. `rows` are all its rows, rejected ones too; `notes` stop nothing."""

    name: str
    sha256: str
    columns: Sequence[Column]
    rows: list[Row]
    issues: list[Issue]
    notes: list[Any]


_UNSHOWN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def shown(cell: Cell) -> str:
    """A cell in one short line for people: control characters replaced, cut at 60 characters."""
    if cell is None:
        return ""
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    text = _UNSHOWN.sub("�", number_text(cell) if isinstance(cell, float) else str(cell))
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def number_text(number: float) -> str:
    """A spreadsheet's float as it shows it: at most 15 significant digits, no exponent, no trailing `.0`."""
    text = format(Decimal(format(number, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def folded(name: str) -> str:
    """A header or a choice's label in the form in which two are compared."""
    name = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_\-\u200b\ufeff]+", "", name)
