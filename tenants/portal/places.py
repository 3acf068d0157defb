"""A founder's own spaces in words: what a request may be about."""

from typing import Any

from tenants.leases import selectors as leases
from tenants.leases.enums import LeaseState


def own_places(user: Any) -> list[str]:
    """The spaces that the person's company holds now or has signed for, in their language; one query."""
    held = leases.leases_for(user).filter(state__in=[LeaseState.SIGNED, LeaseState.ACTIVE])
    return list(dict.fromkeys(lease.space.place for lease in held.order_by("pk")))
