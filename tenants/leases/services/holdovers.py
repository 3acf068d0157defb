"""A company that stays after its lease is over."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.leases.enums import CLOSED_STATES, HELD_STATES, HoldoverOutcome, LeaseState, LeaseStep
from tenants.leases.errors import (
    EndBeforeStart,
    HoldoverKnown,
    HoldoverResolved,
    LastDayAhead,
    NoLaterLease,
    NotOver,
    ReasonMissing,
)
from tenants.leases.models import Holdover, Lease
from tenants.leases.rules import may_manage_leases
from tenants.leases.selectors.policies import policy_on
from tenants.leases.terms import ONE_DAY

from .steps import held, person, record


@transaction.atomic
def note_holdover(*, lease: Lease, reason: str, actor: Any, now: datetime) -> Holdover:
    """Write down that the company is still in the space of a lease that is over. Until it is resolved the space is not
    free: no other company gets a new claim on it, and none that has one begins.

    Raises ReasonMissing, NotOver, HoldoverKnown.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    lease, today = held(lease), timezone.localdate(now)
    last = lease.last_day
    if lease.state not in CLOSED_STATES or last is None or today <= last:
        raise NotOver
    holdover = Holdover(
        lease=lease,
        space_id=lease.space_id,
        first_day=last + ONE_DAY,
        allowed_until=last + timedelta(days=policy_on(today).holdover_days),
        reason=reason.strip(),
        noted_by=person(actor),
        noted_at=now,
    )
    validate(holdover, exclude={"lease", "space", "noted_by", "resolved_by", "resolved_at", "last_day"})
    with refusing({"leases_one_open_holdover": HoldoverKnown, "leases_holdover_lease_id": HoldoverKnown}):
        holdover.save()
    record(lease, step=LeaseStep.HELD_OVER, from_state=lease.state, actor=actor, now=now, reason=reason)
    return holdover


@transaction.atomic
def resolve_holdover(
    *,
    holdover: Holdover,
    outcome: str,
    last_day: date | None = None,
    resolution: str = "",
    actor: Any,
    now: datetime,
) -> Holdover:
    """Say how the stay ended: the company left after `last_day`, or a new lease of it goes on in the space (then the stay
    lasted until the day before that lease, or not at all).

    Raises HoldoverResolved, EndBeforeStart, LastDayAhead, NoLaterLease.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = held(holdover.lease)
    holdover = Holdover.objects.select_for_update(no_key=True).get(pk=holdover.pk)
    if not holdover.is_open:
        raise HoldoverResolved
    if outcome == HoldoverOutcome.RENEWED:
        later = Lease.objects.filter(
            company_id=lease.company_id,
            space_id=lease.space_id,
            state__in=[*HELD_STATES, LeaseState.OFFERED],
            period__startswith__gte=holdover.first_day,
        )
        first = later.order_by("period").values_list("period__startswith", flat=True).first()
        if first is None:
            raise NoLaterLease
        last_day = first - ONE_DAY if first > holdover.first_day else None
    else:
        last_day = last_day or timezone.localdate(now)
        if last_day < holdover.first_day:
            raise EndBeforeStart
        if last_day > timezone.localdate(now):
            raise LastDayAhead
    holdover.outcome, holdover.last_day = outcome, last_day
    holdover.resolution = resolution.strip()
    holdover.resolved_by, holdover.resolved_at = person(actor), now
    validate(holdover, exclude={"lease", "space", "noted_by", "resolved_by", "resolved_at", "last_day"})
    holdover.save()
    record(
        lease,
        step=LeaseStep.HOLDOVER_OVER,
        from_state=lease.state,
        actor=actor,
        now=now,
        reason=resolution,
    )
    return holdover
