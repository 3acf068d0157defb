"""Holding things that are scarce until the transaction ends, whichever role asks: a founder may not lock rows that
she may not write, so these are advisory locks named after the thing."""

import hashlib

from django.db import connection


def hold(*things: tuple[str, int]) -> None:
    """Wait for every (kind, id) and hold it until the transaction ends; in one order always, so that nobody waits in a ring."""
    keys = sorted(_key(kind, pk) for kind, pk in set(things))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def _key(kind: str, pk: int) -> int:
    digest = hashlib.blake2b(f"consulting:{kind}:{pk}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
