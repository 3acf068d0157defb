"""Which of `manage.py`'s commands need the embedded database."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg

from incubator.running import postgres
from incubator.running.environment import var_folder

WITHOUT_DATABASE = {
    "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages",
    "spectacular", "verify_statement", "version",
}  # fmt: skip


def needs_database(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Whether `manage.py ARGUMENTS` has to find a server of ours: not with DATABASE_URL, not for help."""
    if environ.get("DATABASE_URL") or not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_DATABASE


_MAKES_ITS_OWN = {
    "migrate",
    "sqlmigrate",
    "showmigrations",
    "makemigrations",
    "flush",
    "test",
    "dbshell",
    "restore",
}


def _migrate_new_database(url: str) -> None:
    """A database that a command has just made is empty, and nobody could know: it gets its tables first."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT to_regclass('public.django_migrations') IS NULL").fetchone()
    if row == (True,):
        import django
        from django.core.management import call_command

        print("a new database: making its tables first …", file=sys.stderr)
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


@contextmanager
def database_for(arguments: Sequence[str]) -> Iterator[None]:
    """The embedded database for a command that needs it. Whoever else uses it is not cut off at the end."""
    if not needs_database(arguments):
        yield
        return
    # A TERM would end the process without its clean-up; as an exception it takes the way of a Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        server = postgres.ensure_running(var_folder())
    except postgres.PostgresDidNotStart as reason:
        sys.exit(str(reason))
    try:
        if arguments[0] not in _MAKES_ITS_OWN:
            _migrate_new_database(server.url)
        yield
    finally:
        server.stop()
