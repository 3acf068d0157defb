import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from investors.matching.problem import export_of
from investors.matching.services import run_matching


class Command(BaseCommand):
    help = "Match companies and firms, keep the run as a draft, and print what it found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--export", metavar="FILE", type=Path, help="write the input and the result as JSON"
        )

    def handle(self, *args: Any, export: Path | None, **options: Any) -> None:
        with acting_as_system():
            try:
                run = run_matching(actor=None, now=timezone.now())
            except DomainError as error:
                raise CommandError(str(error), returncode=1) from error
            pairs = list(run.matches.values_list("company_id", "firm_id"))
        exported = export_of(run.problem, pairs, objective=run.objective, bound=run.bound)
        self.stdout.write(
            f"objective {run.objective}, bound {run.bound}, gap {run.gap}, minimum {run.minimum} a company"
        )
        self.stdout.write(
            f"companies {len(exported['companies'])}, firms {len(exported['firms'])}, matches {len(pairs)}, "
            f"below the minimum {len(run.shortfalls)}"
        )
        for short in run.shortfalls:
            self.stdout.write(f"company {short['company']} misses {short['missing']}: {short['cause']}")
        if export is not None:
            try:
                Path(export).write_text(json.dumps(exported, ensure_ascii=False, indent=1) + "\n", "utf-8")
            except OSError as error:
                raise CommandError(f"{export}: {error.strerror or error}", returncode=2) from error
