"""The database roles under which every statement of a request, task or command runs.

A role is switched with SET LOCAL, so it ends with its transaction; whose rows it may see is told by
transaction-local settings that the row-level security policies read (`camp_companies()`, `camp_firms()`,
`camp_adviser()`, `camp_user()`, `camp_application()`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

import psycopg
from django.db import connection, transaction


class Role(StrEnum):
    PUBLIC = "camp_public"
    FOUNDER = "camp_founder"
    INVESTOR = "camp_investor"
    ADVISER = "camp_adviser"
    REVIEWER = "camp_reviewer"
    STAFF = "camp_staff"


_SET = """SELECT set_config('role', %s, true), set_config('camp.user', %s, true),
 set_config('camp.companies', %s, true), set_config('camp.firms', %s, true), set_config('camp.adviser', %s, true)"""
_READ_ONLY = ", set_config('transaction_read_only', 'on', true)"
_CURRENT = """SELECT current_setting('role'), current_setting('camp.user', true), current_setting('camp.companies', true),
 current_setting('camp.firms', true), current_setting('camp.adviser', true)"""


_current: ContextVar[Role | None] = ContextVar("camp_role", default=None)


def current_role() -> Role | None:
    """The role of the innermost block, None outside of all."""
    return _current.get()


@contextmanager
def database_role(
    role: Role,
    *,
    user_id: int | None = None,
    company_ids: Sequence[int] = (),
    firm_ids: Sequence[int] = (),
    adviser_id: int | None = None,
    read_only: bool = False,
) -> Iterator[None]:
    """Run the block in one transaction under a role. Nested, the outer role is restored at the end.

    With `read_only` every write in the block raises, whatever its code does.
    """
    settings = [
        role.value,
        str(user_id or ""),
        ",".join(map(str, company_ids)),
        ",".join(map(str, firm_ids)),
        str(adviser_id or ""),
    ]
    nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        before: list[str] = []
        if nested:
            cursor.execute(_CURRENT)
            before = [value or "" for value in cursor.fetchone()]
        cursor.execute(_SET + (_READ_ONLY if read_only else ""), settings)
        token = _current.set(role)
        try:
            yield
        finally:
            _current.reset(token)
        # A released savepoint would hand SET LOCAL on to the outer transaction; a rolled-back one takes it back itself.
        if nested and not connection.needs_rollback:
            cursor.execute(_SET, [before[0] or "none", *before[1:]])


@contextmanager
def applying(token_hash: str) -> Iterator[None]:
    """The block is on behalf of whoever holds the link of one application, in the role that is in force already.

    Applicants have no account, so there is no person whose rows the walls could open. What they hold is a secret: its
    SHA-256 goes into the transaction-local setting `camp.application`, and the policies open what `camp_application()`
    finds for it. So code that forgets its filter, or is handed another id, still reaches the one application whose link
    was shown, where code that ran privileged would reach them all. The setting ends with the block or its transaction.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('camp.application', true)")
        before = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('camp.application', %s, true)", [token_hash])
        yield
        if not connection.needs_rollback:
            cursor.execute("SELECT set_config('camp.application', %s, true)", [before])


@contextmanager
def as_owner(cursor: psycopg.Cursor[Any]) -> Iterator[psycopg.Cursor[Any]]:
    """The tables' owner for one COPY, which PostgreSQL refuses under row-level security, even where every row may be
    written. Only inside a service that has asked for permission, around the statement alone; gives the cursor back."""
    row = cursor.execute("SELECT current_setting('role')").fetchone()
    assert row is not None
    cursor.execute("SELECT set_config('role', 'none', true)")
    yield cursor
    cursor.execute("SELECT set_config('role', %s, true)", row)


@contextmanager
def acting_as_system(*, user_id: int | None = None) -> Iterator[None]:
    """The staff role, for commands, tasks and the few services that must reach beyond their caller's wall."""
    with database_role(Role.STAFF, user_id=user_id):
        yield
