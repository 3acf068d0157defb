"""Tables as files that a spreadsheet opens: CSV (UTF-8 with BOM, for Excel) and XLSX.

Text that a spreadsheet would take for a formula stays text. Amounts are numbers, days are days.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | Decimal | date | datetime | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_response(name: str, rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """`rows` as `name`.csv, the header first."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    csv.writer(response).writerows([_text(cell) for cell in row] for row in rows)
    return _named(response, f"{name}.csv")


def xlsx_response(name: str, rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """`rows` as `name`.xlsx, the header first, bold and kept in sight."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        sheet.append([_cell(sheet, value, bold=number == 0) for value in row])
    file = BytesIO()
    book.save(file)
    return _named(HttpResponse(file.getvalue(), content_type=XLSX), f"{name}.xlsx")


def _named(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _text(cell: Cell) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
    return "" if cell is None else cell


def _cell(sheet: Any, value: Cell, *, bold: bool) -> WriteOnlyCell:
    if isinstance(value, datetime):
        value = timezone.localtime(value).replace(tzinfo=None)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
