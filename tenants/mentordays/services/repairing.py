from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from incubator.common.errors import NotAllowed
from incubator.optimise.solver import SolverError
from incubator.optimise.timetable_repair import Absence, Cancelled, Change, repair
from incubator.optimise.timetable_types import TimetableError
from tenants.mentordays.enums import ArrangementState, DayState
from tenants.mentordays.errors import (
    DayIsOver,
    NothingDropped,
    OtherPublished,
    ProblemRefused,
    UnknownSlot,
    Unsolved,
    WrongState,
)
from tenants.mentordays.models import Arrangement, Meeting, MentorDay, MentorSlot
from tenants.mentordays.rules import may_manage
from tenants.mentordays.snapshot import changes_text, day_of, snapshot_of

from .computing import write_timetable
from .publishing import timetable_in

NOTE = 200


def current_slot(day: MentorDay, now: datetime) -> int | None:
    """The first slot that has not begun, None before the day. Raises DayIsOver where all have."""
    slots = list(MentorSlot.objects.filter(day=day).order_by("number"))
    ahead = [slot.number for slot in slots if slot.period.lower > now]
    if not ahead:
        raise DayIsOver
    return None if len(ahead) == len(slots) else ahead[0]


def prepare_repair(
    *,
    day: MentorDay,
    advisers: Collection[int] = (),
    companies: Collection[int] = (),
    tables: Collection[int] = (),
    meetings: Iterable[Meeting] = (),
    slots: Collection[int] | None = None,
    note: str = "",
    actor: Any,
    now: datetime,
) -> Arrangement:
    """A draft that says what would become of the published timetable; it is confirmed by publishing it.

    Whoever drops out does so in these slots (None: for the rest of the day); late is absent at first, a no-show in a slot.
    Slots that have begun are not touched. It takes a fraction of a second, so it is computed at once.
    Raises NotAllowed, WrongState, NothingDropped, UnknownSlot, DayIsOver, OtherPublished, ProblemRefused, Unsolved.
    """
    if not may_manage(actor):
        raise NotAllowed
    current = MentorDay.objects.get(pk=day.pk)
    if current.state != DayState.PUBLISHED:
        raise WrongState(state=current.get_state_display())
    parent = Arrangement.objects.filter(day=current, state=ArrangementState.PUBLISHED).first()
    if parent is None:
        raise OtherPublished
    if slots is not None and any(not 1 <= number <= current.slot_count for number in slots):
        raise UnknownSlot(slot=max(slots), field="slots")
    gone = None if slots is None else frozenset(slots)
    changes: list[Change] = [Absence("host", pk, gone) for pk in sorted(set(advisers))]
    changes += [Absence("company", pk, gone) for pk in sorted(set(companies))]
    changes += [Absence("table", pk, gone) for pk in sorted(set(tables))]
    changes += [Cancelled(each.company_id, each.adviser_id) for each in meetings]
    if not changes or gone == frozenset():
        raise NothingDropped
    ahead = current_slot(current, now)
    try:
        found = repair(day_of(parent.input), timetable_in(parent), changes, now=ahead)
    except TimetableError as error:
        raise ProblemRefused(reason=str(error)) from error
    except SolverError as error:
        raise Unsolved from error
    return write_timetable(
        day=current,
        snapshot=snapshot_of(found.day),
        timetable=found.timetable,
        parent=parent,
        repair=found,
        changes=changes_text(changes, found, ahead),
        note=note.strip()[:NOTE],
        actor=actor,
        now=now,
    )
