"""A programme from its draft to its end."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.consulting.locks import hold
from tenants.consulting.models import Adviser
from tenants.consulting.services import release_time
from tenants.programmes import rules
from tenants.programmes.enums import ProgrammeState
from tenants.programmes.errors import (
    BadWindow,
    NoMeeting,
    ReasonMissing,
    SeatsTaken,
    TeacherMissing,
    WrongState,
)
from tenants.programmes.models import Meeting, Programme

from .mails import participants, tell
from .meetings import hold_again
from .sign_ups import fill_seats

_SEATS = {"programmes_seats_suffice": SeatsTaken}
LIVE = (ProgrammeState.DRAFT, ProgrammeState.OPEN, ProgrammeState.RUNNING)


def _check(programme: Programme) -> None:
    if bool(programme.adviser_id) == bool(programme.teacher_name):
        raise TeacherMissing
    if programme.opens_at and programme.closes_at and programme.opens_at >= programme.closes_at:
        raise BadWindow
    validate(programme, exclude={"adviser"})


def locked(programme: Programme) -> Programme:
    """The programme as it is now, held until the transaction ends."""
    hold(("programme", programme.pk))
    return Programme.objects.select_related("adviser").get(pk=programme.pk)


@transaction.atomic
def create_programme(
    *, title: str, adviser: Adviser | None = None, teacher_name: str = "", actor: Any, **values: Any
) -> Programme:
    """Begin a draft, which nobody but the office sees. Raises NotAllowed, TeacherMissing, BadWindow, Invalid."""
    if not rules.may_manage(actor):
        raise NotAllowed
    programme = Programme(title=title, adviser=adviser, teacher_name=teacher_name.strip(), **values)
    _check(programme)
    programme.save()
    return programme


@transaction.atomic
def change_programme(*, programme: Programme, actor: Any, now: datetime, **values: Any) -> Programme:
    """Change what a programme says. With more seats, those who wait move up; with another teacher, the time of the coming
    meetings is held of them. Raises NotAllowed, WrongState, TeacherMissing, BadWindow, SeatsTaken, AdviserHeld, Invalid."""
    if not rules.may_manage(actor):
        raise NotAllowed
    current = locked(programme)
    if current.state not in LIVE:
        raise WrongState(state=current.get_state_display())
    teacher = current.adviser_id
    for name, value in values.items():
        setattr(current, name, value)
    current.teacher_name = current.teacher_name.strip()
    _check(current)
    with refusing(_SEATS):
        current.save(update_fields=[*values, "updated_at"])
    if current.adviser_id != teacher:
        for meeting in Meeting.objects.filter(
            programme=current, is_off=False, period__endswith__gt=now
        ).select_related("room", "hold"):
            hold_again(meeting, current, actor=actor, now=now)
    fill_seats(current, now=now)
    current.refresh_from_db()
    return current


@transaction.atomic
def publish_programme(*, programme: Programme, actor: Any, now: datetime) -> Programme:
    """Let companies see a draft and sign up within its window. Raises NotAllowed, WrongState, NoMeeting."""
    if not rules.may_manage(actor):
        raise NotAllowed
    current = locked(programme)
    if current.state != ProgrammeState.DRAFT:
        raise WrongState(state=current.get_state_display())
    if not Meeting.objects.filter(programme=current, is_off=False).exists():
        raise NoMeeting
    current.state = ProgrammeState.OPEN
    current.save(update_fields=["state", "updated_at"])
    return current


@transaction.atomic
def call_off_programme(*, programme: Programme, reason: str, actor: Any, now: datetime) -> Programme:
    """Call a programme off: the coming meetings are no more, their time is free again, and whoever has a seat or waits for
    one is told by mail. Raises NotAllowed, ReasonMissing, WrongState."""
    if not rules.may_manage(actor):
        raise NotAllowed
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    current = locked(programme)
    if current.state not in LIVE:
        raise WrongState(state=current.get_state_display())
    was_draft = current.state == ProgrammeState.DRAFT
    current.state, current.off_at, current.off_reason = ProgrammeState.OFF, now, reason
    validate(current, exclude={"adviser"})
    current.save(update_fields=["state", "off_at", "off_reason", "updated_at"])
    coming = Meeting.objects.filter(programme=current, is_off=False, period__endswith__gt=now)
    for meeting in coming.select_related("hold"):
        if meeting.hold is not None:
            release_time(hold=meeting.hold, actor=actor)
        meeting.is_off, meeting.off_reason, meeting.hold = True, reason, None
        meeting.sequence += 1
        meeting.save(update_fields=["is_off", "off_reason", "hold", "sequence", "updated_at"])
    people = participants(current, waiting=True)
    if current.adviser and current.adviser.user and not was_draft:
        people.append(current.adviser.user)
    tell("called_off", f"{current.pk}/off", people, programme=current, now=now)
    return current


@transaction.atomic
def move_on(*, now: datetime) -> int:
    """Programmes whose first meeting has begun are running, those whose last one has ended are over; how many moved."""
    found = Programme.objects.filter(state__in=[ProgrammeState.OPEN, ProgrammeState.RUNNING]).annotate(
        begins=Min("meetings__period__startswith", filter=Q(meetings__is_off=False)),
        ends=Max("meetings__period__endswith", filter=Q(meetings__is_off=False)),
    )
    moved = 0
    for programme in found.order_by("pk"):
        state = programme.state
        if programme.ends is not None and programme.ends <= now:
            state = ProgrammeState.OVER
        elif programme.begins is not None and programme.begins <= now:
            state = ProgrammeState.RUNNING
        if state != programme.state:
            moved += Programme.objects.filter(pk=programme.pk, state=programme.state).update(
                state=state, updated_at=now
            )
    return moved
