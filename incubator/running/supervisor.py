"""Several processes in the foreground as one: started together, restarted when they fall, stopped together.

The children die with the supervisor, whatever ends it: it stops them in order when it is asked to, and the
kernel kills them when it is killed itself. Each leads a process group, so a Ctrl-C reaches the supervisor
alone and what a dead child leaves behind can be swept away.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from incubator.running.processes import die_with_parent


@dataclass(frozen=True)
class Part:
    """One process of the whole."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False
    """Whether it starts only with `start_waiting()`, to leave the machine to those that a person waits for."""


@dataclass(frozen=True)
class Policy:
    """How patient the supervisor is. A part that lives for `steady_seconds` has its falls forgotten."""

    restarts: int = 5
    first_pause: float = 0.5
    steady_seconds: float = 30.0
    stop_seconds: float = 15.0


@dataclass
class _Running:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    started: float = 0.0
    restart_at: float | None = None
    partial: bytes = b""


class Supervisor:
    """Runs `parts` until it is told to stop (SIGINT, SIGTERM) or one of them cannot be kept alive."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        cwd: Path,
        policy: Policy = Policy(),
        out: TextIO = sys.stdout,
    ) -> None:
        self._all = [_Running(part) for part in parts]
        self._cwd = cwd
        self._policy = policy
        self._out = out
        self._width = max(len(part.name) for part in parts)
        self._selector = selectors.DefaultSelector()
        self._calls: list[Callable[[], None]] = []
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._asked_to_stop = 0
        self._failed = False

    def say(self, words: str) -> None:
        """Print a line of the supervisor's own. From any thread."""
        self._out.write(f"{words}\n")
        self._out.flush()

    def call_soon(self, call: Callable[[], None]) -> None:
        """Have the supervisor's own thread do something. From any thread."""
        self._calls.append(call)
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"\0")

    def start_waiting(self) -> None:
        """Start the parts that wait. In the supervisor's own thread; again does nothing."""
        for running in self._all:
            if running.part.waits and not running.started and not self._asked_to_stop:
                self._start(running)

    def run(self) -> int:
        """0 after a stop that was asked for, 1 when a part could not be kept alive."""
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        try:
            for running in self._all:
                if not running.part.waits:
                    self._start(running)
            while not self._asked_to_stop and not self._failed:
                self._turn(self._seconds_to_next_restart())
            self._stop_all()
        finally:
            for running in self._all:
                self._sweep(running)
        return 1 if self._failed else 0

    def _on_stop_signal(self, *_: object) -> None:
        self._asked_to_stop += 1

    def _start(self, running: _Running) -> None:
        part = running.part
        running.restart_at, running.started = None, time.monotonic()
        try:
            process = subprocess.Popen(
                part.command,
                cwd=self._cwd,
                env={**os.environ, **part.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        except OSError as error:
            self.say(f"{part.name} cannot be started: {error}")
            self._failed = True
            return
        running.process = process
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, running)

    def _turn(self, seconds: float | None) -> None:
        """Wait for something to happen, at most so long, and deal with it."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    while os.read(self._wake_read, 512):
                        pass
            else:
                self._read(key.data)
        while self._calls:
            self._calls.pop(0)()
        for running in self._all:
            if running.process is not None and running.process.poll() is not None:
                self._on_end(running)
            elif running.restart_at is not None and time.monotonic() >= running.restart_at:
                self._start(running)

    def _seconds_to_next_restart(self) -> float | None:
        waiting = [running.restart_at for running in self._all if running.restart_at is not None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _read(self, running: _Running) -> bool:
        """Print what a part has to say now; False when there is nothing (yet, or for ever)."""
        assert running.process is not None
        assert running.process.stdout is not None
        try:
            block = os.read(running.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return False
        if not block:
            self._selector.unregister(running.process.stdout)
            return False
        *lines, running.partial = (running.partial + block).split(b"\n")
        for line in lines:
            self._echo(running, line)
        return True

    def _echo(self, running: _Running, line: bytes) -> None:
        self.say(f"{running.part.name:<{self._width}} | {line.decode(errors='replace').rstrip()}")

    def _sweep(self, running: _Running) -> None:
        """Kill what is left of a part's process group, print its last words and forget it."""
        process = running.process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        with process.stdout:
            while process.stdout in self._selector.get_map() and self._read(running):
                pass
            if process.stdout in self._selector.get_map():  # a stranger outside the group holds the other end
                self._selector.unregister(process.stdout)
        if running.partial:
            self._echo(running, running.partial)
        running.partial, running.process = b"", None

    def _on_end(self, running: _Running) -> None:
        assert running.process is not None
        ended = _how_it_ended(running.process.returncode)
        self._sweep(running)
        if self._asked_to_stop or self._failed:
            return
        policy = self._policy
        if time.monotonic() - running.started >= policy.steady_seconds:
            running.falls = 0
        running.falls += 1
        name = running.part.name
        if running.falls > policy.restarts:
            self.say(f"{name} ended again ({ended}) after {policy.restarts} restarts: stopping everything")
            self._failed = True
            return
        pause = policy.first_pause * 2 ** (running.falls - 1)
        self.say(f"{name} ended ({ended}): restart {running.falls} of {policy.restarts} in {pause:g} s")
        running.restart_at = time.monotonic() + pause

    def _stop_all(self) -> None:
        """Ask every part to end, then insist: after a while, or at once when the person asks again."""
        for running in self._all:
            running.restart_at = None
            if running.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    running.process.terminate()
        deadline = time.monotonic() + self._policy.stop_seconds
        asked_before = self._asked_to_stop
        while any(running.process is not None for running in self._all):
            left = deadline - time.monotonic()
            if left <= 0 or self._asked_to_stop > max(asked_before, 1):
                names = ", ".join(running.part.name for running in self._all if running.process is not None)
                self.say(f"{names} did not end when asked: killed")
                return
            self._turn(left)


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit {status}"
    return f"killed by {signal.Signals(-status).name}"


def when_answering(
    port: int, then: Callable[[], None], *, trouble: Callable[[str], None], every: float = 0.1
) -> None:
    """Ask 127.0.0.1:`port` for `/` until a page comes back, then call once, from a thread of its own.

    A redirect or a refusal is an answer too (in production the address of this machine is no name of the camp's). An
    error of the server (not: no answer yet) goes to `trouble` in words, the same one once.
    """

    def ask() -> None:
        told = ""
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", "/", headers={"User-Agent": "make run"})
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException):
                status = 0
            finally:
                connection.close()
            if 0 < status < 500:
                break
            if status and str(status) != told:
                told = str(status)
                trouble(f"the first page answers {told}")
            time.sleep(every)
        then()

    threading.Thread(target=ask, daemon=True).start()
