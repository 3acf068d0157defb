"""The steps of a lease: draft → offered → signed → active → ended or terminated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.errors import NotAllowed
from incubator.common.periods import days
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.errors import (
    LastDayOutside,
    NotBegun,
    ReasonMissing,
    StillRunning,
    WrongState,
    day_in_words,
)
from tenants.leases.models import ExtensionRequest, Lease
from tenants.leases.rules import may_manage_leases

from .leases import claiming, locked_lease, locked_space, record


def _held(lease: Lease) -> Lease:
    """The lease as it is now, space first and then lease held by this transaction: the order of every service here."""
    locked_space(lease.space_id)
    return locked_lease(lease)


def _demand(lease: Lease, allowed: Sequence[str], message: Any) -> None:
    if lease.state not in allowed:
        raise WrongState(message, state=lease.get_state_display())


def _step(lease: Lease, to_state: LeaseState, *, actor: Any, now: datetime, reason: str) -> Lease:
    before, lease.state = lease.state, to_state
    with claiming(lease):
        lease.save(update_fields=["state", "period", "updated_at"])
    record(lease, from_state=before, actor=actor, now=now, reason=reason)
    return lease


@transaction.atomic
def offer_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Draft → offered: from now on the lease holds its space. Raises WrongState, SpaceTaken."""
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = _held(lease)
    _demand(lease, [LeaseState.DRAFT], _("Only a draft can be offered. This lease is: %(state)s."))
    return _step(lease, LeaseState.OFFERED, actor=actor, now=now, reason=reason)


@transaction.atomic
def sign_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Offered → signed. Raises WrongState."""
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = _held(lease)
    _demand(lease, [LeaseState.OFFERED], _("Only an offered lease can be signed. This lease is: %(state)s."))
    return _step(lease, LeaseState.SIGNED, actor=actor, now=now, reason=reason)


@transaction.atomic
def activate_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Signed → active, on its first day or later. Raises WrongState, NotBegun."""
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = _held(lease)
    _demand(lease, [LeaseState.SIGNED], _("Only a signed lease can begin. This lease is: %(state)s."))
    if lease.period.lower > timezone.localdate(now):
        raise NotBegun(first=day_in_words(lease.period.lower))
    return _step(lease, LeaseState.ACTIVE, actor=actor, now=now, reason=reason)


@transaction.atomic
def end_lease(*, lease: Lease, actor: Any, now: datetime, reason: str = "") -> Lease:
    """Active → ended, once its last day is over. An open extension request is withdrawn with it.

    Raises WrongState, StillRunning.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    lease = _held(lease)
    _demand(lease, [LeaseState.ACTIVE], _("Only an active lease can end. This lease is: %(state)s."))
    if timezone.localdate(now) < lease.period.upper:
        raise StillRunning(last=day_in_words(lease.last_day))
    close_requests(lease, actor=actor, now=now)
    return _step(lease, LeaseState.ENDED, actor=actor, now=now, reason=reason)


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
    lease = _held(lease)
    live = [LeaseState.DRAFT, LeaseState.OFFERED, LeaseState.SIGNED, LeaseState.ACTIVE]
    _demand(lease, live, _("This lease is over already: %(state)s."))
    first, last = lease.period.lower, lease.last_day
    assert last
    if last_day > last or (lease.state == LeaseState.ACTIVE and last_day < first):
        raise LastDayOutside(first=day_in_words(first), last=day_in_words(last))
    unsigned = lease.state in (LeaseState.DRAFT, LeaseState.OFFERED)
    lease.period = DateRange(empty=True) if unsigned or last_day < first else days(first, last_day)
    close_requests(lease, actor=actor, now=now)
    return _step(lease, LeaseState.TERMINATED, actor=actor, now=now, reason=reason)


def close_requests(lease: Lease, *, actor: Any, now: datetime) -> None:
    """A lease that is over cannot be extended: what was still open is withdrawn."""
    for request in ExtensionRequest.objects.filter(lease=lease, state=ExtensionState.OPEN):
        request.state, request.decided_at = ExtensionState.WITHDRAWN, now
        request.decided_by = actor if getattr(actor, "pk", None) else None
        request.save(update_fields=["state", "decided_at", "decided_by", "updated_at"])


@dataclass(frozen=True)
class Advanced:
    activated: int
    ended: int


@transaction.atomic
def advance_leases(*, actor: Any, now: datetime) -> Advanced:
    """Begin the signed leases whose first day has come and end the active ones whose last day is over.

    Safe to run any number of times, late too: a lease that slept through its whole term begins and ends.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    waiting = Lease.objects.order_by("space_id", "pk")
    activated = ended = 0
    for lease in list(waiting.filter(state=LeaseState.SIGNED, period__startswith__lte=today)):
        lease = _held(lease)
        if lease.state == LeaseState.SIGNED:
            activate_lease(lease=lease, actor=actor, now=now)
            activated += 1
    for lease in list(waiting.filter(state=LeaseState.ACTIVE, period__endswith__lte=today)):
        lease = _held(lease)
        if lease.state == LeaseState.ACTIVE and lease.period.upper <= today:
            end_lease(lease=lease, actor=actor, now=now)
            ended += 1
    return Advanced(activated, ended)
