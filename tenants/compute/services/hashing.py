"""What was read, by its SHA-256."""

import hashlib
from typing import Any

from tenants.compute.text_lines import MAX_LINE_BYTES


class Hashed:
    """A source of bytes or text that keeps the SHA-256 of what was read from it."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        data = piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        """Of the whole: what has not been read yet is read now."""
        while self.read(MAX_LINE_BYTES):
            pass
        return self._digest.hexdigest()
