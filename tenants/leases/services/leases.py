"""Making leases and putting their records right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.models import CampSettings
from incubator.common.periods import days
from tenants.companies.models import Company
from tenants.leases.enums import CLOSED_STATES, LeaseState
from tenants.leases.errors import (
    BeforeOpening,
    EndBeforeStart,
    SpaceBlocked,
    SpaceClosed,
    SpaceTaken,
    TermTooLong,
    WrongState,
    day_in_words,
)
from tenants.leases.models import Lease, LeaseTransition, Space
from tenants.leases.rules import may_manage_leases
from tenants.leases.terms import last_of_term

from .blocking import blocked_in_words


def locked_space(space_id: int) -> Space:
    """The space, held by this transaction: whoever wants a claim on it waits here, so that nobody deadlocks in the
    exclusion constraint. The constraint decides, not this lock."""
    return (
        Space.objects.select_for_update(no_key=True, of=("self",)).select_related("building").get(pk=space_id)
    )


def locked_lease(lease: Lease) -> Lease:
    """The lease as it is now, held by this transaction, its space and company fetched along."""
    return (
        Lease.objects.select_for_update(no_key=True, of=("self",))
        .select_related("space__building", "company")
        .get(pk=lease.pk)
    )


@contextmanager
def claiming(lease: Lease, refusal: type[SpaceTaken] = SpaceTaken) -> Iterator[None]:
    """Turns the collision of two leases in the database into SpaceTaken, with the days of the one that was there first."""
    try:
        with refusing({"leases_one_lease_a_day": refusal, "leases_not_let_while_blocked": SpaceBlocked}):
            yield
    except SpaceBlocked as error:
        raise blocked_in_words(lease) from error
    except SpaceTaken as error:
        claims = Lease.objects.exclude(pk=lease.pk).exclude(state=LeaseState.DRAFT).order_by("period")
        other = claims.filter(space_id=lease.space_id, period__overlap=lease.period).first()
        if other is None:
            raise
        first, last = day_in_words(other.first_day), day_in_words(other.last_day)
        raise refusal(refusal.detailed, first=first, last=last) from error


def record(lease: Lease, *, from_state: str, actor: Any, now: datetime, reason: str = "") -> LeaseTransition:
    """Write down one step of the lease. Raises Invalid for a reason that is too long."""
    transition = LeaseTransition(
        lease=lease,
        from_state=from_state,
        to_state=lease.state,
        last_day=lease.last_day,
        at=now,
        actor=actor if getattr(actor, "pk", None) else None,
        reason=reason.strip(),
    )
    validate(transition, exclude={"lease", "actor", "last_day"})
    transition.save()
    return transition


def checked_term(first_day: date, last_day: date) -> DateRange:
    """The period of these days, both held. Raises EndBeforeStart, TermTooLong."""
    if last_day < first_day:
        raise EndBeforeStart
    months = CampSettings.current().lease_max_months
    latest = last_of_term(first_day, months)
    if last_day > latest:
        raise TermTooLong(months=months, first=day_in_words(first_day), latest=day_in_words(latest))
    return days(first_day, last_day)


def _checked_space(space: Space, first_day: date) -> None:
    if not space.active:
        raise SpaceClosed
    opened = space.building.opened_on
    if opened and first_day < opened:
        raise BeforeOpening(day=day_in_words(opened))


@transaction.atomic
def draft_lease(
    *,
    company: Company,
    space: Space,
    first_day: date,
    last_day: date,
    legal_basis: str,
    comparator: str = "",
    actor: Any,
    now: datetime,
) -> Lease:
    """A draft from `first_day` to `last_day`, both held. It claims nothing: drafts may overlap.

    Raises EndBeforeStart, TermTooLong, SpaceClosed, BeforeOpening, Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    _checked_space(space, first_day)
    lease = Lease(
        company=company,
        space=space,
        period=checked_term(first_day, last_day),
        legal_basis=legal_basis,
        comparator=comparator,
    )
    validate(lease)
    lease.save()
    record(lease, from_state="", actor=actor, now=now)
    return lease


def state_on(today: date, first_day: date, last_day: date) -> LeaseState:
    """The state that a signed contract for these days is in."""
    if last_day < today:
        return LeaseState.ENDED
    return LeaseState.ACTIVE if first_day <= today else LeaseState.SIGNED


@transaction.atomic
def lease_space(
    *,
    company: Company,
    space: Space,
    first_day: date,
    last_day: date,
    legal_basis: str,
    comparator: str = "",
    ended: bool = False,
    actor: Any,
    now: datetime,
) -> Lease:
    """Record a signed contract in one step: active, signed while its first day is to come, or ended when its last day
    is over (or `ended` says so).

    Raises SpaceTaken when another lease holds the space on one of the days, and what `draft_lease` raises. A contract
    that is history already is not measured by today's policy.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    state = LeaseState.ENDED if ended else state_on(timezone.localdate(now), first_day, last_day)
    if state == LeaseState.ENDED:
        if last_day < first_day:
            raise EndBeforeStart
        period = days(first_day, last_day)
    else:
        period = checked_term(first_day, last_day)
    space = locked_space(space.pk)
    if state != LeaseState.ENDED:
        _checked_space(space, first_day)
    lease = Lease(
        company=company,
        space=space,
        period=period,
        state=state,
        legal_basis=legal_basis,
        comparator=comparator,
    )
    validate(lease)
    with claiming(lease):
        lease.save()
    record(lease, from_state=LeaseState.DRAFT, actor=actor, now=now)
    return lease


@transaction.atomic
def describe_lease(*, lease: Lease, legal_basis: str, comparator: str, actor: Any) -> Lease:
    """Change what the lease says of its legal basis and its comparator. Raises Invalid."""
    if not may_manage_leases(actor):
        raise NotAllowed
    lease.legal_basis, lease.comparator = legal_basis, comparator
    validate(lease)
    lease.save(update_fields=["legal_basis", "comparator", "updated_at"])
    return lease


@transaction.atomic
def correct_lease(
    *,
    lease: Lease,
    last_day: date,
    legal_basis: str,
    ended: bool,
    actor: Any,
    now: datetime,
    reason: str = "",
) -> Lease:
    """Put the record of a lease right as the books say: its last day, its basis, and that it was signed or has ended.

    Raises WrongState for a closed lease that the books call a running one, SpaceTaken, EndBeforeStart, TermTooLong.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    locked_space(lease.space_id)
    lease = locked_lease(lease)
    before, first_day = lease.state, lease.first_day
    if first_day is None or (before in CLOSED_STATES and not ended):
        raise WrongState(state=lease.get_state_display())
    if last_day < first_day:
        raise EndBeforeStart
    lease.period = days(first_day, last_day) if ended else checked_term(first_day, last_day)
    if before not in CLOSED_STATES:
        lease.state = LeaseState.ENDED if ended else state_on(timezone.localdate(now), first_day, last_day)
    lease.legal_basis = legal_basis
    validate(lease)
    with claiming(lease):
        lease.save()
    record(lease, from_state=before, actor=actor, now=now, reason=reason)
    return lease
