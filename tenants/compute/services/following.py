"""Lets the schedulers' limits follow the ledger."""

from django.core.cache import cache, caches
from django.db import connection, transaction

# A change waits so long for others, and then one sync is for all of them.
GATHER_SECONDS = 10
_GATHERED = "compute.limits.follow"


def follow_limits() -> None:
    """Have the limits follow what this transaction changes in the ledger, once it is through and within a minute; however
    many changes there are meanwhile, once for all of them."""
    inside = set(connection.savepoint_ids)
    # Another that asked within a savepoint which may still be taken back does not count.
    asked = any(entry[1] is _gather and set(entry[0]) <= inside for entry in connection.run_on_commit)
    if not asked:
        transaction.on_commit(_gather, robust=True)


def _gather() -> None:
    from tenants.compute.tasks import follow_limits as task

    # The mark is gone before the task reads: who finds it has been written before the task looks. This process
    # remembers its own mark, for imports that ask hundreds of times.
    mine = caches["local"].add(_GATHERED, True, GATHER_SECONDS - 2)
    if mine and cache.add(_GATHERED, True, GATHER_SECONDS - 2):
        task.apply_async(countdown=GATHER_SECONDS)
