"""Usage of a scheduler into the ledger, from a file or standard input."""

from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from tenants.compute.enums import ImportSource
from tenants.compute.management.opening import opened
from tenants.compute.services import import_usage

REJECTED = 1
WRONG_USAGE = 2
PROGRESS_SECONDS = 2
MAX_REJECTED_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Import usage: the output of `sacct --parsable2` (with SLURM_TIME_FORMAT=%s), or the CSV of assigned servers"
        " (cluster, account, server, resource, units, start, end). Importing the same rows again changes"
        " nothing. The cluster must be registered (in the admin); only in a camp without any cluster does the first"
        " import register its own. Rows that cannot be used are named and the rest is imported. Exit status: 0 when"
        " every row was used, 1 when rows or the whole file were rejected, 2 on wrong usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument(
            "--source", required=True, choices=ImportSource.values, help="what wrote the file"
        )
        parser.add_argument(
            "--cluster", required=True, metavar="NAME", help="the cluster's name in its accounting"
        )

    def handle(self, *args: Any, file: str, cluster: str, **options: Any) -> None:
        try:
            with opened(file) as source, acting_as_system():
                done = import_usage(
                    source,
                    cluster=cluster,
                    actor=None,
                    now=timezone.now(),
                    file_name="" if file == "-" else Path(file).name,
                    kind=options["source"],
                    register_first=True,
                    progress=self._progress(),
                )
                rejected = list(done.rows_rejected[:MAX_REJECTED_SHOWN])
        except DomainError as error:
            raise CommandError(f"{file}: {error}", returncode=REJECTED) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}", returncode=WRONG_USAGE) from error
        for row in rejected:
            self.stderr.write(f"line {row.line}: {row.reason}")
        if done.rejected > len(rejected):
            self.stderr.write(f"and {done.rejected - len(rejected)} more")
        self.stdout.write(done.counts)
        if done.held:
            self.stdout.write(f"held {done.held}")
        if done.rejected:
            raise CommandError("some rows were rejected", returncode=REJECTED)

    def _progress(self) -> Any:
        told = monotonic()

        def progress(rows: int) -> None:
            nonlocal told
            if monotonic() - told >= PROGRESS_SECONDS:
                told = monotonic()
                self.stderr.write(f"{rows} rows read")

        return progress
