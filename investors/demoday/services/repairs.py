"""What happens on the day, answered with the fewest moves: shown as a draft first, in force once it is published."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.optimise.solver import SolverError
from incubator.optimise.timetable_check import check_repair
from incubator.optimise.timetable_repair import Absence, Cancelled, Change, Dropped, Repair, repair
from incubator.optimise.timetable_types import Day, Lock, TimetableError
from investors.demoday import snapshots
from investors.demoday.enums import MeetingState, PlanState, Upset
from investors.demoday.errors import (
    CheckFailed,
    ComputationFailed,
    DayOver,
    NoPlan,
    NothingHappened,
    NotInTimetable,
    SlotMissing,
)
from investors.demoday.models import DemoDay, Meeting, Plan
from investors.demoday.selectors import names

from .days import demand_open, demand_planner, locked_day
from .plans import store


@dataclass(frozen=True)
class Happening:
    """What happened to a `side` (company, firm or table), or with `side` "meeting" to the pair of `id` and `firm`.

    `slot`: somebody late, or there again, is there from it on; somebody gone and a table is away from it on, None for
    now; a no-show comes by it after all, None for not any more.
    """

    side: str
    id: int
    kind: Upset | str = Upset.GONE
    slot: int | None = None
    firm: int = 0


@dataclass(frozen=True)
class _Moment:
    """The slots at a moment: `current` has begun and not ended, `ahead` have not begun."""

    current: int | None
    ahead: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.current if self.current is not None else self.ahead[0]


def _moment(day: DemoDay, now: datetime) -> _Moment:
    ahead = tuple(slot.number for slot in day.slots if slot.starts > now)
    if not ahead:
        raise DayOver
    running = [slot.number for slot in day.slots if slot.starts <= now < slot.ends]
    return _Moment(running[0] if running else None, ahead)


@transaction.atomic
def propose_repair(
    *, day: DemoDay, happened: Iterable[Happening], actor: Any, now: datetime, fill: bool = True
) -> Plan:
    """The timetable in force, adapted to what happened, as a draft: every confirmed meeting that still can take place does,
    as few as possible move, nothing that has begun is touched. `publish_plan` puts it into force.

    Raises NotAllowed, DayClosed, NoPlan, DayOver, NothingHappened, SlotMissing, NotInTimetable, ComputationFailed,
    CheckFailed.
    """
    demand_planner(actor)
    day = locked_day(day)
    demand_open(day)
    current = day.plans.filter(state=PlanState.PUBLISHED).first()
    if current is None:
        raise NoPlan
    happened = list(happened)
    if not happened:
        raise NothingHappened
    moment = _moment(day, now)
    rows = list(current.meetings.all())
    held = [each for each in rows if each.state != MeetingState.CANCELLED]
    solved = _with_locks(snapshots.day_from_json(current.input), held, moment)
    solved = _with_returns(solved, happened, moment)
    changes = _changes(solved, happened, moment)
    missed = _missed(held, changes, moment)
    start = moment.ahead[0]
    if missed:
        solved, start = _with_current(solved, held, missed, moment.first), moment.first
    timetable = snapshots.timetable_of_plan(current, held)
    try:
        found = repair(solved, timetable, changes, now=start, fill=fill)
    except (TimetableError, SolverError) as error:
        raise ComputationFailed(detail=str(error)) from error
    if broken := check_repair(solved, timetable, changes, found, now=start):
        raise CheckFailed(detail=broken[0])
    return _keep(day, current, rows, found, happened, changes, moment, actor, now)


def _slot(asked: int | None, moment: _Moment) -> int:
    if asked is None or asked not in moment.ahead:
        raise SlotMissing
    return asked


def _changes(solved: Day, happened: Iterable[Happening], moment: _Moment) -> list[Change]:
    known = {
        "company": {each.id for each in solved.companies},
        "firm": {each.id for each in solved.hosts},
        "table": {each.id for each in solved.tables},
    }
    from_now = {moment.first, *moment.ahead}
    changes: list[Change] = []
    for each in happened:
        if each.side == "meeting":
            changes.append(Cancelled(each.id, each.firm))
            continue
        if each.id not in known[each.side]:
            raise NotInTimetable(name=_name(each))
        if each.kind == Upset.BACK:
            continue
        if each.kind == Upset.LATE or (each.kind == Upset.NO_SHOW and each.slot):
            until = _slot(each.slot, moment)
            slots = {slot for slot in from_now if slot < until}
        elif each.kind == Upset.NO_SHOW:
            slots = from_now
        else:
            # Whoever goes now has begun the slot that is running.
            since = _slot(each.slot, moment) if each.slot else moment.ahead[0]
            slots = {slot for slot in moment.ahead if slot >= since}
        side: Any = "host" if each.side == "firm" else each.side
        changes.append(Absence(side, each.id, frozenset(slots)))
    return changes


def _name(happening: Happening) -> str:
    companies, firms = names([happening.id], [happening.id])
    found = {"company": companies, "firm": firms}.get(happening.side, {})
    return found.get(happening.id, str(happening.id))


def _with_locks(solved: Day, held: Iterable[Meeting], moment: _Moment) -> Day:
    """The day with what a manager holds in its place as it is now, not as it was when the version was computed."""
    ahead = set(moment.ahead)
    locks = [
        Lock(each.company_id, each.firm_id, each.slot) for each in held if each.locked and each.slot in ahead
    ]
    return replace(solved, locked=tuple(locks))


def _with_returns(solved: Day, happened: Iterable[Happening], moment: _Moment) -> Day:
    """Whoever is there again is no longer absent from their slot on."""
    for each in happened:
        if each.kind != Upset.BACK or each.side == "meeting":
            continue
        since = _slot(each.slot, moment) if each.slot else moment.ahead[0]
        back = {slot for slot in moment.ahead if slot >= since}
        if each.side == "company":
            solved = replace(
                solved,
                companies=tuple(
                    replace(one, absent=one.absent - back) if one.id == each.id else one
                    for one in solved.companies
                ),
            )
        elif each.side == "firm":
            solved = replace(
                solved,
                hosts=tuple(
                    replace(one, absent=one.absent - back) if one.id == each.id else one
                    for one in solved.hosts
                ),
            )
        else:
            solved = replace(
                solved,
                tables=tuple(
                    replace(one, closed=one.closed - back) if one.id == each.id else one
                    for one in solved.tables
                ),
            )
    return solved


def _missed(held: Iterable[Meeting], changes: Iterable[Change], moment: _Moment) -> set[tuple[int, int]]:
    """Meetings of the slot that is running which did not begin, since one of the two is not there: they may still move."""
    if moment.current is None:
        return set()
    away = {
        (each.side, each.id)
        for each in changes
        if isinstance(each, Absence)
        and each.side != "table"
        and (each.slots is None or moment.current in each.slots)
    }
    waiting = (MeetingState.PLANNED, MeetingState.NO_SHOW_COMPANY, MeetingState.NO_SHOW_FIRM)
    return {
        (each.company_id, each.firm_id)
        for each in held
        if each.slot == moment.current
        and each.state in waiting
        and (("company", each.company_id) in away or ("host", each.firm_id) in away)
    }


def _with_current(solved: Day, held: Iterable[Meeting], missed: set[tuple[int, int]], slot: int) -> Day:
    """The slot that is running stays as it is, but for the meetings that did not begin."""
    going = [each for each in held if each.slot == slot and (each.company_id, each.firm_id) not in missed]
    companies = {each.company_id for each in going}
    firms = {each.firm_id for each in going}
    return replace(
        solved,
        companies=tuple(
            each if each.id in companies else replace(each, absent=each.absent | {slot})
            for each in solved.companies
        ),
        hosts=tuple(
            each if each.id in firms else replace(each, absent=each.absent | {slot}) for each in solved.hosts
        ),
        locked=(
            *(lock for lock in solved.locked if lock.slot != slot),
            *(Lock(each.company_id, each.firm_id, slot) for each in going),
        ),
    )


def _why(dropped: Dropped, day: Day, moment: _Moment) -> str:
    """The solver counts slots that are over as if they could still be had; people do not."""
    companies = {each.id: each.absent for each in day.companies}
    firms = {each.id: each.absent for each in day.hosts}
    ahead = set(moment.ahead) - companies[dropped.company] - firms[dropped.host]
    return dropped.why if ahead or dropped.why == "cancelled" else "never_together"


def _keep(
    day: DemoDay,
    current: Plan,
    rows: Iterable[Meeting],
    found: Repair,
    happened: Iterable[Happening],
    changes: Iterable[Change],
    moment: _Moment,
    actor: Any,
    now: datetime,
) -> Plan:
    before = {(each.company_id, each.firm_id): each for each in rows}
    meetings = []
    for each in found.timetable.meetings:
        old = before.pop((int(each.company), int(each.host)), None)
        stays = old is not None and old.slot == each.slot and old.state != MeetingState.CANCELLED
        meetings.append(
            Meeting(
                company_id=each.company,
                firm_id=each.host,
                slot=each.slot,
                table=each.table,
                locked=bool(old and old.locked and stays),
                state=old.state if old and stays else MeetingState.PLANNED,
                called=old.called if old and stays else "",
            )
        )
    why = {(each.company, each.host): _why(each, found.day, moment) for each in found.dropped}
    # What was called off, now or before, stays to be read.
    meetings += [
        Meeting(
            company_id=pair[0],
            firm_id=pair[1],
            slot=old.slot,
            table=old.table,
            state=MeetingState.CANCELLED,
            cancelled_why=old.cancelled_why or why[pair],
        )
        for pair, old in before.items()
    ]
    back = [["back", each.side, each.id] for each in happened if each.kind == Upset.BACK]
    at = {(each.company_id, each.firm_id): each for each in rows}
    return store(
        day,
        found.day,
        found.timetable,
        meetings,
        parent_id=current.pk,
        changes=[*snapshots.changes_to_json(changes), *back],
        moved=[[each.company, each.host, each.before, each.after] for each in found.moved],
        dropped=[
            [
                each.company,
                each.host,
                at[int(each.company), int(each.host)].slot,
                why[each.company, each.host],
            ]
            for each in found.dropped
        ],
        added=snapshots.meetings_to_json(found.added),
        reseated=snapshots.meetings_to_json(found.reseated),
        left_out=current.left_out,
        actor=actor,
        now=now,
    )
