"""The steps of a lease: draft → offered → signed → active → ended or terminated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.leases import limits
from tenants.leases.enums import EndingState, ExtensionState, LeaseState, LeaseStep
from tenants.leases.errors import (
    LastDayOutside,
    NotBegun,
    ReasonMissing,
    SpaceHeldOver,
    StillRunning,
    day_in_words,
)
from tenants.leases.models import EarlyEnd, ExtensionRequest, Lease
from tenants.leases.rules import may_manage_leases
from tenants.leases.selectors.policies import policy_on

from .contracts import draw_up, withdraw_offer_paper
from .leases import check_space, check_stay
from .steps import demand, held, person, take_step


@transaction.atomic
def offer_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Draft → offered: from now on the lease holds its space, and its contract lies before the company to be signed.

    Raises WrongState, SpaceTaken, NoTemplate, SpaceClosed, BeforeOpening, SpaceHeldOver, and for a rule of today that the
    draft breaks TermTooLong, CompanyTooOld, TooManyYears.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease, today = held(lease), timezone.localdate(now)
    demand(lease, [LeaseState.DRAFT], _("Only a draft can be offered. This lease is: %(state)s."))
    first, last = lease.period.lower, lease.last_day
    assert last
    check_space(lease.space, first, lease.company)
    limits.check_term(policy_on(today), first, last)
    check_stay(lease, first, last, today)
    take_step(lease, LeaseState.OFFERED, LeaseStep.OFFERED, actor=actor, now=now, reason=reason)
    draw_up(lease, actor=actor, now=now)
    return lease


@transaction.atomic
def sign_lease(*, lease: Lease, reason: str, actor: Any, now: datetime) -> Lease:
    """Offered → signed, for a contract that was signed on paper outside: `reason` says which, and where it is kept.

    What is offered here is signed here: sign_contract, then countersign_contract. Raises ReasonMissing, WrongState.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    lease = held(lease)
    demand(lease, [LeaseState.OFFERED], _("Only an offered lease can be signed. This lease is: %(state)s."))
    return take_step(lease, LeaseState.SIGNED, LeaseStep.PAPER, actor=actor, now=now, reason=reason)


@transaction.atomic
def activate_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Signed → active, on its first day or later.

    Raises WrongState, NotBegun, SpaceHeldOver (the company before is still in the space).
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = held(lease)
    demand(lease, [LeaseState.SIGNED], _("Only a signed lease can begin. This lease is: %(state)s."))
    if lease.period.lower > timezone.localdate(now):
        raise NotBegun(first=day_in_words(lease.period.lower))
    return take_step(lease, LeaseState.ACTIVE, LeaseStep.BEGUN, actor=actor, now=now, reason=reason)


@transaction.atomic
def end_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Active → ended, once its last day is over; → terminated where that day was made earlier than the contract's.

    What is still open of it (an extension, an earlier end) is withdrawn with it. Raises WrongState, StillRunning.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = held(lease)
    demand(lease, [LeaseState.ACTIVE], _("Only an active lease can end. This lease is: %(state)s."))
    if timezone.localdate(now) < lease.period.upper:
        raise StillRunning(last=day_in_words(lease.last_day))
    close_requests(lease, actor=actor, now=now)
    early = EarlyEnd.objects.filter(lease=lease, state=EndingState.AGREED).first()
    if early is not None:
        why = reason or early.reason[:400]
        return take_step(lease, LeaseState.TERMINATED, LeaseStep.TERMINATED, actor=actor, now=now, reason=why)
    return take_step(lease, LeaseState.ENDED, LeaseStep.ENDED, actor=actor, now=now, reason=reason)


@transaction.atomic
def terminate_lease(*, lease: Lease, last_day: date, reason: str, actor: Any, now: datetime) -> Lease:
    """End a lease before its time: its period is cut to the last day that the company really had.

    What was never signed holds no day, and neither does a signed lease whose `last_day` lies before its first: its
    period becomes empty. Raises ReasonMissing, WrongState, LastDayOutside.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    lease = held(lease)
    live = [LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.SIGNED, LeaseState.ACTIVE]
    demand(lease, live, _("This lease is over already: %(state)s."))
    first, last = lease.period.lower, lease.last_day
    assert last
    if last_day > last or (lease.state == LeaseState.ACTIVE and last_day < first):
        raise LastDayOutside(first=day_in_words(first), last=day_in_words(last))
    unsigned = lease.state in (LeaseState.DRAFT, LeaseState.OFFERED)
    lease.period = DateRange(empty=True) if unsigned or last_day < first else days(first, last_day)
    close_requests(lease, actor=actor, now=now)
    if lease.state == LeaseState.OFFERED:
        withdraw_offer_paper(lease, actor=actor, now=now)
    return take_step(lease, LeaseState.TERMINATED, LeaseStep.TERMINATED, actor=actor, now=now, reason=reason)


def close_requests(lease: Lease, *, actor: Any, now: datetime) -> None:
    """A lease that is over cannot be extended, nor end earlier: what was still open is withdrawn."""
    extensions = ExtensionRequest.objects.filter(lease=lease, state=ExtensionState.OPEN)
    endings = EarlyEnd.objects.filter(lease=lease, state=EndingState.OPEN)
    open_ones: list[tuple[Any, str]] = [(each, ExtensionState.WITHDRAWN) for each in extensions]
    open_ones += [(each, EndingState.WITHDRAWN) for each in endings]
    for request, state in open_ones:
        request.state, request.decided_at, request.decided_by = state, now, person(actor)
        request.save(update_fields=["state", "decided_at", "decided_by", "updated_at"])


@dataclass(frozen=True)
class Advanced:
    activated: int
    ended: int


@transaction.atomic
def advance_leases(*, actor: Any, now: datetime) -> Advanced:
    """Begin the signed leases whose first day has come and end the active ones whose last day is over.

    One whose space the company before has not left stays signed, until a manager resolves that stay. Safe to run any
    number of times, late too: a lease that slept through its whole term begins and ends.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    waiting = Lease.objects.order_by("space_id", "pk")
    activated = ended = 0
    for lease in list(waiting.filter(state=LeaseState.SIGNED, period__startswith__lte=today)):
        lease = held(lease)
        if lease.state == LeaseState.SIGNED and not lease.period.isempty and lease.period.lower <= today:
            try:
                activate_lease(lease=lease, actor=actor, now=now)
            except SpaceHeldOver:
                continue
            activated += 1
    for lease in list(waiting.filter(state=LeaseState.ACTIVE, period__endswith__lte=today)):
        lease = held(lease)
        if lease.state == LeaseState.ACTIVE and lease.period.upper <= today:
            end_lease(lease=lease, actor=actor, now=now)
            ended += 1
    return Advanced(activated, ended)
