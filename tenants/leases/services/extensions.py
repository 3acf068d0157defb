"""A company asks to stay longer; a manager decides."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.periods import days
from tenants.leases import limits
from tenants.leases.enums import EXTENDABLE_STATES, EndingState, ExtensionState, LeaseStep
from tenants.leases.errors import (
    AskedTooLate,
    EarlyEndOpen,
    ExtensionDecided,
    ExtensionOpen,
    NotLater,
    NotRunning,
    ReasonMissing,
    SpacePromised,
    day_in_words,
)
from tenants.leases.models import EarlyEnd, ExtensionRequest, Lease
from tenants.leases.rules import may_ask_extension, may_manage_leases
from tenants.leases.selectors.policies import policy_on
from tenants.leases.terms import ask_by

from .leases import check_stay
from .steps import claiming, locked_lease, locked_space, person, record


def _check_until(lease: Lease, until: date, today: date) -> None:
    if lease.state not in EXTENDABLE_STATES:
        raise NotRunning
    assert lease.first_day
    assert lease.last_day
    if until <= lease.last_day:
        raise NotLater(last=day_in_words(lease.last_day))
    policy = policy_on(today)
    limits.check_term(policy, lease.first_day, until, extending=True)
    limits.check_step(policy, lease.last_day, until)
    check_stay(lease, lease.first_day, until, today, field="until")
    if EarlyEnd.objects.filter(lease=lease, state=EndingState.AGREED).exists():
        raise EarlyEndOpen


@transaction.atomic
def request_extension(
    *, lease: Lease, until: date, reason: str, actor: Any, now: datetime
) -> ExtensionRequest:
    """Ask that the lease runs until and with the day `until`.

    Raises NotRunning, AskedTooLate (less than one month before the end), NotLater, ReasonMissing, ExtensionOpen, EarlyEndOpen
    (an earlier end is in force), and for a rule of today that it breaks ExtensionTooLong (the whole term, from the first
    day on), ExtensionStepTooLong, CompanyTooOld, TooManyYears.
    """
    if not may_ask_extension(actor, lease):
        raise NotAllowed
    today = timezone.localdate(now)
    _check_until(lease, until, today)
    assert lease.last_day
    deadline = ask_by(lease.last_day)
    if today > deadline:
        raise AskedTooLate(deadline=day_in_words(deadline))
    if not reason.strip():
        raise ReasonMissing
    request = ExtensionRequest(
        lease=lease,
        until=until,
        reason=reason.strip(),
        asked_by=person(actor),
        asked_at=now,
    )
    validate(request, exclude={"lease", "asked_by", "decided_by", "decided_at"})
    with refusing({"leases_one_open_extension": ExtensionOpen}):
        request.save()
    return request


def _locked_open(request: ExtensionRequest) -> ExtensionRequest:
    """Raises ExtensionDecided."""
    request = (
        ExtensionRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lease__space__building", "lease__company")
        .get(pk=request.pk)
    )
    if request.state != ExtensionState.OPEN:
        raise ExtensionDecided
    return request


def _decide(
    request: ExtensionRequest, state: ExtensionState, *, reason: str, actor: Any, now: datetime
) -> None:
    request.state, request.decided_at, request.decision_reason = state, now, reason.strip()
    request.decided_by = person(actor)
    validate(request, exclude={"lease", "asked_by", "decided_by"})
    request.save(update_fields=["state", "decided_at", "decided_by", "decision_reason", "updated_at"])


@transaction.atomic
def approve_extension(*, request: ExtensionRequest, reason: str = "", actor: Any, now: datetime) -> Lease:
    """Lengthen the lease as asked, and write the step down.

    Raises what `request_extension` raises but for its deadline, ExtensionDecided, SpacePromised (another lease holds the
    space then).
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    locked_space(request.lease.space_id)
    lease = locked_lease(request.lease)
    request = _locked_open(request)
    _check_until(lease, request.until, timezone.localdate(now))
    assert lease.first_day
    lease.period = days(lease.first_day, request.until)
    with claiming(lease, SpacePromised):
        lease.save(update_fields=["period", "updated_at"])
    _decide(request, ExtensionState.APPROVED, reason=reason, actor=actor, now=now)
    record(lease, step=LeaseStep.EXTENDED, from_state=lease.state, actor=actor, now=now, reason=reason)
    return lease


@transaction.atomic
def refuse_extension(
    *, request: ExtensionRequest, reason: str, actor: Any, now: datetime
) -> ExtensionRequest:
    """Refuse, with a reason that the company reads. Raises ReasonMissing, ExtensionDecided."""
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    request = _locked_open(request)
    _decide(request, ExtensionState.REFUSED, reason=reason, actor=actor, now=now)
    return request


@transaction.atomic
def withdraw_extension(*, request: ExtensionRequest, actor: Any, now: datetime) -> ExtensionRequest:
    """Take an open request back. Raises ExtensionDecided."""
    if not may_ask_extension(actor, request.lease):
        raise NotAllowed
    changed = ExtensionRequest.objects.filter(pk=request.pk, state=ExtensionState.OPEN).update(
        state=ExtensionState.WITHDRAWN,
        decided_at=now,
        decided_by=person(actor),
        updated_at=now,
    )
    if not changed:
        raise ExtensionDecided
    request.refresh_from_db()
    return request
