"""Who came, and what was handed out."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed, validate
from incubator.common.uploads import checked_document
from tenants.consulting.locks import hold
from tenants.programmes import rules
from tenants.programmes.enums import Presence, ProgrammeState, SignUpState
from tenants.programmes.errors import (
    MeetingOff,
    NotAParticipant,
    NotBegun,
    TooManyMaterials,
    WrongState,
)
from tenants.programmes.models import Attendance, Material, Meeting, Programme, SignUp

EARLIEST = timedelta(minutes=30)
MOST_MATERIALS = 100


@transaction.atomic
def record_attendance(
    *, meeting: Meeting, sign_up: SignUp, presence: str, actor: Any, now: datetime
) -> Attendance:
    """Say what became of a participant at a meeting; said again, the last word counts, and its history is kept. A certificate
    that was issued stays. Raises NotAllowed, MeetingOff, NotBegun, NotAParticipant, Invalid."""
    if not rules.may_teach(actor, meeting.programme):
        raise NotAllowed
    _check_meeting(meeting, now)
    return _record(meeting, sign_up, presence, actor=actor, now=now)


@transaction.atomic
def record_rest_present(*, meeting: Meeting, actor: Any, now: datetime) -> int:
    """Everybody of whom nothing is recorded yet was there; how many. Raises NotAllowed, MeetingOff, NotBegun."""
    if not rules.may_teach(actor, meeting.programme):
        raise NotAllowed
    _check_meeting(meeting, now)
    rest = SignUp.objects.filter(programme=meeting.programme_id, state=SignUpState.SIGNED).exclude(
        attendances__meeting=meeting
    )
    found = list(rest.order_by("pk"))
    for sign_up in found:
        _record(meeting, sign_up, Presence.PRESENT, actor=actor, now=now)
    return len(found)


def _check_meeting(meeting: Meeting, now: datetime) -> None:
    if meeting.is_off:
        raise MeetingOff
    if now < meeting.starts - EARLIEST:
        raise NotBegun


def _record(meeting: Meeting, sign_up: SignUp, presence: str, *, actor: Any, now: datetime) -> Attendance:
    if sign_up.programme_id != meeting.programme_id or sign_up.state != SignUpState.SIGNED:
        raise NotAParticipant
    # Two devices of one teacher: the later tap is the one that counts.
    hold(("programme_meeting", meeting.pk))
    kept = Attendance.objects.filter(meeting=meeting, sign_up=sign_up).first()
    by = actor if getattr(actor, "pk", None) else None
    if kept is not None:
        if kept.presence != presence:
            kept.presence, kept.recorded_by, kept.recorded_at = presence, by, now
            validate(kept, exclude={"meeting", "sign_up", "programme", "company", "recorded_by"})
            kept.save(update_fields=["presence", "recorded_by", "recorded_at"])
        return kept
    made = Attendance(
        meeting=meeting,
        sign_up=sign_up,
        programme_id=meeting.programme_id,
        company_id=sign_up.company_id,
        presence=presence,
        recorded_by=by,
        recorded_at=now,
    )
    validate(made, exclude={"meeting", "sign_up", "programme", "company", "recorded_by"})
    made.save()
    return made


@transaction.atomic
def add_material(
    *, programme: Programme, meeting: Meeting | None = None, file: Any, actor: Any, now: datetime
) -> Material:
    """Hand a file out to the participants, for one meeting or all of the programme.

    Raises NotAllowed, WrongState, TooManyMaterials, FileTooLarge, FileEmpty, FileNotAllowed, NameNotContent.
    """
    if not rules.may_teach(actor, programme):
        raise NotAllowed
    if programme.state == ProgrammeState.OFF:
        raise WrongState(state=programme.get_state_display())
    checked = checked_document(file)
    hold(("programme_materials", programme.pk))
    if Material.objects.filter(programme=programme).count() >= MOST_MATERIALS:
        raise TooManyMaterials(most=MOST_MATERIALS)
    material = Material(
        programme=programme,
        meeting=meeting,
        name=checked.name,
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
        added_by=actor if getattr(actor, "pk", None) else None,
        added_at=now,
    )
    material.file.save(str(checked.file.name), checked.file, save=False)
    material.save()
    return material


@transaction.atomic
def remove_material(*, material: Material, actor: Any, now: datetime) -> None:
    """Hand a file out no longer; that it was is kept. Raises NotAllowed."""
    if not rules.may_teach(actor, material.programme):
        raise NotAllowed
    Material.objects.filter(pk=material.pk, removed_at=None).update(removed_at=now)
