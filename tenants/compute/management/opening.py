"""The file that a command is given."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """The file's bytes; `-` is standard input, which stays open."""
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as source:
        yield source
