import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from incubator.running.environment import PROJECT
from tests.incubator.running.conftest import Lines

WAITS = "import signal; print('up', flush=True); signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, lambda *_: print('no', flush=True));"
    "print('up', flush=True)\nwhile True: signal.pause()"
)
FALLS = "import sys; print('up', flush=True); sys.exit(3)"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"


class Run:
    """A supervisor in a process of its own, over Python one-liners."""

    def __init__(self, policy: str = "", **parts: str) -> None:
        program = textwrap.dedent(
            f"""
            import sys
            from pathlib import Path
            from incubator.running.supervisor import Part, Policy, Supervisor
            parts = [Part(name, [sys.executable, "-c", code]) for name, code in {parts!r}.items()]
            sys.exit(Supervisor(parts, cwd=Path("."), policy=Policy({policy})).run())
            """
        )
        self.process = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.lines = Lines(self.process.stdout)

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_death(pid: int) -> None:
    """A killed process is gone a moment after its killer: the kernel does it in its own time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], 30)[0]
    finally:
        os.close(handle)


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        run.process.kill()
        run.process.communicate()


def start(runs: list[Run], policy: str = "", **parts: str) -> Run:
    run = Run(policy, **parts)
    runs.append(run)
    return run


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_stops_every_part_and_ends_well(runs: list[Run], asked: signal.Signals) -> None:
    run = start(runs, web=WAITS, worker=WAITS)
    run.lines.until("up")
    run.lines.until("up")
    children = run.children()
    run.process.send_signal(asked)
    assert run.process.wait(30) == 0
    assert [pid for pid in children if alive(pid)] == []
    run.lines.rest()


def test_killed_it_takes_every_part_along(runs: list[Run]) -> None:
    run = start(runs, web=WAITS, worker=WAITS)
    run.lines.until("up")
    run.lines.until("up")
    children = run.children()
    run.process.kill()
    for pid in children:
        wait_for_death(pid)
    assert [pid for pid in children if alive(pid)] == []


def test_a_part_that_falls_is_started_again(runs: list[Run]) -> None:
    run = start(runs, policy="first_pause=0", web=WAITS, worker=WAITS)
    run.lines.until("up")
    run.lines.until("up")
    before = run.children()
    subprocess.run(["kill", "-9", str(before[0])], check=True)
    assert run.lines.until("ended") == "web ended (killed by SIGKILL): restart 1 of 5 in 0 s"
    run.lines.until("web", "up")
    after = run.children()
    assert (len(after), before[1] in after, before[0] in after) == (2, True, False)


def test_a_part_that_keeps_falling_takes_the_rest_down_with_a_message(runs: list[Run]) -> None:
    run = start(runs, policy="restarts=2, first_pause=0", web=WAITS, worker=FALLS)
    run.lines.until("worker ended again (exit 3) after 2 restarts: stopping everything")
    assert run.process.wait(30) == 1
    run.lines.rest()  # ends only when no part holds the pipe any more


def test_what_a_dead_part_leaves_behind_is_swept_away(runs: list[Run]) -> None:
    run = start(runs, policy="restarts=0", web=PARENT.format(child=WAITS))
    run.lines.until("web | up")
    subprocess.run(["kill", "-9", str(run.children()[0])], check=True)
    run.lines.until("web ended again (killed by SIGKILL) after 0 restarts")
    run.lines.rest()
    assert run.process.wait(30) == 1


def test_a_part_that_does_not_end_when_asked_is_killed(runs: list[Run]) -> None:
    run = start(runs, policy="stop_seconds=0.2", web=STUBBORN)
    run.lines.until("web | up")
    run.process.terminate()
    run.lines.until("web did not end when asked: killed")
    assert run.process.wait(30) == 0


def test_a_part_that_waits_starts_when_it_is_let() -> None:
    program = textwrap.dedent(
        f"""
        import sys, threading
        from pathlib import Path
        from incubator.running.supervisor import Part, Supervisor
        both = [Part("web", [sys.executable, "-c", {WAITS!r}]), Part("beat", [sys.executable, "-c", {WAITS!r}], waits=True)]
        supervisor = Supervisor(both, cwd=Path("."))
        def let(): supervisor.call_soon(supervisor.start_waiting)
        threading.Thread(target=lambda: (sys.stdin.readline(), let(), let()), daemon=True).start()
        sys.exit(supervisor.run())
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines = Lines(process.stdout)
    try:
        assert lines.until("up") == "web  | up"
        process.stdin.write(b"now\n")
        process.stdin.flush()
        assert lines.until("up") == "beat | up"
        process.terminate()
        assert (process.wait(30), lines.rest()) == (0, [])
    finally:
        process.kill()
        process.communicate()


def test_every_line_bears_the_name_of_its_part(runs: list[Run]) -> None:
    code = "import sys; sys.stdout.write('a\\n\\uac00\\nb'); sys.exit(0)"
    run = start(runs, policy="restarts=0", web=code, scheduler=WAITS)
    run.lines.until("web       | a")
    run.lines.until("web       | 가")
    run.lines.until("web       | b")
    run.process.wait(30)


def test_a_command_that_does_not_exist_is_named(runs: list[Run]) -> None:
    program = (
        "import sys; from pathlib import Path; from incubator.running.supervisor import Part, Supervisor;"
        "sys.exit(Supervisor([Part('web', ['/no/such/program'])], cwd=Path('.')).run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("web cannot be started: ")
