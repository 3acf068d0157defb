"""How the web server runs under `make run`: `gunicorn --config python:incubator.running.gunicorn`."""

import signal

from incubator.running.processes import die_with_parent

worker_class = "gthread"
workers = 2
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 10
control_socket_disable = True  # it would lie in the home folder, outside VAR
loglevel = "warning"

_arm = die_with_parent(signal.SIGKILL)


def post_fork(server: object, worker: object) -> None:
    """A worker of a killed master ends with it, at once."""
    _arm()
