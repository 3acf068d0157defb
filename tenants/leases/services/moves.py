"""A company changes rooms: one lease ends and another begins, or neither."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.leases.enums import LeaseState
from tenants.leases.errors import MoveOutside, SameSpace, WrongState, day_in_words
from tenants.leases.models import Lease, Space
from tenants.leases.rules import may_manage_leases
from tenants.leases.terms import ONE_DAY

from .leases import claiming, lease_space, locked_lease, locked_space, record
from .states import close_requests


@transaction.atomic
def move_company(
    *, lease: Lease, space: Space, first_day: date, reason: str = "", actor: Any, now: datetime
) -> Lease:
    """Move the lease's company to `space` from `first_day` on, until the lease's last day; returns the new lease.

    The old lease ends the day before: at once, or by the daily run when that day is still to come.
    Raises WrongState, SameSpace, MoveOutside, SpaceTaken, SpaceClosed, BeforeOpening.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if space.pk == lease.space_id:
        raise SameSpace
    for space_id in sorted([space.pk, lease.space_id]):
        locked_space(space_id)
    lease = locked_lease(lease)
    if lease.state != LeaseState.ACTIVE:
        raise WrongState(
            _("Only an active lease can be moved. This lease is: %(state)s."), state=lease.get_state_display()
        )
    first, last = lease.first_day, lease.last_day
    assert first
    assert last
    if not first < first_day <= last:
        raise MoveOutside(first=day_in_words(first + ONE_DAY), last=day_in_words(last))
    lease.period = days(first, first_day - ONE_DAY)
    if first_day <= timezone.localdate(now):
        lease.state = LeaseState.ENDED
    with claiming(lease):
        lease.save(update_fields=["state", "period", "updated_at"])
    close_requests(lease, actor=actor, now=now)
    record(lease, from_state=LeaseState.ACTIVE, actor=actor, now=now, reason=reason)
    return lease_space(
        company=lease.company,
        space=space,
        first_day=first_day,
        last_day=last,
        legal_basis=lease.legal_basis,
        comparator=lease.comparator,
        actor=actor,
        now=now,
    )
