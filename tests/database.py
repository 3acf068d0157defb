"""The databases of the suite: one migrated template a state of the code, a fresh copy a worker and session.

Copying takes a moment where migrating takes many, nothing is ever left over from an earlier session, and a
change of the migrations makes a new template.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection

from incubator.running import postgres
from incubator.running.environment import PROJECT, var_folder

_TEMPLATE_LOCK = 5_140_882
_SHAPING = (
    "*/**/migrations/*.py",
    "*/**/models.py",
    "*/**/models/*.py",
    "*/**/apps.py",
    "*/**/enums.py",
    "incubator/common/*.py",
    "incubator/running/queue.py",
)


def fingerprint() -> str:
    """Changes with anything that shapes a migrated database."""
    digest = hashlib.sha256((PROJECT / "requirements.lock").read_bytes())
    packages = [PROJECT / "incubator", PROJECT / "tenants", PROJECT / "investors"]
    found = {
        path
        for pattern in _SHAPING
        for path in PROJECT.glob(pattern)
        if any(path.is_relative_to(package) for package in packages)
    }
    for path in sorted(found):
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


def _make_template(base: str, name: str) -> None:
    """A migrated database under `name`, which it bears only when it is complete."""
    unfinished = f"{base}_unfinished"
    original = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = unfinished
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    connection.settings_dict["NAME"] = original
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _template(base: str) -> str:
    """The name of the template for the code as it is; made now when there is none, and older ones dropped."""
    name = f"{base}_{fingerprint()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])  # freed with this connection
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{base}_"])
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            for old in found:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            _make_template(base, name)
    return name


@contextmanager
def test_database(worker: str) -> Iterator[None]:
    """Point Django at a fresh copy for `worker`; hold the embedded server unless DATABASE_URL is given."""
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            stack.enter_context(postgres.running(var_folder()))
        base = f"test_{connection.settings_dict['NAME']}"
        template = _template(f"{base}_template")
        connection.settings_dict["TEST"].update(NAME=f"{base}_{worker}", TEMPLATE=template)
        yield
        connection.close()
