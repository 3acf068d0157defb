"""Reading a spreadsheet: its heading is matched with the columns asked for, each row parsed or rejected."""

import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from incubator.common.sheets.errors import DuplicateColumn, EmptyFile, MissingColumns, NoRows, NotASpreadsheet
from incubator.common.sheets.files import Line, lines_of, read_bytes
from incubator.common.sheets.table import Cell, Column, Issue, Row, Sheet, Unreadable, folded, shown
from incubator.common.sheets.wording import worded

_PADDING = " \t\r\n\u00a0\u3000\u200b\ufeff"


def read_sheet(source: Path | BinaryIO, name: str, columns: Sequence[Column]) -> Sheet:
    """Read a CSV or XLSX file as a sheet with these columns.

    `name` is the file's name for people; its content alone decides what it is. Rows that cannot be read are
    in the sheet with their issues. Raises a SheetError when the whole file is refused, OSError when it cannot
    be opened.
    """
    known = _known_headers(columns)
    data = read_bytes(source)
    found = lines_of(data, lambda headers: sum(folded(header) in known for header in headers))
    lines = found.lines
    heading = next(lines, None)
    if heading is None:
        raise EmptyFile
    places = _places(heading, columns, known)
    notes = list(found.notes)
    unknown = [
        str(cell) for index, cell in enumerate(heading.cells) if index not in places and not _is_empty(cell)
    ]
    if unknown:
        notes.append(
            worded(
                _("These columns are not known here and were ignored: %(columns)s."),
                {"columns": ", ".join(map(shown, unknown))},
            )
        )
    given = frozenset(column.key for column in places.values())
    labels = {column.key: shown(_clean(heading.cells[index])) for index, column in places.items()}
    labels |= {column.key: column.label for column in columns if column.key not in given}
    width = max((index for index, cell in enumerate(heading.cells) if not _is_empty(cell)), default=0) + 1
    rows = [_row(line, columns, places, labels, given, None if found.grid else width) for line in lines]
    if not rows:
        raise NoRows
    issues = [issue for row in rows for issue in row.issues]
    return Sheet(name, hashlib.sha256(data).hexdigest(), tuple(columns), rows, issues, notes)


def _known_headers(columns: Sequence[Column]) -> dict[str, Column]:
    known: dict[str, Column] = {}
    for column in columns:
        for header in column.headers:
            if known.setdefault(folded(header), column) is not column:
                raise ValueError(f"two columns share the header {header!r}")
    return known


def _places(heading: Line, columns: Sequence[Column], known: dict[str, Column]) -> dict[int, Column]:
    """Which column stands where in the file."""
    if heading.unreadable:
        raise NotASpreadsheet
    places: dict[int, Column] = {}
    names: dict[str, str] = {}
    for index, cell in enumerate(heading.cells):
        header = "" if _is_empty(cell) else str(_clean(cell))
        column = known.get(folded(header)) if header else None
        if column is None:
            continue
        if column.key in names:
            raise DuplicateColumn(column=column.label, first=shown(names[column.key]), second=shown(header))
        names[column.key] = header
        places[index] = column
    missing = [column.label for column in columns if column.required and column.key not in names]
    if missing:
        raise MissingColumns(columns=", ".join(missing), line=heading.number)
    return places


def _row(
    line: Line,
    columns: Sequence[Column],
    places: dict[int, Column],
    labels: dict[str, str],
    given: frozenset[str],
    width: int | None,
) -> Row:
    values: dict[str, Any] = {column.key: column.default for column in columns if column.key not in given}
    cells: dict[str, str] = {}
    issues: list[Issue] = []
    if line.unreadable:
        issues.append(Issue(line.number, "", "", line.unreadable.reason, line.unreadable.code))
        places = {}
    elif width is not None and any(not _is_empty(cell) for cell in line.cells[width:]):
        surplus = shown(_clean(next(cell for cell in line.cells[width:] if not _is_empty(cell))))
        reason = _(
            "The line has more cells than the heading. Put cells that hold a comma in quotation marks."
        )
        issues.append(Issue(line.number, "", surplus, reason, "too_many_cells"))
        places = {}
    for index, column in places.items():
        cell = _clean(line.cells[index]) if index < len(line.cells) else None
        cells[column.key] = "" if isinstance(cell, Unreadable) else shown(cell)
        try:
            values[column.key] = _value(cell, column)
        except Unreadable as error:
            issues.append(Issue(line.number, labels[column.key], cells[column.key], error.reason, error.code))
    return Row(line.number, values, cells, labels, given, tuple(issues))


def _value(cell: Cell | Unreadable, column: Column) -> Any:
    if isinstance(cell, Unreadable):
        raise cell
    if cell is None or cell == "":
        if column.may_be_empty:
            return column.default
        raise Unreadable(_("The cell is empty."), "empty_cell")
    value = column.parse(cell)
    if value in ("", ()) and not column.may_be_empty:
        raise Unreadable(_("The cell is empty."), "empty_cell")
    return value


def _clean(cell: Any) -> Any:
    return unicodedata.normalize("NFC", cell).strip(_PADDING) if isinstance(cell, str) else cell


def _is_empty(cell: Any) -> bool:
    return cell is None or _clean(cell) == ""
