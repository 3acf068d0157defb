"""From the bytes of a file to lines of cells. Nothing here knows what the columns mean."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from incubator.common.sheets.errors import (
    EmptyFile,
    EncryptedFile,
    ExpandsTooMuch,
    FileTooLarge,
    NotASpreadsheet,
    OldExcelFile,
    SheetError,
    TooManyRows,
    UndecodableFile,
)
from incubator.common.sheets.table import Cell, Unreadable
from incubator.common.sheets.wording import worded

MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE
MOST_UNPACKED_BYTES = 50 * MEGABYTE
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_LINES = 1_048_576
MOST_PARTS = 2_000

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_KINDS = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\x7fELF",
    b"{\\rtf", b"<?xml", b"<!DOCTYPE", b"<html", b"<table", b"SQLite format 3",
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Line:
    """One line of the file: its number as Excel counts, its cells, and why it cannot be read, if it cannot.

    A cell that could not be read stands as an Unreadable among the cells.
    """

    number: int
    cells: tuple[Cell | Unreadable, ...]
    unreadable: Unreadable | None = None


@dataclass
class Lines:
    """The lines of a file that hold anything, in order. `grid`: a cell cannot slip into another column."""

    lines: Iterator[Line]
    grid: bool
    notes: list[Any] = field(default_factory=list)


def read_bytes(source: Path | BinaryIO) -> bytes:
    """The whole file. Raises FileTooLarge, EmptyFile, and OSError as `open` does."""
    if isinstance(source, Path):
        with source.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    else:
        data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FileTooLarge(limit=MOST_BYTES // MEGABYTE)
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise EmptyFile
    return data


def lines_of(data: bytes, count_known: Callable[[list[str]], int]) -> Lines:
    """The file's lines, whichever kind it is.

    `count_known` says how many of some headers are known; it chooses the separator.
    """
    if data.startswith(_ZIP):
        return _workbook(data)
    if data.startswith(_OLE):
        raise EncryptedFile if "EncryptedPackage".encode("utf-16-le") in data else OldExcelFile
    if data.startswith(_OTHER_KINDS):
        raise NotASpreadsheet
    return _separated(decoded(data), count_known)


def decoded(data: bytes) -> str:
    """The text of a CSV: UTF-8 with or without its mark, UTF-16 with its mark, else CP949 (Korean Excel)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "cp949"]
    furthest = 0
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            furthest = max(furthest, error.start)
    if _CONTROL.search(data[:4096].decode("latin-1")):
        raise NotASpreadsheet
    raise UndecodableFile(line=data.count(b"\n", 0, furthest) + 1)


def _separated(text: str, count_known: Callable[[list[str]], int]) -> Lines:
    start = re.search(r"\S[^\r\n]*", text)
    if start is None:
        raise EmptyFile
    if _CONTROL.search(start[0]):
        raise NotASpreadsheet
    # Only the heading may speak: rows are full of commas that separate nothing.
    separator = max(",;\t", key=lambda mark: count_known(next(csv.reader([start[0]], delimiter=mark), [])))

    def lines() -> Iterator[Line]:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        number = rows = 0
        while True:
            number += 1
            try:
                cells = tuple(next(records))
            except StopIteration:
                return
            except csv.Error:
                yield Line(
                    number,
                    (),
                    Unreadable(
                        _("The quotation marks of this line are not closed, or a cell is far too long."),
                        "broken_line",
                    ),
                )
                continue
            if any(cell.strip() for cell in cells):
                rows += 1
                if rows > MOST_ROWS + 1:
                    raise TooManyRows(limit=f"{MOST_ROWS:,}")
                yield Line(number, cells)

    return Lines(lines(), grid=False)


def _workbook(data: bytes) -> Lines:
    import openpyxl  # large, and most processes never see a workbook

    formulas = _checked_archive(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            written = (
                openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
                if formulas
                else None
            )
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:  # whatever a broken file does to the library, it is no spreadsheet for us
        raise NotASpreadsheet from error
    if not sheets:
        raise EmptyFile
    notes = []
    if len(sheets) > 1:
        notes.append(
            worded(_("Only the first worksheet, “%(sheet)s”, was read."), {"sheet": sheets[0].title})
        )
    return Lines(_worksheet(sheets[0], written[sheets[0].title] if written else None), grid=True, notes=notes)


def _checked_archive(data: bytes) -> bool:
    """Refuse what is no honest workbook before a parser sees it; whether any cell of it is a formula."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise NotASpreadsheet
            if any(part.flag_bits & 0x1 for part in parts):
                raise EncryptedFile
            # What is really unpacked never exceeds these numbers: zipfile stops there.
            if sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES or len(parts) > MOST_PARTS:
                raise ExpandsTooMuch(limit=MOST_UNPACKED_BYTES // MEGABYTE)
            formulas = False
            for part in parts:
                if not part.filename.endswith((".xml", ".rels")):
                    continue
                content = archive.read(part)
                # No office program writes a document type; entities hide in one.
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                    raise NotASpreadsheet
                formulas |= part.filename.startswith("xl/worksheets/") and bool(
                    re.search(rb"<(?:\w+:)?f[\s>/]", content)
                )
            return formulas
    except SheetError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds on broken archives
        raise NotASpreadsheet from error


def _worksheet(sheet: Any, written: Any) -> Iterator[Line]:
    area = {"max_row": MOST_LINES, "max_col": MOST_COLUMNS}
    # A workbook's own statement of its size may be wrong; then rows would be lost.
    sheet.reset_dimensions()
    rows = _guarded(sheet.iter_rows(**area))
    pairs: Iterator[tuple[Any, Any]]
    if written is not None:
        written.reset_dimensions()
        pairs = zip(rows, _guarded(written.iter_rows(**area)), strict=True)
    else:
        pairs = ((row, ()) for row in rows)
    seen = 0
    blank: Any = None
    for number, (row, formulas) in enumerate(pairs, 1):
        # The library fills gaps with one and the same row; a gap may be a million lines long.
        if row is blank:
            continue
        cells = [_cell(cell) for cell in row]
        for index, formula in enumerate(formulas):
            if formula.data_type == "f" and cells[index] is None:
                cells[index] = Unreadable(
                    _("This formula has no saved result. Open the file in Excel, save it and try again."),
                    "formula_without_result",
                )
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            blank = row
            continue
        seen += 1
        if seen > MOST_ROWS + 1:
            raise TooManyRows(limit=f"{MOST_ROWS:,}")
        yield Line(number, tuple(cells))


def _cell(cell: Any) -> Cell | Unreadable:
    if cell.data_type == "e":
        return Unreadable(_("The cell shows an error of Excel."), "error_in_cell")
    value: Cell = cell.value
    return value


def _guarded(rows: Iterator[Any]) -> Iterator[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from rows
    except Exception as error:
        raise NotASpreadsheet from error
