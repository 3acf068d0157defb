"""Spreadsheets of programme managers: CSV and XLSX, Korean or English headers, a reason for every refusal.

This package front holds the pure part. `sheets.loader`, `sheets.command` and `sheets.admin` bring it to the
database, the command line and the admin.
"""

from incubator.common.sheets.errors import (
    DuplicateColumn,
    EmptyFile,
    EncryptedFile,
    ExpandsTooMuch,
    FileTooLarge,
    MissingColumns,
    NoRows,
    NotASpreadsheet,
    OldExcelFile,
    SheetError,
    TooManyRows,
    UndecodableFile,
)
from incubator.common.sheets.numbers import (
    is_business_number,
    is_corporate_number,
    shown_business_number,
    shown_corporate_number,
)
from incubator.common.sheets.parsers import (
    business_number,
    choice,
    choices,
    corporate_number,
    day,
    decimal,
    email,
    listed,
    text,
    whole,
    won,
    yes_no,
)
from incubator.common.sheets.reading import read_sheet
from incubator.common.sheets.table import Cell, Column, Issue, Parser, Row, Sheet, Unreadable, bilingual
from incubator.common.sheets.wording import bilingual_text, worded

__all__ = [
    "Cell",
    "Column",
    "DuplicateColumn",
    "EmptyFile",
    "EncryptedFile",
    "ExpandsTooMuch",
    "FileTooLarge",
    "Issue",
    "MissingColumns",
    "NoRows",
    "NotASpreadsheet",
    "OldExcelFile",
    "Parser",
    "Row",
    "Sheet",
    "SheetError",
    "TooManyRows",
    "UndecodableFile",
    "Unreadable",
    "bilingual",
    "bilingual_text",
    "business_number",
    "choice",
    "choices",
    "corporate_number",
    "day",
    "decimal",
    "email",
    "is_business_number",
    "is_corporate_number",
    "listed",
    "read_sheet",
    "shown_business_number",
    "shown_corporate_number",
    "text",
    "whole",
    "won",
    "worded",
    "yes_no",
]
