"""Short-lived data folders, and a way to wait for a process without sleeping."""

from __future__ import annotations

import select
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest


@pytest.fixture
def var() -> Iterator[Path]:
    """A data folder with a short path: pytest's own are often too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="camp-test-"))
    yield folder
    shutil.rmtree(folder)


class Lines:
    """The lines of a pipe, each waited for, but not for ever."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._seen: list[str] = []
        self._buffer = b""

    def until(self, *parts: str, seconds: float = 30) -> str:
        """The next line that holds all `parts`."""
        while True:
            while b"\n" in self._buffer:
                line, self._buffer = self._buffer.split(b"\n", 1)
                self._seen.append(line.decode())
                if all(part in self._seen[-1] for part in parts):
                    return self._seen[-1]
            readable, _, _ = select.select([self._pipe], [], [], seconds)
            block = self._pipe.read1(65536) if readable else b""  # type: ignore[attr-defined]
            if not block:
                pytest.fail(f"no line with {parts} in {self._seen}")
            self._buffer += block

    def rest(self, seconds: float = 30) -> list[str]:
        """Every line up to the end, which comes when the last process that holds the pipe has ended."""
        while True:
            readable, _, _ = select.select([self._pipe], [], [], seconds)
            if not readable:
                pytest.fail("something still holds the pipe")
            block = self._pipe.read1(65536)  # type: ignore[attr-defined]
            if not block:
                return self._buffer.decode().splitlines()
            self._buffer += block
