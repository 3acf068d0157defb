"""Steps of a longer job on the terminal: what runs, for how long, and the end of its output when it fails.

Standard library only: it works before the virtual environment exists.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_QUIET_SECONDS = 2.0
_LINES_KEPT = 30


class StepFailed(Exception):
    """A step ended badly; the message is for the person at the terminal."""


class _Ticker(threading.Thread):
    """Shows that a step is still at work: in place on a terminal, a line now and then in a log."""

    def __init__(self, title: str) -> None:
        super().__init__(daemon=True)
        self.title, self.last_line = title, ""
        self._done = threading.Event()
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def run(self) -> None:
        live = sys.stdout.isatty()
        wait = _QUIET_SECONDS
        while not self._done.wait(wait):
            shown = f"  {self.title} … {self.seconds:.0f} s  {self.last_line}"
            print(f"\r\x1b[K{shown[:110]}" if live else shown[:110], end="" if live else "\n", flush=True)
            wait = 0.5 if live else 10.0
        if live:
            print("\r\x1b[K", end="")

    def finish(self) -> None:
        self._done.set()
        self.join()


@contextlib.contextmanager
def step(title: str) -> Iterator[_Ticker]:
    """Time the block; say it when it took longer than two seconds, and while it does."""
    ticker = _Ticker(title)
    ticker.start()
    try:
        yield ticker
    finally:
        ticker.finish()
    if ticker.seconds >= _QUIET_SECONDS:
        print(f"  {title}: {ticker.seconds:.1f} s", flush=True)


def run(title: str, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str] | None = None) -> None:
    """Run a command as a step, its output kept back.

    :raises StepFailed: with the end of the output, when the command cannot be found or ends with another
    status than 0.
    """
    tail: deque[str] = deque(maxlen=_LINES_KEPT)
    with step(title) as ticker:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **(environ or {})}, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except OSError as error:
            raise StepFailed(f"{title}: {error}") from error
        assert process.stdout is not None
        for line in process.stdout:
            ticker.last_line = line.strip()
            tail.append(line.rstrip())
        status = process.wait()
    if status != 0:
        raise StepFailed("\n".join([f"{title} failed: {' '.join(command)} ended with {status}", *tail]))
