import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.demo.errors import NotPossible
from incubator.demo.making import make_camp

MOST_COMPANIES = 5_000


def _size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_COMPANIES:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to {MOST_COMPANIES}")
    return int(text)


class Command(BaseCommand):
    """Exits with 1 when the database is not empty or CAMP_ENV is not local, 2 on wrong usage."""

    help = (
        "Makes a demonstration camp in an empty database: companies, leases, sessions, credits, matches and their people,"
        " who sign in with the password camp-demo. The same seed, size and day make the same camp."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="chance begins here (default 1)")
        parser.add_argument(
            "--companies", type=_size, default=73, metavar="N", help="resident companies (default 73)"
        )

    def handle(self, *args: Any, seed: int, companies: int, **options: Any) -> None:
        try:
            make_camp(seed=seed, companies=companies, today=timezone.localdate(), report=self._report)
        except NotPossible as reason:
            raise CommandError(str(reason), returncode=1) from reason
        self.stdout.write(
            "sign in as manager@camp.example, founder01@camp.example, investor01@camp.example, reviewer01@camp.example …"
        )

    def _report(self, name: str, made: int | None, seconds: float) -> None:
        if made is None:
            self.stdout.write(f"{name} … ", ending="")
        else:
            self.stdout.write(f"{made:,}, {seconds:.1f} s")
        self.stdout.flush()
