"""Companies change rooms: leases end and others begin, all of them or none."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.leases.enums import EndingState, LeaseState, LeaseStep
from tenants.leases.errors import EarlyEndOpen, MoveOutside, SameSpace, SwapWithItself, day_in_words
from tenants.leases.models import EarlyEnd, Lease, Space
from tenants.leases.rules import may_manage_leases
from tenants.leases.terms import ONE_DAY

from .leases import lease_space
from .states import close_requests
from .steps import claiming, demand, locked_lease, locked_space, record


def _leave(
    lease: Lease, first_day: date, step: LeaseStep, *, reason: str, actor: Any, now: datetime
) -> tuple[Lease, date]:
    """Let the lease end the day before `first_day`; returns it with the last day it had until now.

    At once, or by the daily run when that day is still to come.
    """
    first, last = lease.first_day, lease.last_day
    assert first
    assert last
    if not first < first_day <= last:
        raise MoveOutside(first=day_in_words(first + ONE_DAY), last=day_in_words(last))
    if EarlyEnd.objects.filter(lease=lease, state=EndingState.AGREED).exists():
        raise EarlyEndOpen
    lease.period = days(first, first_day - ONE_DAY)
    if first_day <= timezone.localdate(now):
        lease.state = LeaseState.ENDED
    with claiming(lease):
        lease.save(update_fields=["state", "period", "updated_at"])
    close_requests(lease, actor=actor, now=now)
    record(lease, step=step, from_state=LeaseState.ACTIVE, actor=actor, now=now, reason=reason)
    return lease, last


def _go_on(
    lease: Lease,
    space: Space,
    first_day: date,
    last_day: date,
    step: LeaseStep,
    *,
    reason: str,
    actor: Any,
    now: datetime,
) -> Lease:
    """The lease that goes on in `space` where this one was cut. The company's days stay the same, so no rule is asked anew."""
    return lease_space(
        company=lease.company,
        space=space,
        first_day=first_day,
        last_day=last_day,
        legal_basis=lease.legal_basis,
        comparator=lease.comparator,
        from_books=True,
        step=step,
        reason=reason,
        actor=actor,
        now=now,
    )


@transaction.atomic
def move_company(
    *, lease: Lease, space: Space, first_day: date, reason: str = "", actor: Any, now: datetime
) -> Lease:
    """Move the lease's company to `space` from `first_day` on, until the lease's last day; returns the new lease.

    The old lease ends the day before: at once, or by the daily run when that day is still to come.
    Raises WrongState, SameSpace, MoveOutside, EarlyEndOpen, SpaceTaken, SpaceClosed, BeforeOpening, SpaceHeldOver.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if space.pk == lease.space_id:
        raise SameSpace
    for space_id in sorted([space.pk, lease.space_id]):
        locked_space(space_id)
    lease = locked_lease(lease)
    demand(lease, [LeaseState.ACTIVE], _("Only an active lease can be moved. This lease is: %(state)s."))
    told = {"reason": reason, "actor": actor, "now": now}
    lease, last = _leave(lease, first_day, LeaseStep.MOVED, **told)
    return _go_on(lease, space, first_day, last, LeaseStep.MOVED, **told)


@transaction.atomic
def swap_companies(
    *, lease: Lease, other: Lease, first_day: date, reason: str = "", actor: Any, now: datetime
) -> tuple[Lease, Lease]:
    """Let two companies change places from `first_day` on, each until its own last day; returns their new leases.

    Either move alone would run into the other's lease. Here both old leases are cut first, and only then are the new ones
    made: so the constraint stays immediate and sees nothing but free days, and whatever a third party holds still refuses
    all of it.
    Raises WrongState, SwapWithItself, MoveOutside, EarlyEndOpen, SpaceTaken, SpaceClosed, BeforeOpening, SpaceHeldOver.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if lease.space_id == other.space_id or lease.company_id == other.company_id:
        raise SwapWithItself
    spaces = {space_id: locked_space(space_id) for space_id in sorted([lease.space_id, other.space_id])}
    found = {each.pk: locked_lease(each) for each in sorted([lease, other], key=lambda each: each.pk)}
    pair = [found[lease.pk], found[other.pk]]
    for each in pair:
        demand(each, [LeaseState.ACTIVE], _("Only active leases can be swapped. One of them is: %(state)s."))
    told = {"reason": reason, "actor": actor, "now": now}
    (one, one_last), (two, two_last) = [_leave(each, first_day, LeaseStep.SWAPPED, **told) for each in pair]
    return (
        _go_on(one, spaces[two.space_id], first_day, one_last, LeaseStep.SWAPPED, **told),
        _go_on(two, spaces[one.space_id], first_day, two_last, LeaseStep.SWAPPED, **told),
    )
