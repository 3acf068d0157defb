"""Proves a statement of credits. Needs no database."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.compute import statement_proof

BROKEN = 1
WRONG_USAGE = 2
MAX_BYTES = 1024**3


class Command(BaseCommand):
    help = (
        "Prove a monthly statement (JSON): every charge, digest, payload, chain and sum. Needs no database. Prints a line"
        " for each proof. Exit status: 0 when all hold, 1 naming the first that does not, 2 when the file cannot be read."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the statement, or - for standard input")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            text = sys.stdin.buffer.read(MAX_BYTES) if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}", returncode=WRONG_USAGE) from error
        try:
            statement = statement_proof.read(text)
            for name, found in statement_proof.proofs(statement):
                self.stdout.write(f"ok     {name}: {found}")
        except statement_proof.Broken as broken:
            self.stdout.write(f"BROKEN {broken}")
            raise CommandError("the statement does not prove itself", returncode=BROKEN) from broken
        company, month = statement["company"]["name"], statement["month"]
        self.stdout.write(f"The statement of {company} for {month} proves itself.")
