"""`make run`: the whole camp in the foreground, from a prepared clone (see `prepare`) to one Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from incubator.running import postgres
from incubator.running.assets import compile_translations, copy_assets
from incubator.running.environment import PROJECT, UnknownEnvironment, camp_environment, var_folder
from incubator.running.processes import die_with_parent, follow_parent
from incubator.running.steps import StepFailed, step
from incubator.running.supervisor import Part, Supervisor, when_answering

SIGN_INS = """
  demonstration sign-ins, password camp-demo:
    manager@camp.example     the camp's office, /admin/
    founder01@camp.example   a founder, /portal/ (01 to 73)
    investor01@camp.example  an investor, /invest/
"""


def _port(environ: Mapping[str, str]) -> int:
    """The port of the web server, free at this moment."""
    word = environ.get("PORT") or "8000"
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise StepFailed(f"PORT is {word!r}; it must be a number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(word)))
        except OSError as error:
            raise StepFailed(
                f"port {word} cannot be used ({error.strerror}): try `make run PORT={int(word) + 1}`"
            ) from None
    return int(word)


@contextlib.contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """Two schedulers on one database would send every task twice."""
    with (var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepFailed(
                f"the camp of {var} runs already: another copy needs its own PORT= and VAR="
            ) from None
        yield


def parts(port: int, var: Path, environ: Mapping[str, str]) -> list[Part]:
    """The processes of the camp."""
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "--app", "incubator.celery"]
    found = [
        Part(
            "web",
            [
                sys.executable, "-m", "gunicorn", "--config", "python:incubator.running.gunicorn",
                "--bind", f"127.0.0.1:{port}", "incubator.wsgi:application",
            ],
        ),
        Part(
            "worker",
            [
                *celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle",
                "--without-heartbeat", "--loglevel", "WARNING",
            ],
            waits=True,
        ),
        Part("beat", [*celery, "beat", "--pidfile", "", "--loglevel", "WARNING"], waits=True),
    ]  # fmt: skip
    if not environ.get("DATABASE_URL"):
        found.insert(0, Part("database", [sys.executable, "-m", "incubator.running.postgres", str(var)]))
    return found


def _make_ready(environ: Mapping[str, str], *, with_demo: bool) -> None:
    # The data folder is ours alone, and so are its tasks; on a server of somebody's there may be other workers.
    alone = not environ.get("DATABASE_URL") and not environ.get("CELERY_BROKER_URL")
    options = [*(["--demo"] if with_demo else []), *(["--alone"] if alone else [])]
    command = [sys.executable, "-m", "incubator.running.make_ready", *options]
    done = subprocess.run(
        command, cwd=PROJECT, env=environ, check=False, preexec_fn=die_with_parent(signal.SIGTERM)
    )
    if done.returncode != 0:
        raise StepFailed(f"the camp could not be made ready (exit {done.returncode}); the reason is above")


def run(environ: Mapping[str, str]) -> int:
    """Start everything and keep it until it is told to stop; the exit status."""
    var = var_folder(environ)
    var.mkdir(parents=True, exist_ok=True)
    local = camp_environment(environ) == "local"
    with_demo = local and environ.get("DEMO", "1") != "0"
    with ExitStack() as stack:
        stack.enter_context(_only_one(var))
        port = _port(environ)
        copy_assets(var)
        compile_translations()
        if not environ.get("DATABASE_URL"):
            with step("database"):
                server = postgres.ensure_running(var)
            stack.callback(server.stop)
        _make_ready(environ, with_demo=with_demo)

        supervisor = Supervisor(parts(port, var, environ), cwd=PROJECT)

        def ready() -> None:
            supervisor.start_waiting()
            supervisor.say(f"ready: http://127.0.0.1:{port}/")
            if with_demo:
                supervisor.say(SIGN_INS)

        def not_well(words: str) -> None:
            supervisor.say(words)
            supervisor.start_waiting()

        when_answering(
            port,
            lambda: supervisor.call_soon(ready),
            trouble=lambda words: supervisor.call_soon(lambda: not_well(words)),
        )
        return supervisor.run()


def main() -> int:
    """Under `make`, end with it even when it is killed."""
    if os.environ.get("MAKELEVEL"):
        follow_parent(signal.SIGTERM)
    # Until the supervisor takes over, a TERM has to take the way of a Ctrl-C: through every clean-up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return run(os.environ)
    except (StepFailed, postgres.PostgresDidNotStart, UnknownEnvironment) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
