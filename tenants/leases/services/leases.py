"""Making leases and putting their records right."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common.errors import NotAllowed, validate
from incubator.common.periods import days
from tenants.companies.models import Company
from tenants.leases import limits
from tenants.leases.enums import CLOSED_STATES, HELD_STATES, LeaseState, LeaseStep
from tenants.leases.errors import (
    BeforeOpening,
    EndBeforeStart,
    SpaceClosed,
    SpaceHeldOver,
    WrongState,
    day_in_words,
)
from tenants.leases.models import Holdover, Lease, Space
from tenants.leases.rules import may_manage_leases
from tenants.leases.selectors.policies import policy_on

from .steps import claiming, locked_lease, locked_space, record


def checked_term(first_day: date, last_day: date, today: date) -> DateRange:
    """The period of these days, both held. Raises EndBeforeStart, TermTooLong."""
    if last_day < first_day:
        raise EndBeforeStart
    limits.check_term(policy_on(today), first_day, last_day)
    return days(first_day, last_day)


def check_stay(
    lease: Lease, first_day: date, last_day: date, today: date, *, field: str = "last_day"
) -> None:
    """What the rules in force say of the company: its age, and its days in all with those of the other leases.

    Raises CompanyTooOld, TooManyYears.
    """
    others = Lease.objects.filter(company_id=lease.company_id, state__in=[*HELD_STATES, LeaseState.OFFERED])
    spans = [
        (period.lower, period.upper)
        for period in others.exclude(pk=lease.pk).values_list("period", flat=True)
        if not period.isempty
    ]
    limits.check_company(policy_on(today), lease.company, first_day, last_day, spans, field=field)


def check_space(space: Space, first_day: date, company: Company) -> None:
    """Raises SpaceClosed, BeforeOpening, SpaceHeldOver (another company still stays there after its end)."""
    if not space.active:
        raise SpaceClosed
    opened = space.building.opened_on
    if opened and first_day < opened:
        raise BeforeOpening(day=day_in_words(opened))
    staying = Holdover.objects.filter(space=space, outcome="").exclude(lease__company=company)
    if staying.exists():
        raise SpaceHeldOver


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

    Raises EndBeforeStart, SpaceClosed, BeforeOpening, SpaceHeldOver, Invalid, and for a rule that it breaks TermTooLong,
    CompanyTooOld, TooManyYears.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    check_space(space, first_day, company)
    lease = Lease(
        company=company,
        space=space,
        period=checked_term(first_day, last_day, today),
        legal_basis=legal_basis,
        comparator=comparator,
    )
    validate(lease)
    check_stay(lease, first_day, last_day, today)
    lease.save()
    record(lease, step=LeaseStep.DRAFTED, from_state="", actor=actor, now=now)
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
    from_books: bool = False,
    step: LeaseStep = LeaseStep.RECORDED,
    reason: str = "",
    actor: Any,
    now: datetime,
) -> Lease:
    """Record a signed contract in one step: active, signed while its first day is to come, or ended when its last day
    is over (or `ended` says so).

    Raises SpaceTaken when another lease holds the space on one of the days, and what `draft_lease` raises. A contract
    that is history already is not measured by today's policy; one `from_books`, or the other half of a lease that goes
    on elsewhere, by its term alone.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    state = LeaseState.ENDED if ended else state_on(today, first_day, last_day)
    if state == LeaseState.ENDED:
        if last_day < first_day:
            raise EndBeforeStart
        period = days(first_day, last_day)
    else:
        period = checked_term(first_day, last_day, today)
    space = locked_space(space.pk)
    if state != LeaseState.ENDED:
        check_space(space, first_day, company)
    lease = Lease(
        company=company,
        space=space,
        period=period,
        state=state,
        legal_basis=legal_basis,
        comparator=comparator,
    )
    validate(lease)
    if state != LeaseState.ENDED and not from_books:
        check_stay(lease, first_day, last_day, today)
    with claiming(lease):
        lease.save()
    record(lease, step=step, from_state="", actor=actor, now=now, reason=reason)
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
    today = timezone.localdate(now)
    lease.period = days(first_day, last_day) if ended else checked_term(first_day, last_day, today)
    if before not in CLOSED_STATES:
        lease.state = LeaseState.ENDED if ended else state_on(today, first_day, last_day)
    lease.legal_basis = legal_basis
    validate(lease)
    with claiming(lease):
        lease.save()
    record(lease, step=LeaseStep.CORRECTED, from_state=before, actor=actor, now=now, reason=reason)
    return lease
