"""What was advised, what is to follow, and what the adviser tells the camp office alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.uploads import Document
from tenants.consulting import policy, rules
from tenants.consulting.enums import BookingState, StepState
from tenants.consulting.errors import (
    DuePast,
    NobodyCame,
    OtherCompanysReport,
    ReasonMissing,
    SameStep,
    StepClosed,
    StepUnknown,
    TooManyFiles,
    TooManySteps,
)
from tenants.consulting.locks import hold
from tenants.consulting.models import Booking, NextStep, ReportFile, ReportNote, SessionReport

from .after import begun
from .files import check_files


@dataclass(frozen=True)
class StepDraft:
    """A next step as it is written down. `step` is the id of an open one that is being corrected."""

    text: str
    owner: str
    due_on: date
    step: int | None = None


@transaction.atomic
def write_report(
    *,
    booking: Booking,
    field: str,
    advice: str,
    steps: Sequence[StepDraft] = (),
    files: Sequence[Any] = (),
    note: str | None = None,
    differs_from: SessionReport | None = None,
    actor: Any,
    now: datetime,
) -> SessionReport:
    """Write what was advised and what follows, or correct it: history keeps what was written before.

    Steps that are not named stay as they are, and one that is written again is the same one; so are files of the same
    content. The company and its next advisers read all of it but `note`, which is for the camp office alone (None leaves
    what was written).
    Raises NotAllowed, AlreadyCancelled, SessionAhead, NobodyCame (recorded as not held), TooManySteps, StepUnknown, SameStep,
    DuePast, OtherCompanysReport, TooManyFiles, the refusals of files, Invalid.
    """
    if not rules.may_write_report(actor, booking):
        raise NotAllowed
    documents = check_files(files)
    current = begun(booking, now)
    if current.state == BookingState.MISSED:
        raise NobodyCame
    report = _written(
        current, field=field, advice=advice.strip(), differs_from=differs_from, actor=actor, now=now
    )
    _agree(report, steps, now=now)
    _keep(report, documents, actor=actor, now=now)
    if note is not None:
        _tell_office(report, note.strip(), actor=actor, now=now)
    return report


def _written(
    booking: Booking,
    *,
    field: str,
    advice: str,
    differs_from: SessionReport | None,
    actor: Any,
    now: datetime,
) -> SessionReport:
    if differs_from and (differs_from.company_id != booking.company_id or differs_from.pk == booking.pk):
        raise OtherCompanysReport
    found = SessionReport.objects.filter(booking=booking).first()
    values = {"field": field, "advice": advice, "differs_from_id": differs_from.pk if differs_from else None}
    if found and all(getattr(found, name) == value for name, value in values.items()):
        return found
    report = found or SessionReport(
        booking=booking,
        company_id=booking.company_id,
        adviser_id=booking.adviser_id,
        session_on=timezone.localdate(booking.starts),
        written_at=now,
    )
    for name, value in values.items():
        setattr(report, name, value)
    report.written_by = actor
    report.corrected_at = now if found else None
    validate(report, exclude={"booking", "company", "adviser", "written_by", "differs_from"})
    report.save()
    return report


def _agree(report: SessionReport, drafts: Sequence[StepDraft], *, now: datetime) -> None:
    known = {step.pk: step for step in NextStep.objects.filter(report=report)}
    said = {(step.owner, step.text): step for step in known.values()}
    today = timezone.localdate(now)
    for draft in drafts:
        text = draft.text.strip()
        step = said.get((draft.owner, text))
        if draft.step is not None:
            same, step = step, known.get(draft.step)
            if step is None or not step.is_open:
                raise StepUnknown
            if same is not None and same is not step:
                raise SameStep
        elif step is not None and not step.is_open:
            continue
        if step is None:
            step = NextStep(
                report=report, company_id=report.company_id, adviser_id=report.adviser_id, agreed_at=now
            )
        _put(step, text=text, owner=draft.owner, due_on=draft.due_on, today=today)
        said[step.owner, step.text] = step
        known[step.pk] = step
    if len(known) > policy.MOST_STEPS:
        raise TooManySteps(most=policy.MOST_STEPS)


def _put(step: NextStep, *, text: str, owner: str, due_on: date, today: date) -> None:
    if step.pk and (step.text, step.owner, step.due_on) == (text, owner, due_on):
        return
    if step.due_on != due_on:
        if not today <= due_on <= today + policy.STEP_AHEAD:
            raise DuePast
        # Another day, another reminder.
        step.reminded_at = None
    step.text, step.owner, step.due_on = text, owner, due_on
    validate(step, exclude={"report", "company", "adviser"})
    with refusing({"consulting_step_agreed_once": SameStep}):
        step.save()


def _keep(report: SessionReport, documents: Sequence[Document], *, actor: Any, now: datetime) -> None:
    kept = set(ReportFile.objects.filter(report=report).values_list("sha256", flat=True))
    fresh = {each.sha256: each for each in documents if each.sha256 not in kept}
    if len(kept) + len(fresh) > policy.MOST_FILES:
        raise TooManyFiles(most=policy.MOST_FILES)
    for each in fresh.values():
        ReportFile.objects.create(
            report=report,
            company_id=report.company_id,
            adviser_id=report.adviser_id,
            file=each.file,
            name=each.name,
            content_type=each.content_type,
            size=each.size,
            sha256=each.sha256,
            added_by=actor,
            added_at=now,
        )


def _tell_office(report: SessionReport, text: str, *, actor: Any, now: datetime) -> None:
    note = ReportNote.objects.filter(report=report).first()
    if (note.text if note else "") == text:
        return
    note = note or ReportNote(report=report, company_id=report.company_id, adviser_id=report.adviser_id)
    note.text, note.written_by, note.written_at = text, actor, now
    validate(note, exclude={"report", "company", "adviser", "written_by"})
    note.save()


@transaction.atomic
def finish_step(*, step: NextStep, actor: Any, now: datetime) -> NextStep:
    """Say that a step is done; said again, it stays done as it was. Raises NotAllowed, StepClosed (dropped)."""
    return _close(step, StepState.DONE, reason="", actor=actor, now=now)


@transaction.atomic
def drop_step(*, step: NextStep, reason: str, actor: Any, now: datetime) -> NextStep:
    """Say that a step will not be done, and why. Raises NotAllowed, ReasonMissing, StepClosed (done), Invalid."""
    if not reason.strip():
        raise ReasonMissing
    return _close(step, StepState.DROPPED, reason=reason.strip(), actor=actor, now=now)


def _close(step: NextStep, state: StepState, *, reason: str, actor: Any, now: datetime) -> NextStep:
    if not rules.may_close_step(actor, step):
        raise NotAllowed
    hold(("step", step.pk))
    current = NextStep.objects.get(pk=step.pk)
    if current.state == state:
        return current
    if not current.is_open:
        raise StepClosed
    current.state, current.reason = state, reason
    current.closed_by, current.closed_at = actor, now
    validate(current, exclude={"report", "company", "adviser", "closed_by"})
    current.save(update_fields=["state", "reason", "closed_by", "closed_at", "updated_at"])
    return current
