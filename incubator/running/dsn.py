"""One reading of a PostgreSQL address for all who connect: Django, the task queue, the backup tools."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


class BadDatabaseUrl(ValueError):
    """The address cannot be read; the message says why and never shows the password."""


def _parameters(url: str) -> dict[str, Any]:
    if not url.startswith(("postgres://", "postgresql://")):
        raise BadDatabaseUrl("DATABASE_URL must begin with postgres:// or postgresql://")
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:  # its own message quotes the address
        raise BadDatabaseUrl("DATABASE_URL cannot be read as a PostgreSQL address") from None


def django_database(url: str) -> dict[str, Any]:
    """The entry of Django's DATABASES for a libpq URI (`postgresql://user:password@host:port/name?key=value`).

    A host may be a socket folder in percent code. Parameters that Django does not name (`sslmode`, ...) land
    in OPTIONS.
    """
    parameters = _parameters(url)
    entry: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql"}
    for libpq, django in _DJANGO_NAMES.items():
        entry[django] = str(parameters.pop(libpq, "") or "")
    entry["OPTIONS"] = parameters
    return entry


def _quoted(value: object) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def pgmq_conninfo(url: str) -> str:
    """The same address as the `conn_string` of kombu's pgmq transport.

    pgmq takes such a string apart and joins five of its values again without quoting any of them, so each one
    is quoted once more here, and the parameters that it would drop (`sslmode`, ...) ride behind the last of
    the five.
    """
    parameters = _parameters(url)
    five = {name: _quoted(parameters.pop(name, None) or default) for name, default in (
        ("host", "/var/run/postgresql"), ("port", "5432"), ("dbname", "postgres"), ("user", "postgres"),
        ("password", ""),
    )}  # fmt: skip
    five["password"] += "".join(f" {name}={_quoted(value)}" for name, value in sorted(parameters.items()))
    return make_conninfo(**five)
