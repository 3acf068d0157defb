"""Refusals of a whole file. Refusals of a row are Issues."""

from django.utils.translation import gettext_lazy as _

from incubator.common.errors import DomainError


class SheetError(DomainError):
    """The file cannot be read as the sheet that was asked for; nothing of it was used."""

    code = "sheet_refused"
    field = "file"
    status = 400


class NotASpreadsheet(SheetError):
    code = "not_a_spreadsheet"
    message = _("This is not a spreadsheet. Save the sheet as XLSX or CSV and try again.")


class OldExcelFile(SheetError):
    code = "old_excel_file"
    message = _("This is an old Excel file (XLS). Open it in Excel, save it as XLSX and try again.")


class EncryptedFile(SheetError):
    code = "encrypted_file"
    message = _("This file is protected by a password. Save it without one and try again.")


class FileTooLarge(SheetError):
    code = "file_too_large"
    message = _("This file is too large: at most %(limit)s MB can be read.")


class ExpandsTooMuch(SheetError):
    code = "expands_too_much"
    message = _(
        "Unpacked, this file is larger than %(limit)s MB. Delete what is not part of the table and try again."
    )


class TooManyRows(SheetError):
    code = "too_many_rows"
    message = _("This file has more than %(limit)s rows. Split it and load the parts one after the other.")


class EmptyFile(SheetError):
    code = "empty_file"
    message = _("This file is empty.")


class NoRows(SheetError):
    code = "no_rows"
    message = _("This file has a heading but no row under it.")


class UndecodableFile(SheetError):
    code = "undecodable_file"
    message = _(
        "Line %(line)s can be read neither as UTF-8 nor as CP949. Save the sheet as XLSX and try again."
    )


class MissingColumns(SheetError):
    code = "missing_columns"
    message = _("These columns are missing: %(columns)s. The heading was looked for in line %(line)s.")


class DuplicateColumn(SheetError):
    code = "duplicate_column"
    message = _("The column “%(column)s” is there twice: %(first)s and %(second)s.")
