"""The task queue: in the camp's own PostgreSQL (pgmq), or in the Redis or RabbitMQ of `CELERY_BROKER_URL`.

pgmq comes as plain SQL and needs no extension, so it runs on any PostgreSQL that the camp runs on.
"""

from __future__ import annotations

from typing import Any, Protocol

from pgmq.install import get_embedded_install_sql, get_embedded_sql_version

from incubator.running.dsn import pgmq_conninfo

LONGEST_TASK_SECONDS = 30 * 60
VISIBILITY_SECONDS = LONGEST_TASK_SECONDS + 5 * 60
"""A message not acknowledged for this long is given to another worker: longer than the longest task."""

_INSTALL_LOCK = 5_140_881


class _Connection(Protocol):
    def cursor(self) -> Any: ...


def celery_settings(database_url: str, broker_url: str | None) -> dict[str, Any]:
    """The CELERY_* settings of queue and worker, for Django's settings.

    :param database_url: the queue's place while `broker_url` is empty.
    :param broker_url: `redis://`, `amqp://`, ... or nothing.
    """
    settings: dict[str, Any] = {
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_TIME_LIMIT": LONGEST_TASK_SECONDS,
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BEAT_SCHEDULER": "django_celery_beat.schedulers:DatabaseScheduler",
    }
    if broker_url:
        options = {"visibility_timeout": VISIBILITY_SECONDS} if broker_url.startswith("redis") else {}
        return {**settings, "CELERY_BROKER_URL": broker_url, "CELERY_BROKER_TRANSPORT_OPTIONS": options}
    return {
        **settings,
        "CELERY_BROKER_URL": "pgmq://localhost",  # the place itself is in conn_string
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "conn_string": pgmq_conninfo(database_url),
            "init_extension": False,
            "visibility_timeout": VISIBILITY_SECONDS,
            "use_notify": True,
            # A poll on the server would hold the worker for its whole length: NOTIFY wakes it at once
            # instead.
            "wait_time_seconds": 0,
            "pool_size": 4,
        },
        # Each of these opens queues of its own and writes to them every few seconds, into the camp's
        # database.
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL": False,
        "CELERY_WORKER_SEND_TASK_EVENTS": False,
    }


def install_pgmq(connection: _Connection) -> bool:
    """Make the schema `pgmq` and its functions unless they are there; whether it had to. Safe to run twice.

    For a migration: `RunPython(lambda apps, editor: install_pgmq(editor.connection), RunPython.noop)`. Takes
    a Django or a psycopg connection inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({_INSTALL_LOCK})")
        cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
        if cursor.fetchone()[0]:
            return False
        cursor.execute(get_embedded_install_sql())
        cursor.execute(f"COMMENT ON SCHEMA pgmq IS 'pgmq {get_embedded_sql_version()}'")
    return True


def release_unfinished(connection: _Connection) -> int:
    """Give back at once what a killed worker had taken; how many messages. Only while no worker runs at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name FROM pgmq.list_queues()")
        count = 0
        for (name,) in cursor.fetchall():
            cursor.execute(f'UPDATE pgmq."q_{name}" SET vt = now() WHERE read_ct > 0 AND vt > now()')  # noqa: S608 - pgmq allows word characters only
            count += cursor.rowcount
    return count
