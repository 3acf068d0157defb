"""Under which programmes spaces are given."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed, validate
from tenants.leases.models import Lease
from tenants.leases.rules import may_manage_leases


@transaction.atomic
def name_programme(*, leases: Iterable[Lease], programme: str, actor: Any) -> int:
    """Say under which programme these spaces are given, and return how many leases that changed.

    Reports add up by it; no term of a lease hangs on it, so a signed one may be named too. Raises Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    changed = 0
    for lease in leases:
        if lease.programme == programme.strip():
            continue
        lease.programme = programme.strip()
        validate(lease)
        lease.save(update_fields=["programme", "updated_at"])
        changed += 1
    return changed
