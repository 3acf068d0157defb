import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from incubator.running import postgres
from incubator.running.environment import PROJECT

HOLD = """
import sys
from pathlib import Path
from incubator.running import postgres
server = postgres.ensure_running(Path(sys.argv[1]))
print(server.started, flush=True)
sys.stdin.read()
server.stop()
"""


def hold(var: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def postmaster(var: Path) -> int:
    return int((postgres.home(var) / "data" / "postmaster.pid").read_text().splitlines()[0])


def processes_below(var: Path) -> list[str]:
    """The command lines that name the data folder: the keeper and the server."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(var) in command and "-c" not in command.split():
                found.append(command)
    return found


def test_first_start_makes_a_utf8_database_on_a_private_socket(var: Path) -> None:
    with postgres.running(var) as server, psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT current_database(), current_setting('server_encoding'), "
            "current_setting('listen_addresses'), (SELECT datlocale FROM pg_database WHERE datname = 'camp')"
        ).fetchone()
    assert row == ("camp", "UTF8", "", "C.UTF-8")
    assert stat.S_IMODE((postgres.home(var) / "run").stat().st_mode) == 0o700
    assert processes_below(var) == []


def test_data_outlive_the_server(var: Path) -> None:
    with postgres.running(var) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 73 AS companies")
    with postgres.running(var) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT companies FROM kept").fetchone() == (73,)


def test_two_processes_that_start_at_once_share_one_server(var: Path) -> None:
    both = [hold(var), hold(var)]
    assert sorted(first_line(process) for process in both) == ["False", "True"]
    first, second = both
    first.communicate("")
    with psycopg.connect(postgres.database_url(var)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.communicate("")
    assert processes_below(var) == []


def test_a_killed_user_leaves_nothing_running(var: Path) -> None:
    user = hold(var)
    assert first_line(user) == "True"
    user.kill()
    user.communicate()
    # Whoever comes next waits for the end of the server that nobody uses, or takes it over before it ends.
    server = postgres.ensure_running(var)
    server.stop()
    assert processes_below(var) == []


def test_a_killed_server_and_a_stale_pid_file_are_survived(var: Path) -> None:
    with postgres.running(var) as server:
        os.kill(postmaster(var), signal.SIGKILL)
        server.wait_until_gone()
    pid_file = postgres.home(var) / "data" / "postmaster.pid"
    # The number now belongs to a process that lives and has nothing to do with it.
    pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().splitlines()[1:]]))
    with postgres.running(var) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_keeper_takes_its_server_along(var: Path) -> None:
    with postgres.running(var) as server:
        keeper = Path(f"/proc/{postmaster(var)}/status").read_text().split("PPid:")[1].split()[0]
        os.kill(int(keeper), signal.SIGKILL)
        server.wait_until_gone()
        assert processes_below(var) == []
        with postgres.running(var) as again, psycopg.connect(again.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_listens_elsewhere(var: Path) -> None:
    long = var / "기업" / ("x" * 90)
    before = {path: path.stat().st_mode for path in (var, *var.parents)}
    assert len(os.fsencode(postgres.socket_folder(long))) < 60
    with postgres.running(long) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not postgres.socket_folder(long).exists()
    assert {path: path.stat().st_mode for path in (var, *var.parents)} == before


def test_a_closed_parent_folder_stays_closed(var: Path) -> None:
    closed = var / "home"
    closed.mkdir(mode=0o700)
    with postgres.running(closed / "camp") as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_server_that_cannot_start_says_what_its_log_says(var: Path) -> None:
    with postgres.running(var):
        pass
    (postgres.home(var) / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(postgres.PostgresDidNotStart, match="no_such_setting"):
        postgres.ensure_running(var)
    assert processes_below(var) == []
