"""`make test` and its parts: assets, then pytest, whose closing line and exit status are the last word.

The database is tests/database.py's business, so that a bare `pytest` finds one as well.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

from incubator.running.assets import compile_translations, copy_assets
from incubator.running.environment import PROJECT, var_folder


def main(arguments: list[str]) -> int:
    var = var_folder()
    var.mkdir(parents=True, exist_ok=True)
    copy_assets(var)
    compile_translations()
    workers = max(2, min(os.cpu_count() or 2, 6))
    command = [sys.executable, "-m", "pytest", "-n", str(workers), "--dist", "worksteal", *arguments]
    pytest = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # it has had the Ctrl-C too, and says so itself
            return pytest.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
