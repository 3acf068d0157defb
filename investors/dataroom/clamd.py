"""The few words of clamd's protocol that are needed: hand a file over in pieces, and hear what it is."""

import socket
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

PIECE = 64 * 1024
LONGEST_ANSWER = 4096


class ScannerAway(OSError):
    """Nobody answers at the address, or not in words that we know."""


@dataclass(frozen=True)
class Verdict:
    """`virus` is what the scanner calls it, empty when there is none."""

    virus: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.virus


def _connected(address: str, seconds: float) -> socket.socket:
    where = urlsplit(address)
    if where.scheme == "unix":
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(seconds)
        try:
            found.connect(where.path)
        except OSError:
            found.close()
            raise
        return found
    if where.scheme == "tcp" and where.hostname:
        return socket.create_connection((where.hostname, where.port or 3310), timeout=seconds)
    raise ScannerAway(f"not an address of a scanner: {address!r}")


def scan(content: bytes, *, address: str, seconds: float = 60) -> Verdict:
    """What the scanner at `address` (tcp://host:port or unix:///path) says of the content. Raises ScannerAway.

    Anything but a plain OK or FOUND is no verdict: a file is never clean for want of an answer.
    """
    try:
        with _connected(address, seconds) as line:
            line.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), PIECE):
                piece = content[at : at + PIECE]
                line.sendall(struct.pack("!L", len(piece)) + piece)
            line.sendall(struct.pack("!L", 0))
            said = _answer(line)
    except ScannerAway:
        raise
    except OSError as error:
        raise ScannerAway(str(error)) from error
    if said == "stream: OK":
        return Verdict()
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict(said.removeprefix("stream: ").removesuffix(" FOUND") or "?")
    raise ScannerAway(said or "no answer")


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        piece = line.recv(1024)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n").decode(errors="replace").strip()
