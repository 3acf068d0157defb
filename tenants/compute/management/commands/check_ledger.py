"""Every invariant of the credit ledger."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from incubator.common.dbroles import acting_as_system
from tenants.compute.checking import INVARIANTS, check_ledger, export_ledger

BROKEN = 1
WRONG_USAGE = 2


class Command(BaseCommand):
    help = "Check every invariant of the credit ledger; one line each. Exit status 1 when one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")
        parser.add_argument(
            "--export", metavar="FILE", type=Path, help="also write the whole ledger, one JSON list a line"
        )

    def handle(self, *args: Any, json: bool, export: Path | None, **options: Any) -> None:
        with _snapshot(), acting_as_system():
            found = check_ledger()
            if export is not None:
                _write(Path(export))
        if json:
            self.stdout.write(_dumps(found.as_json(), indent=2))
        else:
            for invariant in INVARIANTS:
                count, examples = found.broken.get(invariant.name, (0, []))
                line = f"BROKEN {invariant.name}" if count else f"ok     {invariant.name}"
                rest = f" ({count}: {', '.join(map(str, examples))})" if count else ""
                self.stdout.write(f"{line}: {invariant.says}{rest}")
        if not found.ok:
            raise CommandError("the ledger is broken", returncode=BROKEN)


@contextmanager
def _snapshot() -> Iterator[None]:
    """One moment for every question, while others go on writing; within a transaction, that transaction's."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _dumps(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)


def _write(path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_dumps(row, separators=(",", ":")) + "\n" for row in export_ledger())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}", returncode=WRONG_USAGE) from error
