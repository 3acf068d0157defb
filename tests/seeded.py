"""The rows that migrations made (rates, settings, indicators, content types) stay when a test has really committed.

Django empties every table after such a test and makes the content types anew, under other ids; whatever ran next on the same
database would miss its rates or point at content types that are gone.
"""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase


@cache
def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


_rows: dict[str, bytes] = {}


def remember() -> None:
    """Keep a copy of every row of the database as its migrations left it."""
    with connection.cursor() as cursor:
        for table in _tables():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                rows = b"".join(bytes(chunk) for chunk in copy)
            if rows:
                _rows[table] = rows


@cache
def _filled() -> str:
    """Asks which tables hold rows. Few do after a test, and emptying three hundred takes longer than most tests."""
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in _tables()
    )


def _put_back(self: TransactionTestCase) -> None:
    """What TransactionTestCase does after a test, but back to the remembered rows instead of to nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Their triggers and foreign keys have had their say when the rows were made.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_filled())
        for (table,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{table}"')
        for table, rows in _rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(rows)


def keep_seeded_rows() -> None:
    """From now on, for the database of this process."""
    remember()
    TransactionTestCase._fixture_teardown = _put_back  # type: ignore[method-assign]
