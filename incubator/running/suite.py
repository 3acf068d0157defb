"""`make test` and its parts: assets, then pytest, whose closing line and exit status are the last word.

The database is tests/database.py's business, so that a bare `pytest` finds one as well.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from incubator.running.assets import compile_translations, copy_assets
from incubator.running.environment import PROJECT, var_folder
from incubator.running.processes import die_with_parent, follow_parent

BENCHMARKS = PROJECT / "tests" / "performance"
REAL_SLURM = PROJECT / "tests" / "slurm"


def main(arguments: list[str]) -> int:
    var = var_folder()
    var.mkdir(parents=True, exist_ok=True)
    copy_assets(var)
    compile_translations()
    if arguments[:1] == ["--bench"]:
        # One after the other: what is measured must not be measured against itself.
        options = [
            "-p",
            "no:xdist",
            "-q",
            "-s",
            *sorted(map(str, BENCHMARKS.rglob("bench*.py"))),
            *arguments[1:],
        ]
    elif arguments[:1] == ["--slurm"]:
        os.environ["CAMP_TEST_SLURM"] = "1"
        options = ["-p", "no:xdist", "-s", str(REAL_SLURM), *arguments[1:]]
    else:
        workers = max(2, min(os.cpu_count() or 2, 6))
        options = ["-n", str(workers), "--dist", "worksteal", *arguments]
    if os.environ.get("MAKELEVEL"):
        follow_parent(signal.SIGTERM)
    pytest = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # it has had the Ctrl-C too, and says so itself
            return pytest.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
