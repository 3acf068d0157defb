from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.optimise.timetable_check import check_repair, check_timetable
from incubator.optimise.timetable_types import Day, Timetable
from tenants.consulting.services import hold_times, still_times
from tenants.mentordays.enums import ArrangementState, DayState
from tenants.mentordays.errors import CheckFailed, InputChanged, NotADraft, OtherPublished
from tenants.mentordays.models import Arrangement, Meeting, MentorDay, MentorSlot
from tenants.mentordays.problem import held_word, read_problem, whole_time
from tenants.mentordays.snapshot import asked_of, day_of, repair_of, snapshot_of, timetable_of

from .mails import tell_published, tell_repaired
from .parts import managed, person


def timetable_in(arrangement: Arrangement) -> Timetable:
    """The timetable that the rows of a version say, whatever was computed."""
    meetings = Meeting.objects.filter(arrangement=arrangement).held().order_by()
    unmet = arrangement.unmet.order_by()
    return timetable_of(
        meetings=meetings.values_list("company_id", "adviser_id", "slot__number", "table_id"),
        unmet=unmet.values_list("company_id", "adviser_id", "worth", "why"),
        kept=arrangement,
    )


@transaction.atomic
def publish(*, arrangement: Arrangement, actor: Any, now: datetime, notify: bool = True) -> Arrangement:
    """Make a draft the timetable that everybody sees. One that was computed anew holds the advisers' time in consulting and
    tells all; a repair tells those whom it touches.

    Raises NotAllowed, NotADraft, OtherPublished (somebody was faster), InputChanged, CheckFailed, WrongState, AdviserBooked.
    """
    day = managed(arrangement.day_id, actor)
    current = Arrangement.objects.select_related("parent").get(pk=arrangement.pk)
    if current.state != ArrangementState.DRAFT:
        raise NotADraft
    published = Arrangement.objects.filter(day=day, state=ArrangementState.PUBLISHED).first()
    if published is not None and published.pk != current.parent_id:
        raise OtherPublished
    managed(day.pk, actor, DayState.PUBLISHED if current.parent_id else DayState.ARRANGED)
    if current.parent is None:
        _still_true(day, current, actor)
    _check(current)
    if published is not None:
        published.state = ArrangementState.REPLACED
        published.save(update_fields=["state"])
    current.state, current.published_at, current.published_by = (
        ArrangementState.PUBLISHED,
        now,
        person(actor),
    )
    current.save(update_fields=["state", "published_at", "published_by"])
    if published is None:
        slots = list(MentorSlot.objects.filter(day=day).order_by("number"))
        hold_times(
            spans=_presence(day_of(current.input), slots),
            held_for=held_word(day.pk),
            reason=day.title,
            actor=actor,
            now=now,
        )
        day.state = DayState.PUBLISHED
        day.save(update_fields=["state", "updated_at"])
    if notify:
        if published is None:
            tell_published(day, current, now=now)
        else:
            tell_repaired(day, current, now=now)
    return current


def _still_true(day: MentorDay, current: Arrangement, actor: Any) -> None:
    """Nobody books the advisers from here on; and what was computed from is still so, but for locks."""
    slots = list(MentorSlot.objects.filter(day=day).order_by("number"))
    advisers = [pk for pk, _maximum, _absent in current.input["advisers"]]
    still_times(adviser_ids=advisers, within=whole_time(slots), actor=actor)
    now_read = snapshot_of(read_problem(day).day)
    if {**current.input, "locked": []} != {**now_read, "locked": []}:
        raise InputChanged


def _check(current: Arrangement) -> None:
    """Ask the checker, which shares no code with the solver, of what the rows say."""
    day, timetable = day_of(current.input), timetable_in(current)
    if current.parent is None:
        broken = check_timetable(day, timetable)
    else:
        repair = repair_of(current.input, timetable, current.changes)
        before = timetable_in(current.parent)
        broken = check_repair(
            day_of(current.parent.input),
            before,
            asked_of(current.changes),
            repair,
            now=current.changes["now"],
        )
    if broken:
        raise CheckFailed(fault=broken[0])


def _presence(day: Day, slots: Sequence[MentorSlot]) -> Mapping[int, Sequence[tuple[datetime, datetime]]]:
    """When each adviser is at the day: from the first slot of a stretch to the last, breaks included."""
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    for host in day.hosts:
        there: list[tuple[datetime, datetime]] = []
        before = False
        for slot in slots:
            now = slot.number not in host.absent
            if now and before:
                there[-1] = (there[-1][0], slot.period.upper)
            elif now:
                there.append((slot.period.lower, slot.period.upper))
            before = now
        spans[int(host.id)] = there
    return spans
