"""The process that starts an embedded PostgreSQL, waits until nobody uses it, and stops it.

`python -m incubator.running.keeper VAR` prints `ready` and closes its output when the server answers;
anything else that it prints says why not. Started by `postgres.ensure_running` and by nothing else.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

from incubator.running.postgres import DATABASE, PORT, SUPERUSER, binary, home, socket_folder
from incubator.running.processes import die_with_parent

_NOBODY = 65534
_START_SECONDS = 60
_STOP_SECONDS = 20
_LARGEST_LOG = 10_000_000
_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


def _cache_megabytes() -> int:
    """An eighth of the machine's memory: what PostgreSQL takes unasked is sized for machines of long ago."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(128, min(512, memory // 8 // 2**20))


_OPTIONS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "jit": "off",
    "shared_buffers": f"{_cache_megabytes()}MB",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class CannotStart(Exception):
    """A reason in words for not starting."""


def _account(data: Path) -> int | None:
    """The user id that the server has to run under, since PostgreSQL refuses root. None: ours is good."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid  # whoever made the data, with or without root, may read them again
    return _NOBODY


def _as_account(account: int | None) -> list[str]:
    """The words before a command that make it run under `account` and still reach this project.

    A clone often lies below a folder that only root may enter (a home of mode 700). Opening those folders
    would change what is not ours, so the server keeps one right of root's: to pass and read where the file
    modes would not let it.
    """
    if account is None:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart(
            "PostgreSQL does not run as root, and `setpriv` (package util-linux) is not here to leave root"
        )
    held = next(
        int(line.split()[1], 16)
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("CapEff")
    )
    rights = next((f"-all,+{name}" for name, bit in _CAPABILITIES.items() if held >> bit & 1), "-all")
    return [
        setpriv, f"--reuid={account}", f"--regid={account}", "--clear-groups",
        f"--inh-caps={rights}", f"--ambient-caps={rights}", "--pdeathsig=INT", "--",
    ]  # fmt: skip


def _own_folder(folder: Path, account: int | None) -> None:
    """Make `folder`, private to the server. One that somebody else put there is refused, not taken over."""
    owner = os.geteuid() if account is None else account
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    except FileExistsError:
        found = folder.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid not in (owner, os.geteuid())
            or found.st_mode & 0o077
        ):
            raise CannotStart(
                f"{folder} exists and is not a private folder of this server: remove it"
            ) from None
        os.chown(folder, owner, -1)


def _run(command: list[str], folder: Path, *, script: str = "") -> None:
    # Standard output is the word to the starter: the programs' own goes to the log.
    done = subprocess.run(
        command, cwd=folder, input=script, stdout=sys.stderr, text=True, env=_environment(), check=False
    )
    if done.returncode != 0:
        raise CannotStart("")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _make_data(data: Path, account: int | None) -> None:
    """A new database cluster, complete or not there at all, whenever this is interrupted."""
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    _own_folder(unfinished, account)
    prefix = _as_account(account)
    _run(
        [
            *prefix, str(binary("initdb")), f"--pgdata={unfinished}", f"--username={SUPERUSER}",
            "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        ],
        unfinished,
    )  # fmt: skip
    _run(
        [*prefix, str(binary("postgres")), "--single", "-D", str(unfinished), "postgres"],
        unfinished,
        script=f"CREATE DATABASE {DATABASE}\n",
    )
    unfinished.rename(data)


def _start(data: Path, sockets: Path, account: int | None, inherited: int) -> subprocess.Popen[bytes]:
    options = {**_OPTIONS, "unix_socket_directories": str(sockets)}
    # Nothing of an earlier server is left (running.lock tells), so its pid may belong to a stranger by now.
    (data / "postmaster.pid").unlink(missing_ok=True)
    command = [*_as_account(account), str(binary("postgres")), "-D", str(data)]
    server = subprocess.Popen(
        [*command, *(f"--{name}={value}" for name, value in options.items())],
        cwd=data,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        pass_fds=[inherited],
        env=_environment(),
        preexec_fn=die_with_parent(signal.SIGINT),
    )
    give_up = time.monotonic() + _START_SECONDS
    while not _is_ready(data):
        if server.poll() is not None or time.monotonic() > give_up:
            server.kill()
            raise CannotStart("")
        time.sleep(0.01)
    return server


def _is_ready(data: Path) -> bool:
    """The server writes its state into the eighth line of its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _stop_when_unused(users: Path, server: subprocess.Popen[bytes]) -> None:
    with users.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        server.send_signal(signal.SIGINT)
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
        server.wait()


def keep(var: Path) -> int:
    """Run the server of `var` until nobody holds its users' lock. Returns when it could not be started."""
    folder = home(var)
    log = folder / "log.txt"
    if log.stat().st_size > _LARGEST_LOG:
        os.truncate(log, 0)
    with (folder / "keeper.lock").open("ab") as keeper, (folder / "running.lock").open("ab") as running:
        fcntl.flock(keeper, fcntl.LOCK_EX)
        fcntl.flock(running, fcntl.LOCK_EX)
        data, sockets = folder / "data", socket_folder(var)
        try:
            account = _account(data)
            if not data.exists():
                _make_data(data, account)
            _own_folder(sockets, account)
            server = _start(data, sockets, account, running.fileno())
        except CannotStart as reason:
            print(reason)
            return 1
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: server.send_signal(signal.SIGINT))
        print("ready", flush=True)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        threading.Thread(target=_stop_when_unused, args=(folder / "users.lock", server), daemon=True).start()
        status = server.wait()
        if not sockets.is_relative_to(var):
            shutil.rmtree(sockets, ignore_errors=True)
        os._exit(
            status & 0xFF
        )  # so the locks go with the process, not before it: who waits for them sees it gone


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1])))
