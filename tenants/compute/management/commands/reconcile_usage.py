"""Our records of a window beside the scheduler's own total, from a file or standard input."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from tenants.compute.management.opening import opened
from tenants.compute.moments import parse_moment
from tenants.compute.services import reconcile_usage

DIFFERENT = REJECTED = 1
WRONG_USAGE = 2


class Command(BaseCommand):
    help = (
        "Compare a cluster's usage records with the output of `sreport -P -t seconds cluster AccountUtilizationByUser`, to"
        " the second, per account and resource. The window is half-open: give it as seconds since 1970 or as ISO 8601"
        " (without an offset: Asia/Seoul), unless the file's heading says it in seconds. Exit status: 0 when all are equal,"
        " 1 when one differs or the file is no control total, 2 on wrong usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument("--cluster", required=True, metavar="NAME", help="the cluster's name")
        parser.add_argument("--start", metavar="EPOCH|ISO", help="first moment of the window")
        parser.add_argument("--end", metavar="EPOCH|ISO", help="end of the window, itself not in it")

    def handle(
        self, *args: Any, file: str, cluster: str, start: str | None, end: str | None, **options: Any
    ) -> None:
        try:
            first, last = (None if text is None else parse_moment(text) for text in (start, end))
        except ValueError as error:
            raise CommandError(f"no moment: {error}", returncode=WRONG_USAGE) from error
        try:
            with opened(file) as source, acting_as_system():
                done = reconcile_usage(
                    source,
                    cluster=cluster,
                    start=first,
                    end=last,
                    actor=None,
                    now=timezone.now(),
                    file_name="" if file == "-" else Path(file).name,
                )
                lines = list(done.lines.all())
        except DomainError as error:
            raise CommandError(f"{file}: {error}", returncode=REJECTED) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}", returncode=WRONG_USAGE) from error
        for line in lines:
            mark = "DIFFERS" if line.difference else "ok     "
            self.stdout.write(
                f"{mark} {line.account} {line.resource}: ours {line.ours_seconds}, theirs {line.theirs_seconds},"
                f" difference {line.difference:+d}"
            )
        self.stdout.write(f"compared {done.compared}, differing {done.differing}")
        if not done.ok:
            raise CommandError("our records and the total differ", returncode=DIFFERENT)
