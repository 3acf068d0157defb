import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from incubator.running.environment import PROJECT
from tests.incubator.running.conftest import Lines


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(var: Path, port: int) -> tuple[subprocess.Popen[bytes], Lines]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "CAMP", "MAKE"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "incubator.running.run"],
        cwd=PROJECT,
        env={**kept, "VAR": str(var), "PORT": str(port), "DEMO": "0", "DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    return process, Lines(process.stdout)


def waiting_parts(supervisor: int) -> list[str]:
    """The Celery commands among its children, which start after the first page."""
    found = []
    for child in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        found += [word for word in ("beat", "worker") if word in command]
    return sorted(found)


def test_the_whole_camp_runs_and_ends_as_one(var: Path) -> None:
    """Asked to end, and killed: either way its pipe comes to an end, which the last of its processes holds open."""
    port = free_port()
    process, lines = start(var, port)
    try:
        assert lines.until("ready:", seconds=300) == f"ready: http://127.0.0.1:{port}/"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.status == 200
        assert waiting_parts(process.pid) == ["beat", "worker"]
        process.send_signal(signal.SIGTERM)
        assert [line for line in lines.rest() if line.startswith("ready:")] == []
        assert process.wait(30) == 0
        process, lines = start(var, port)
        lines.until("ready:", seconds=300)
        process.kill()
        lines.rest()
    finally:
        process.kill()
        process.wait()
