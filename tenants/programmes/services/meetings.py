"""The dates of a programme, and the time of teachers and rooms that they hold."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.consulting.enums import Place
from tenants.consulting.models import MeetingRoom, TimeHold
from tenants.consulting.services import hold_time, release_time
from tenants.programmes import rules
from tenants.programmes.enums import ProgrammeState
from tenants.programmes.errors import (
    BadTime,
    MeetingOff,
    MeetingsOverlap,
    PlaceMissing,
    ReasonMissing,
    TimePast,
    WrongState,
)
from tenants.programmes.models import Meeting, MeetingLink, Programme

from .mails import participants, tell

LONGEST = timedelta(hours=12)
_APART = {"programmes_meetings_apart": MeetingsOverlap}
PLANNED = (ProgrammeState.DRAFT, ProgrammeState.OPEN, ProgrammeState.RUNNING)


def _place(place: str, room: MeetingRoom | None, online_url: str, address: str) -> dict[str, Any]:
    given = {Place.ROOM: room, Place.ONLINE: online_url, Place.VISIT: address.strip()}
    if place not in given or not given[Place(place)]:
        raise PlaceMissing
    return {
        "place": place,
        "room": room if place == Place.ROOM else None,
        "address": address.strip() if place == Place.VISIT else "",
    }


def _held(programme: Programme, meeting: Meeting, *, actor: Any, now: datetime) -> TimeHold | None:
    """The hold of its teacher, if they are ours, and of its room; None where there is neither."""
    if programme.adviser is None and meeting.room is None:
        if meeting.hold is not None:
            release_time(hold=meeting.hold, actor=actor)
        return None
    return hold_time(
        adviser=programme.adviser,
        room=meeting.room,
        starts=meeting.starts,
        ends=meeting.ends,
        what=programme.title,
        actor=actor,
        now=now,
        instead_of=meeting.hold,
    )


def hold_again(meeting: Meeting, programme: Programme, *, actor: Any, now: datetime) -> None:
    """Hold the time of a meeting anew, of whoever teaches the programme now. Raises AdviserHeld, RoomTaken."""
    meeting.hold = _held(programme, meeting, actor=actor, now=now)
    meeting.save(update_fields=["hold", "updated_at"])


def _check_time(starts: datetime, ends: datetime) -> None:
    if not starts < ends <= starts + LONGEST:
        raise BadTime(hours=LONGEST // timedelta(hours=1))


def _keep_link(meeting: Meeting, place: str, url: str) -> None:
    if place != Place.ONLINE:
        MeetingLink.objects.filter(meeting=meeting).update(url="")
        return
    link = MeetingLink(meeting=meeting, url=url)
    validate(link, exclude={"meeting"})
    MeetingLink.objects.update_or_create(meeting=meeting, defaults={"url": url})


@transaction.atomic
def plan_meeting(
    *,
    programme: Programme,
    starts: datetime,
    ends: datetime,
    place: str,
    room: MeetingRoom | None = None,
    online_url: str = "",
    address: str = "",
    subject: str = "",
    actor: Any,
    now: datetime,
) -> Meeting:
    """Add a date; the teacher, if they are ours, and the room are nowhere else then.

    Raises NotAllowed, WrongState, BadTime, TimePast, PlaceMissing, MeetingsOverlap, AdviserHeld, RoomTaken, Invalid.
    """
    if not rules.may_manage(actor):
        raise NotAllowed
    if programme.state not in PLANNED:
        raise WrongState(state=programme.get_state_display())
    _check_time(starts, ends)
    if starts <= now:
        raise TimePast
    meeting = Meeting(
        programme=programme,
        period=DateTimeTZRange(starts, ends),
        subject=subject.strip(),
        **_place(place, room, online_url, address),
    )
    validate(meeting, exclude={"programme", "room", "hold"})
    meeting.hold = _held(programme, meeting, actor=actor, now=now)
    with refusing(_APART):
        meeting.save()
    _keep_link(meeting, place, online_url)
    return meeting


@transaction.atomic
def change_meeting(
    *,
    meeting: Meeting,
    starts: datetime,
    ends: datetime,
    place: str,
    room: MeetingRoom | None = None,
    online_url: str = "",
    address: str = "",
    subject: str = "",
    actor: Any,
    now: datetime,
) -> Meeting:
    """Move a coming meeting, or change its place or subject; participants are told by mail of another time or place.

    Raises NotAllowed, WrongState, MeetingOff, BadTime, TimePast, PlaceMissing, MeetingsOverlap, AdviserHeld, RoomTaken, Invalid.
    """
    if not rules.may_manage(actor):
        raise NotAllowed
    current = _current(meeting)
    _check_time(starts, ends)
    if current.starts <= now or starts <= now:
        raise TimePast
    before = (current.period, current.place, current.room, current.address, current.online_url)
    current.period, current.subject = DateTimeTZRange(starts, ends), subject.strip()
    for name, value in _place(place, room, online_url, address).items():
        setattr(current, name, value)
    validate(current, exclude={"programme", "room", "hold"})
    url = online_url if place == Place.ONLINE else ""
    is_other = before != (current.period, current.place, current.room, current.address, url)
    if is_other:
        current.hold = _held(current.programme, current, actor=actor, now=now)
        current.sequence += 1
    with refusing(_APART):
        current.save()
    _keep_link(current, place, online_url)
    if is_other and current.programme.state != ProgrammeState.DRAFT:
        tell(
            "meeting_changed",
            f"meeting/{current.pk}/{current.sequence}",
            participants(current.programme),
            programme=current.programme,
            meeting=current,
            now=now,
        )
    return current


def _current(meeting: Meeting) -> Meeting:
    current = (
        Meeting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__adviser__user", "room", "hold", "link")
        .get(pk=meeting.pk)
    )
    if current.is_off:
        raise MeetingOff
    if current.programme.state not in PLANNED:
        raise WrongState(state=current.programme.get_state_display())
    return current


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, reason: str, actor: Any, now: datetime) -> Meeting:
    """Call one date off; it counts for nobody's attendance, and its time is free again. Participants are told by mail.

    Raises NotAllowed, ReasonMissing, WrongState, MeetingOff, TimePast.
    """
    if not rules.may_manage(actor):
        raise NotAllowed
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    current = _current(meeting)
    if current.starts <= now:
        raise TimePast
    if current.hold is not None:
        release_time(hold=current.hold, actor=actor)
    current.is_off, current.off_reason, current.hold = True, reason, None
    current.sequence += 1
    validate(current, exclude={"programme", "room", "hold"})
    current.save(update_fields=["is_off", "off_reason", "hold", "sequence", "updated_at"])
    if current.programme.state != ProgrammeState.DRAFT:
        tell(
            "meeting_off",
            f"meeting/{current.pk}/off",
            participants(current.programme),
            programme=current.programme,
            meeting=current,
            now=now,
        )
    return current
