"""The base of the `load_*` commands."""

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.sheets.errors import SheetError
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.reading import read_sheet
from incubator.common.sheets.table import bilingual
from incubator.common.sheets.wording import bilingual_text

REJECTED = 1
WRONG_USAGE = 2


class LoadCommand(BaseCommand):
    """Load one spreadsheet: all of it or nothing.

    Prints `rows N, new N, changed N, unchanged N, rejected N` on standard output and each rejection,
    in Korean and English, on standard error. Exits with 0 on success, 1 on rejected input, 2 on wrong usage.
    """

    loader_class: ClassVar[type[Loader[Any]]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a CSV or XLSX file")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        file = Path(file)
        loader = self.loader_class()
        try:
            sheet = read_sheet(file, file.name, loader.columns)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}", returncode=WRONG_USAGE) from error
        except SheetError as error:
            raise CommandError(f"{file}: {bilingual_text(error)}", returncode=REJECTED) from error
        with acting_as_system():
            report = loader.load(sheet, actor=None, now=timezone.now(), dry_run=dry_run)
        for note in sheet.notes:
            self.stderr.write(bilingual_text(note))
        for issue in report.plan.issues:
            self.stderr.write(bilingual(issue))
        self.stdout.write(str(report.counts))
        if not report.ok:
            raise CommandError("nothing was written", returncode=REJECTED)
