"""Splits a stream into lines without ever holding more than one bounded line. Knows no Django."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol, runtime_checkable

MAX_LINE_BYTES = 64 * 1024


@runtime_checkable
class Readable(Protocol):
    def read(self, size: int, /) -> str | bytes: ...


Source = Readable | Iterable[str] | Iterable[bytes] | bytes


class RawLine(NamedTuple):
    text: bytes | None  # None: too long to keep.
    whole: bool  # False: the text ended before the line did.


def chunks_of(source: Source) -> Iterator[bytes]:
    """The source as bytes. Undecodable text stays undecodable, so that it is found and named later."""
    if isinstance(source, str | bytes):
        yield _encoded(source)
        return
    if isinstance(source, Readable):
        while piece := source.read(MAX_LINE_BYTES):
            yield _encoded(piece)
        return
    broken = unbroken = False
    for line in source:
        if unbroken:
            yield b"\n"
        data = _encoded(line)
        unbroken = not data.endswith(b"\n")
        broken = broken or not unbroken
        yield data
    if unbroken and not broken:
        yield b"\n"  # Lines without line breaks, such as those of str.splitlines(), are whole.


def raw_lines(chunks: Iterable[bytes]) -> Iterator[RawLine]:
    """Split into lines while holding one chunk and one line at most."""
    held = b""
    too_long = False
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            line = held + end
            yield RawLine(None if too_long or len(line) > MAX_LINE_BYTES else line.removesuffix(b"\r"), True)
            held, too_long = b"", False
        if not too_long:
            held += rest
        if len(held) > MAX_LINE_BYTES:
            held, too_long = b"", True
    if too_long:
        yield RawLine(None, False)
    elif held:
        yield RawLine(held, False)


def _encoded(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


class Hashed:
    """A source of bytes that keeps the SHA-256 of what was read from it."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        data = _encoded(piece)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        """Of the whole source, what nobody has read yet included."""
        while self.read(MAX_LINE_BYTES):
            pass
        return self._digest.hexdigest()
