"""Changing what is drawn up or offered, while nobody has signed it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import NotAllowed, validate
from tenants.leases.enums import LeaseState, LeaseStep
from tenants.leases.errors import NothingChanged
from tenants.leases.models import Lease, Space
from tenants.leases.rules import may_manage_leases

from .contracts import draw_up
from .leases import check_space, check_stay, checked_term
from .steps import claiming, demand, held, locked_space, record


@transaction.atomic
def revise_lease(
    *,
    lease: Lease,
    space: Space,
    first_day: date,
    last_day: date,
    reason: str = "",
    actor: Any,
    now: datetime,
) -> Lease:
    """Give a draft or an offer another space or other days. Of an offer the contract is drawn up anew: the one before is
    superseded, and what the company may have signed of it stands for nothing any more.

    Raises WrongState, NothingChanged, and what `draft_lease` and `offer_lease` raise.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    for space_id in sorted({space.pk, lease.space_id}):
        locked_space(space_id)
    lease, today = held(lease), timezone.localdate(now)
    message = _("Only a draft or an offer can be changed. This lease is: %(state)s.")
    demand(lease, [LeaseState.DRAFT, LeaseState.OFFERED], message)
    period = checked_term(first_day, last_day, today)
    if (lease.space_id, lease.period) == (space.pk, period):
        raise NothingChanged
    space = Space.objects.select_related("building", "floor").get(pk=space.pk)
    check_space(space, first_day, lease.company)
    check_stay(lease, first_day, last_day, today)
    lease.space, lease.period = space, period
    validate(lease)
    with claiming(lease):
        lease.save(update_fields=["space", "period", "updated_at"])
    record(lease, step=LeaseStep.REVISED, from_state=lease.state, actor=actor, now=now, reason=reason)
    if lease.state == LeaseState.OFFERED:
        draw_up(lease, actor=actor, now=now)
    return lease
