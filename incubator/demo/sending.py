from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def nothing_sent() -> Iterator[None]:
    """One transaction after which nobody hears of it: the mails and tasks that services would send once it is committed
    are dropped. A failure inside leaves the database as it was."""
    with transaction.atomic():
        waiting = list(connection.run_on_commit)
        yield
        connection.run_on_commit = waiting
