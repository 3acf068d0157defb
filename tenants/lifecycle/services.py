"""Admission, moving in, graduation and leaving early: what spans companies, their people and their leases."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.display import day
from incubator.common.errors import NotAllowed
from tenants.companies.enums import LIVE_RESIDENCIES, ResidencyState
from tenants.companies.models import Company, Residency
from tenants.companies.rules import may_manage_companies
from tenants.companies.services import change_residency, enrol_company
from tenants.leases.enums import CLOSED_STATES, LeaseState
from tenants.leases.models import Lease

from .errors import LastDayAhead, LeaseOutlivesResidency, NotAdmitted, NotInResidence, ReasonMissing


@transaction.atomic
def admit_company(*, first_day: date, base_url: str, actor: Any, now: datetime, **profile: Any) -> Company:
    """Admit a new company from `first_day` on and mail its owner's invitation.

    `profile` is what `companies.services.create_company` takes. Raises what that raises, and ResidencyOverlaps.
    """
    return enrol_company(first_day=first_day, base_url=base_url, actor=actor, now=now, **profile)


@transaction.atomic
def begin_residency(*, residency: Residency, first_day: date, actor: Any, now: datetime) -> Residency:
    """The admitted company moves in on `first_day`. Raises NotAllowed, NotAdmitted, ResidencyOverlaps."""
    held = _held(residency, actor)
    if held.state != ResidencyState.ADMITTED:
        raise NotAdmitted
    return change_residency(
        residency=held, state=ResidencyState.RESIDENT, first_day=first_day, actor=actor, now=now
    )


@transaction.atomic
def graduate_company(
    *, residency: Residency, last_day: date, actor: Any, now: datetime, reason: str = ""
) -> Residency:
    """The company completes its stay on `last_day`, the last day held. What it did stays for it to read.

    Raises NotAllowed, NotInResidence, LastDayAhead, LeaseOutlivesResidency, ResidencyTooShort.
    """
    held = _held(residency, actor)
    if held.state != ResidencyState.RESIDENT:
        raise NotInResidence
    return _end(held, ResidencyState.GRADUATED, last_day, reason, actor, now)


@transaction.atomic
def leave_early(*, residency: Residency, last_day: date, reason: str, actor: Any, now: datetime) -> Residency:
    """The company leaves before its stay is complete, or never moves in; `reason` is kept.

    Raises NotAllowed, ReasonMissing, NotInResidence, LastDayAhead, LeaseOutlivesResidency, ResidencyTooShort.
    """
    held = _held(residency, actor)
    if not reason.strip():
        raise ReasonMissing
    if held.state not in LIVE_RESIDENCIES:
        raise NotInResidence
    return _end(held, ResidencyState.LEFT_EARLY, last_day, reason, actor, now)


def _held(residency: Residency, actor: Any) -> Residency:
    """The residency as it is now, kept from others until the transaction ends. Raises NotAllowed."""
    if not may_manage_companies(actor):
        raise NotAllowed
    return Residency.objects.select_for_update(of=("self",)).select_related("company").get(pk=residency.pk)


def _end(
    residency: Residency, state: str, last_day: date, reason: str, actor: Any, now: datetime
) -> Residency:
    if last_day > timezone.localdate(now):
        raise LastDayAhead
    running = (
        Lease.objects.filter(company=residency.company, period__endswith__gt=last_day)
        .exclude(state__in=[*CLOSED_STATES, LeaseState.DRAFT])
        .select_related("space__building")
        .order_by("-period")
    )
    for lease in running:
        if lease.last_day and lease.last_day > last_day:
            raise LeaseOutlivesResidency(space=lease.space.place, day=day(lease.last_day))
    return change_residency(
        residency=residency, state=state, last_day=last_day, reason=reason, actor=actor, now=now
    )
