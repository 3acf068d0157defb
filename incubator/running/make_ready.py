"""One short life of Django before the servers start: migrations, static files, the demonstration camp.

`python -m incubator.running.make_ready [--demo] [--alone]`. All in one process, because starting Django costs more than
most of it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from incubator.running.environment import PROJECT, choose_settings, var_folder
from incubator.running.queue import release_unfinished
from incubator.running.steps import step

UNUSED_STATIC = ["rest_framework", "redoc"]
"""Of the libraries' own files: those of pages that the camp has not (browsable API, second API reader)."""


def _fingerprint(*roots: Path) -> str:
    """Changes with any file below the roots: its place, its size or the time of its last change."""
    lines = []
    for root in roots:
        files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        for path in files:
            found = path.stat()
            lines.append(f"{path} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def collect_static(var: Path) -> None:
    """`VAR/static`, hashed and compressed; again only when something that goes into it has changed."""
    from django.core.management import call_command

    fingerprint = _fingerprint(
        PROJECT / "static",
        var / "assets",
        PROJECT / "requirements.lock",
        PROJECT / "incubator" / "settings",
        Path(__file__),
    )
    stamp = var / "static.stamp"
    if stamp.exists() and stamp.read_text() == fingerprint and (var / "static").exists():
        return
    with step("static files"):
        call_command(
            "collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED_STATIC
        )
    stamp.write_text(fingerprint)


def migrate() -> None:
    """Bring the database up to the code, saying what is applied."""
    from django.core.management import call_command

    with step("migrations"):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def make_demo() -> bool:
    """The demonstration camp, when there is no person in the database yet; whether it was made."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    if get_user_model()._default_manager.exists():
        return False
    print("  demonstration camp", flush=True)
    call_command("demo")
    return True


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make_ready")
    parser.add_argument(
        "--demo", action="store_true", help="fill an empty database with the demonstration camp"
    )
    parser.add_argument("--alone", action="store_true", help="no worker runs on this database at the moment")
    options = parser.parse_args(arguments)
    choose_settings()
    import django

    django.setup()
    var = var_folder()
    migrate()
    if options.alone:
        from django.db import connection

        release_unfinished(connection)
    collect_static(var)
    if options.demo:
        make_demo()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
