"""Admission, moving in, graduation and leaving early: what spans companies, their people and their leases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from incubator.common.display import day
from incubator.common.errors import DomainError, NotAllowed
from tenants.companies.enums import LIVE_RESIDENCIES, AlumniOutcome, ResidencyState
from tenants.companies.models import AlumniRecord, Company, Residency
from tenants.companies.rules import may_manage_companies
from tenants.companies.services import change_residency, enrol_company, record_alumni
from tenants.compute.services import return_all
from tenants.leases.enums import CLOSED_STATES, HandoverState, LeaseState
from tenants.leases.models import Handover, Lease
from tenants.leases.services import close_handover
from tenants.papers.models import Paper

from .certificates import issue_graduation
from .errors import (
    HandoverRefused,
    HandoversOpen,
    LastDayAhead,
    LeaseOutlivesResidency,
    NotAdmitted,
    NotInResidence,
    ReasonMissing,
)


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
    """The company completes its stay on `last_day`, the last day held. From then on its people read what it did and write
    nothing. `complete_handover` does this and all that goes with it.

    Raises NotAllowed, NotInResidence, LastDayAhead, LeaseOutlivesResidency, HandoversOpen, ResidencyTooShort.
    """
    held = _held(residency, actor)
    if held.state != ResidencyState.RESIDENT:
        raise NotInResidence
    _demand_handed_over(held)
    return _end(held, ResidencyState.GRADUATED, last_day, reason, actor, now)


@dataclass(frozen=True)
class Completed:
    """What a completed stay has left behind. `returned_gflop` are the credits that went back to their pools."""

    residency: Residency
    handovers: Sequence[Handover]
    returned_gflop: int
    alumni: AlumniRecord
    certificate: Paper


@transaction.atomic
def complete_handover(
    *,
    residency: Residency,
    last_day: date,
    outcome: str = AlumniOutcome.OPERATING,
    note: str = "",
    contact_consent: bool = False,
    contact_name: str = "",
    contact_email: str = "",
    language: str = "ko",
    reason: str = "",
    actor: Any,
    now: datetime,
) -> Completed:
    """The end of a stay in one step, all of it or nothing: its open handovers are closed, what is left of its credits
    returns to the pools, the stay ends as graduated (so that the company's people only read from now on), the alumni
    record is made and the certificate issued.

    Raises, in this order: NotAllowed, NotInResidence, LastDayAhead, LeaseOutlivesResidency, HandoverRefused (with what is
    still to do), CreditsHeld, ResidencyTooShort, ContactMissing, Invalid.
    """
    held = _held(residency, actor)
    if held.state != ResidencyState.RESIDENT:
        raise NotInResidence
    _demand_over(held, last_day, now)
    handovers = [_closed(handover, reason, actor, now) for handover in _open_handovers(held)]
    with translation.override("ko"):
        why = gettext("The company has completed its stay.")
    # The rule returns them, not the person: who sees a company off need not be who manages credits.
    returned = return_all(company_id=held.company_id, reason=why, actor=None, now=now)
    graduated = graduate_company(residency=held, last_day=last_day, actor=actor, now=now, reason=reason)
    alumni = record_alumni(
        residency=graduated,
        left_on=last_day,
        outcome=outcome,
        note=note,
        contact_consent=contact_consent,
        contact_name=contact_name,
        contact_email=contact_email,
        actor=actor,
        now=now,
    )
    certificate = issue_graduation(residency=graduated, language=language, actor=actor, now=now)
    return Completed(
        residency=graduated,
        handovers=handovers,
        returned_gflop=sum(transfer.amount_gflop for transfer in returned),
        alumni=alumni,
        certificate=certificate,
    )


def _open_handovers(residency: Residency) -> Sequence[Handover]:
    found = Handover.objects.filter(company=residency.company, state=HandoverState.OPEN)
    return list(found.select_related("lease__space__building").order_by("pk"))


def _closed(handover: Handover, note: str, actor: Any, now: datetime) -> Handover:
    try:
        return close_handover(handover=handover, note=note, actor=actor, now=now)
    except DomainError as error:
        raise HandoverRefused(space=handover.lease.space.place, why=str(error)) from error


def _demand_handed_over(residency: Residency) -> None:
    places = [handover.lease.space.place for handover in _open_handovers(residency)]
    if places:
        raise HandoversOpen(spaces=", ".join(places))


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
    _demand_over(residency, last_day, now)
    return change_residency(
        residency=residency, state=state, last_day=last_day, reason=reason, actor=actor, now=now
    )


def _demand_over(residency: Residency, last_day: date, now: datetime) -> None:
    """Raises LastDayAhead, LeaseOutlivesResidency."""
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
