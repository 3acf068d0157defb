"""Reading an address that somebody else typed, without being led astray: only https, only public machines, only so much,
only for so long. Knows no Django.

The name is resolved once, every address it has must be public, and the connection goes to the very address that was looked
at: a name that answers differently the second time (rebinding) reaches nothing. Redirects are followed by hand, each of
them judged like the first.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

MOST_BYTES = 5 * 1024 * 1024
MOST_SECONDS = 20.0
MOST_REDIRECTS = 3
PIECE = 64 * 1024
REDIRECTS = (301, 302, 303, 307, 308)


class Unreadable(Exception):
    """Why an address cannot be read, as a code: bad_address, not_public, not_found, too_large, too_slow, unreachable,
    bad_answer, too_many_redirects."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Limits:
    most_bytes: int = MOST_BYTES
    seconds: float = MOST_SECONDS
    redirects: int = MOST_REDIRECTS
    ports: tuple[int, ...] = (443, 8443)


Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Raises Unreadable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreadable("unreachable") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether an address is a public machine's: not this one, not of its network, not the cloud's own, not many at once."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


class _PinnedConnection(http.client.HTTPSConnection):
    """A connection to one address, whose certificate must be the name's."""

    def __init__(
        self, host: str, port: int, *, address: str, timeout: float, context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _judged(url: str, limits: Limits) -> SplitResult:
    """The parts of an address that may be asked. Raises Unreadable."""
    if any(letter.isspace() or ord(letter) < 33 for letter in url):
        raise Unreadable("bad_address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unreadable("bad_address") from error
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise Unreadable("bad_address")
    if (443 if port is None else port) not in limits.ports:
        raise Unreadable("bad_address")
    return parts


def fetch(
    url: str,
    *,
    limits: Limits = Limits(),
    find: Resolve = resolve,
    allowed: Callable[[str], bool] = is_public,
    context: ssl.SSLContext | None = None,
) -> bytes:
    """The content behind an https address, of whatever type it says to be. Raises Unreadable."""
    deadline = time.monotonic() + limits.seconds
    tls = context or ssl.create_default_context()
    for _ in range(limits.redirects + 1):
        parts = _judged(url, limits)
        host, port = str(parts.hostname), parts.port or 443
        addresses = find(host, port)
        if not addresses or not all(allowed(address) for address in addresses):
            raise Unreadable("not_public")
        answer = _ask(parts, host, port, addresses[0], tls, limits, deadline)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise Unreadable("too_many_redirects")


def _ask(
    parts: SplitResult,
    host: str,
    port: int,
    address: str,
    tls: ssl.SSLContext,
    limits: Limits,
    deadline: float,
) -> bytes | str:
    """What one machine answers: content, or the address it sends us to."""
    connection = _PinnedConnection(
        host, port, address=address, timeout=max(0.1, deadline - time.monotonic()), context=tls
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        headers = {
            "Accept": "text/calendar, */*;q=0.5",
            "Accept-Encoding": "identity",
            "User-Agent": "camp-calendar",
        }
        connection.request("GET", path.encode("ascii", "ignore").decode(), headers=headers)
        response = connection.getresponse()
        if response.status in REDIRECTS and (target := response.headers.get("Location")):
            return target
        if response.status != 200:
            raise Unreadable("not_found" if response.status in (401, 403, 404, 410) else "bad_answer")
        return _read(response, connection, limits, deadline)
    except TimeoutError as error:
        raise Unreadable("too_slow") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreadable("unreachable") from error
    finally:
        connection.close()


def _read(
    response: http.client.HTTPResponse, connection: _PinnedConnection, limits: Limits, deadline: float
) -> bytes:
    """The content in pieces, given up once it is too much or takes too long, whatever its length was said to be."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > limits.most_bytes:
        raise Unreadable("too_large")
    content = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Unreadable("too_slow")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = response.read1(PIECE)
        if not piece:
            return bytes(content)
        content += piece
        if len(content) > limits.most_bytes:
            raise Unreadable("too_large")
