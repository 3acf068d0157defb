"""Insurance, fire training and their like: a company sends evidence in, a manager confirms it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.uploads import checked_document
from tenants.companies.models import Company
from tenants.deadlines.enums import DutyState
from tenants.deadlines.errors import (
    DutyDecided,
    EvidenceMissing,
    NotDoneYet,
    OverAlready,
    ReasonMissing,
    WaitsAlready,
    WrongOrder,
)
from tenants.deadlines.models import Duty, DutyKind
from tenants.deadlines.rules import may_manage_deadlines, may_send_in

WAITING = "deadlines_one_duty_waiting"


def _person(actor: Any) -> Any:
    return actor if getattr(actor, "pk", None) else None


def _new_duty(
    company: Company,
    kind: DutyKind,
    done_on: date,
    valid_until: date,
    evidence: Any,
    actor: Any,
    now: datetime,
) -> Duty:
    if done_on > timezone.localdate(now):
        raise NotDoneYet
    if valid_until < done_on:
        raise WrongOrder
    duty = Duty(
        company=company,
        kind=kind,
        done_on=done_on,
        valid_until=valid_until,
        submitted_by=_person(actor),
        submitted_at=now,
    )
    if evidence is not None:
        checked = checked_document(evidence)
        duty.evidence, duty.evidence_name, duty.evidence_type = (
            checked.file,
            checked.name,
            checked.content_type,
        )
    return duty


@transaction.atomic
def send_in_duty(
    *,
    company: Company,
    kind: DutyKind,
    done_on: date,
    valid_until: date,
    evidence: Any,
    actor: Any,
    now: datetime,
) -> Duty:
    """The company shows that it has done its duty; it counts once a manager has confirmed it.

    Raises NotAllowed, EvidenceMissing, NotDoneYet, WrongOrder, OverAlready, WaitsAlready, FileNotAllowed and its kin, Invalid.
    """
    if not may_send_in(actor, company.pk):
        raise NotAllowed
    if evidence is None:
        raise EvidenceMissing
    duty = _new_duty(company, kind, done_on, valid_until, evidence, actor, now)
    if valid_until < timezone.localdate(now):
        raise OverAlready
    validate(duty, exclude={"company", "kind", "submitted_by", "decided_by"})
    with refusing({WAITING: WaitsAlready}):
        duty.save()
    return duty


@transaction.atomic
def enter_duty(
    *,
    company: Company,
    kind: DutyKind,
    done_on: date,
    valid_until: date,
    actor: Any,
    now: datetime,
    evidence: Any = None,
    reason: str = "",
) -> Duty:
    """A manager enters what they have seen: that confirms it. Raises NotAllowed, NotDoneYet, WrongOrder, Invalid."""
    if not may_manage_deadlines(actor):
        raise NotAllowed
    duty = _new_duty(company, kind, done_on, valid_until, evidence, actor, now)
    duty.state, duty.decided_at, duty.decided_by = DutyState.CONFIRMED, now, _person(actor)
    duty.reason = reason.strip()
    validate(duty, exclude={"company", "kind", "submitted_by", "decided_by"})
    duty.save()
    return duty


def _decide(duty: Duty, state: str, reason: str, actor: Any, now: datetime) -> Duty:
    if not may_manage_deadlines(actor):
        raise NotAllowed
    duty = Duty.objects.select_for_update(no_key=True, of=("self",)).get(pk=duty.pk)
    if duty.state != DutyState.SUBMITTED:
        raise DutyDecided
    duty.state, duty.reason, duty.decided_at, duty.decided_by = state, reason.strip(), now, _person(actor)
    validate(duty, exclude={"company", "kind", "submitted_by", "decided_by"})
    duty.save(update_fields=["state", "reason", "decided_at", "decided_by", "updated_at"])
    return duty


@transaction.atomic
def confirm_duty(*, duty: Duty, actor: Any, now: datetime, reason: str = "") -> Duty:
    """It counts. Raises NotAllowed, DutyDecided."""
    return _decide(duty, DutyState.CONFIRMED, reason, actor, now)


@transaction.atomic
def refuse_duty(*, duty: Duty, reason: str, actor: Any, now: datetime) -> Duty:
    """It does not count, and why; the company may send in something else. Raises NotAllowed, ReasonMissing, DutyDecided."""
    if not reason.strip():
        raise ReasonMissing
    return _decide(duty, DutyState.REFUSED, reason, actor, now)


@transaction.atomic
def change_kind(*, kind: DutyKind, actor: Any, **values: Any) -> DutyKind:
    """Make or change a kind of duty. Raises NotAllowed, Invalid."""
    if not may_manage_deadlines(actor):
        raise NotAllowed
    for name, value in values.items():
        setattr(kind, name, value)
    validate(kind)
    kind.save()
    return kind
