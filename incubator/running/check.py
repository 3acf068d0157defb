"""`make check`: all about the code that a machine can judge without running it, then the verdict."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polib

from incubator.running.environment import PROJECT

LANGUAGES = ("ko",)
SOURCES = ("incubator", "tenants", "investors", "templates", "static", "locale")
_LINES_SHOWN = 200
_NOT_DONE = "not done"


class Found(Exception):
    """What a check has against the code, in words."""


def _run(command: list[str], cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Found(done.stdout.strip() or f"{' '.join(command)} ended with {done.returncode}")
    return done.stdout


def _tool(name: str, *arguments: str, cwd: Path = PROJECT) -> str:
    """Run one of the tools of the virtual environment; its output.

    :raises Found: when its status is not 0.
    """
    return _run([str(Path(sys.executable).with_name(name)), *arguments], cwd)


def _manage(*arguments: str) -> str:
    return _run([sys.executable, "manage.py", *arguments], PROJECT)


def lint() -> str:
    _tool("ruff", "check", "--quiet", "--output-format", "concise", ".")
    return ""


def layout() -> str:
    _tool("ruff", "format", "--check", ".")
    return ""


def types() -> str:
    _tool("mypy", "--no-error-summary")
    return ""


def templates() -> str:
    found = [str(path.relative_to(PROJECT)) for path in sorted((PROJECT / "templates").rglob("*.html"))]
    if found:
        _tool("djade", "--check", "--target-version", "5.2", *found)
    return f"{len(found)} files"


def imports() -> str:
    _tool("lint-imports", "--no-logo")
    return ""


def django() -> str:
    _manage("check", "--fail-level", "WARNING")
    return ""


def migrations() -> str:
    """Judges the code, not the state of somebody's data: the database it would ask too is one that nobody reaches."""
    nowhere = "postgresql://127.0.0.1:1/nowhere"
    command = [sys.executable, "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"]
    _run(command, PROJECT, DATABASE_URL=nowhere)
    return ""


def _catalogue_problems(language: str, fresh: polib.POFile, kept: polib.POFile) -> list[str]:
    """What keeps `kept` from being a complete translation of what the code says now (`fresh`)."""

    def identity(entry: polib.POEntry) -> tuple[str, str]:
        return (entry.msgctxt or "", entry.msgid)

    wanted = {identity(entry): entry for entry in fresh if not entry.obsolete}
    have = {identity(entry): entry for entry in kept if not entry.obsolete}
    problems = []
    for key, entry in wanted.items():
        translated = have.get(key)
        place = next((f"{file}: " for file, _ in entry.occurrences), "")
        if translated is None or not translated.translated():
            state = "fuzzy" if translated is not None and translated.fuzzy else "missing"
            problems.append(f"{language}: {state}: {place}{entry.msgid!r}")
        elif bool(entry.msgid_plural) != bool(translated.msgid_plural):
            problems.append(f"{language}: plural differs: {place}{entry.msgid!r}")
        elif problem := _placeholder_problem(translated):
            problems.append(f"{language}: {problem}: {place}{entry.msgid!r}")
    problems += [
        f"{language}: no longer used: {entry.msgid!r}" for key, entry in have.items() if key not in wanted
    ]
    return problems


_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sdf]|\{[a-z_]+\}")


def _placeholder_problem(entry: polib.POEntry) -> str:
    """A translation that drops or invents a named placeholder fails only when the page is shown."""
    for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
        wanted = set(_PLACEHOLDER.findall(entry.msgid)) | set(_PLACEHOLDER.findall(entry.msgid_plural or ""))
        used = set(_PLACEHOLDER.findall(text))
        if used - wanted or (wanted - used and not entry.msgid_plural):
            return f"placeholders differ ({', '.join(sorted(wanted ^ used))})"
    return ""


def translations() -> str:
    """The code's texts are extracted into a copy, so that a check changes nothing."""
    problems: list[str] = []
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in SOURCES:
            if (PROJECT / name).exists():
                shutil.copytree(
                    PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
                )
        for language in LANGUAGES:
            catalogue = Path("locale") / language / "LC_MESSAGES" / "django.po"
            (copy / catalogue).unlink(missing_ok=True)
            (copy / "locale").mkdir(exist_ok=True)
            _tool("django-admin", "makemessages", "--locale", language, "--no-wrap", cwd=copy)
            fresh = polib.pofile(str(copy / catalogue)) if (copy / catalogue).exists() else polib.POFile()
            kept = (
                polib.pofile(str(PROJECT / catalogue)) if (PROJECT / catalogue).exists() else polib.POFile()
            )
            problems += _catalogue_problems(language, fresh, kept)
            count += len(fresh)
    if problems:
        raise Found("\n".join(problems))
    return f"{count} texts"


def _requirement(lock: str, name: str) -> str:
    """The lines of one package in a lock file."""
    block = re.search(rf"(?m)^{re.escape(name)}==.*(?:\n[ ]+--hash.*)*", lock)
    if block is None:
        raise Found(f"{name} is not in the lock file")
    return block.group().rstrip("\\ ") + "\n"


def _audit(requirements: Path) -> list[dict[str, object]] | None:
    """pip-audit's verdict on each package; None when it could not ask."""
    done = subprocess.run(
        [
            sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--disable-pip",
            "--require-hashes", "--progress-spinner", "off", "--timeout", "10", "--format", "json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (json.JSONDecodeError, KeyError):
        return None


def audit() -> str:
    """Known holes in the locked packages. Without its service it says so and passes: no line is no hole."""
    lock = PROJECT / "requirements-dev.lock"
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        canary.write_text(_requirement(lock.read_text(), "django"))
        answer = _audit(canary)
    if answer is None or any("skip_reason" in package for package in answer):
        return f"{_NOT_DONE}: the service with the advisories cannot be reached from here"
    answer = _audit(lock)
    if answer is None:
        return f"{_NOT_DONE}: the service with the advisories stopped answering"
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in {hole['fix_versions']}"
        for package in answer
        for hole in package.get("vulns", ())  # type: ignore[attr-defined]
    ]
    if holes:
        raise Found("\n".join(holes))
    return f"{len(answer)} packages"


CHECKS: dict[str, Callable[[], str]] = {
    "lint (ruff)": lint,
    "layout (ruff format)": layout,
    "templates (djade)": templates,
    "import contracts (import-linter)": imports,
    "django check": django,
    "missing migrations": migrations,
    "translations": translations,
    "types (mypy)": types,
    "dependency audit (pip-audit)": audit,
}


def main() -> int:
    """Run every check; 0 when nothing was found."""
    os.chdir(PROJECT)
    failed = []
    for name, check in CHECKS.items():
        began = time.monotonic()
        print(f"{name:<34}", end="", flush=True)
        try:
            remark = check()
        except Found as found:
            failed.append(name)
            lines = str(found).splitlines()
            print("FAILED")
            print("\n".join(f"    {line}" for line in lines[:_LINES_SHOWN]))
            if len(lines) > _LINES_SHOWN:
                print(f"    … and {len(lines) - _LINES_SHOWN} lines more")
        else:
            verdict = "-- " if remark.startswith(_NOT_DONE) else "ok "
            print(f"{verdict} {time.monotonic() - began:5.1f} s  {remark}".rstrip())
    print(
        f"make check: {len(failed)} of {len(CHECKS)} failed: {', '.join(failed)}"
        if failed
        else "make check: all ok"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
