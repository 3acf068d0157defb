"""Timetables: asked for, computed in a job or at once, kept as a draft, its meetings locked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from incubator.common.errors import NotAllowed
from incubator.common.fingerprints import fingerprint
from incubator.jobs.models import Job
from incubator.jobs.services import start_job
from incubator.optimise.solver import SolverError
from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_repair import Dropped, Repair
from incubator.optimise.timetable_types import Progress, Timetable, TimetableError
from tenants.mentordays.enums import ArrangementState, DayState
from tenants.mentordays.errors import NotADraft, ProblemRefused, RankingOpen, Unsolved, WrongState
from tenants.mentordays.models import Arrangement, Meeting, MentorDay, MentorSlot, Unmet
from tenants.mentordays.problem import Locked, read_problem, refuse_nonsense
from tenants.mentordays.rules import may_manage
from tenants.mentordays.snapshot import (
    Snapshot,
    code_version,
    day_of,
    proof_text,
    result_of,
    snapshot_of,
)

from .parts import managed, person

KIND = "mentordays.compute"


def ask_for_timetable(*, day: MentorDay, actor: Any, now: datetime) -> Job:
    """Have a timetable computed in the background. What cannot be computed is refused at once.

    Raises NotAllowed, RankingOpen, WrongState, the refusals of `refuse_nonsense`, JobUnderway.
    """
    read_day(day=day, actor=actor, now=now)
    return start_job(kind=KIND, subject=str(day.pk), params={"day": day.pk}, actor=actor, now=now)


def read_day(*, day: MentorDay, actor: Any, now: datetime) -> Snapshot:
    """What a timetable is computed from now, with the meetings that are locked in the newest draft.

    Raises NotAllowed, RankingOpen, WrongState, the refusals of `refuse_nonsense`.
    """
    if not may_manage(actor):
        raise NotAllowed
    current = MentorDay.objects.get(pk=day.pk)
    if current.takes_wishes(now):
        raise RankingOpen
    if not current.is_open:
        raise WrongState(state=current.get_state_display())
    problem = read_problem(current, locked=locked_in(current))
    refuse_nonsense(problem)
    return snapshot_of(problem.day)


def locked_in(day: MentorDay) -> list[Locked]:
    newest = Arrangement.objects.filter(day=day).order_by("-number").values_list("pk", flat=True).first()
    rows = Meeting.objects.filter(arrangement=newest, locked=True).order_by()
    return list(rows.values_list("company_id", "adviser_id", "slot__number"))


def solve(
    snapshot: Snapshot,
    *,
    report: Callable[[Progress], None] = lambda _progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Timetable:
    """The timetable of a snapshot, the same however often. Outside of any transaction. Raises ProblemRefused, Unsolved."""
    try:
        return arrange(day_of(snapshot), report=report, stop=stop)
    except TimetableError as error:
        raise ProblemRefused(reason=str(error)) from error
    except SolverError as error:
        raise Unsolved from error


@transaction.atomic
def write_timetable(
    *,
    day: MentorDay,
    snapshot: Snapshot,
    timetable: Timetable,
    actor: Any,
    now: datetime,
    parent: Arrangement | None = None,
    repair: Repair | None = None,
    changes: dict[str, Any] | None = None,
    note: str = "",
) -> Arrangement:
    """Keep what was found as a new draft version. Raises NotAllowed, WrongState."""
    states = (DayState.PUBLISHED,) if parent else (DayState.RANKING, DayState.ARRANGED)
    current = managed(day.pk, actor, *states)
    newest = Arrangement.objects.filter(day=current).aggregate(newest=Max("number"))["newest"] or 0
    arrangement = Arrangement.objects.create(
        day=current,
        number=newest + 1,
        parent=parent,
        input=snapshot,
        changes=changes or {},
        proof=proof_text(timetable.proof),
        shortfalls=[[each.company, each.missing] for each in timetable.shortfalls],
        input_hash=fingerprint(snapshot),
        result_hash=fingerprint(result_of(timetable)),
        code_version=code_version(),
        objective=timetable.objective,
        bound=timetable.bound,
        searched=timetable.searched,
        spread=timetable.spread,
        waits=timetable.waits,
        long_runs=timetable.long_runs,
        wished=len(snapshot["wishes"]),
        met=len(timetable.meetings),
        moved=len(repair.moved) if repair else 0,
        dropped=len(repair.dropped) if repair else 0,
        added=len(repair.added) if repair else 0,
        made_by=person(actor),
        made_at=now,
    )
    slot_ids: dict[Any, int] = dict(MentorSlot.objects.filter(day=current).values_list("number", "pk"))
    locked = {(company, adviser) for company, adviser, _slot in snapshot["locked"]} if not parent else set()
    rows = [
        Meeting(
            arrangement=arrangement,
            day=current,
            company_id=each.company,
            adviser_id=each.host,
            slot_id=slot_ids[each.slot],
            table_id=each.table,
            locked=(each.company, each.host) in locked,
        )
        for each in timetable.meetings
    ]
    if parent and repair:
        rows += _cancelled(arrangement, parent, repair.dropped, note, person(actor))
    Meeting.objects.bulk_create(rows)
    Unmet.objects.bulk_create(
        Unmet(
            arrangement=arrangement,
            company_id=each.company,
            adviser_id=each.host,
            worth=each.worth,
            why=each.why,
        )
        for each in timetable.unmet
    )
    if not parent and current.state == DayState.RANKING:
        current.state = DayState.ARRANGED
        current.save(update_fields=["state", "updated_at"])
    return arrangement


def _cancelled(
    arrangement: Arrangement, parent: Arrangement, dropped: tuple[Dropped, ...], note: str, actor: Any
) -> list[Meeting]:
    """The meetings that are no more, where they would have been; those cancelled earlier stay told."""
    why = {(each.company, each.host): each.why for each in dropped}
    rows = []
    for was in Meeting.objects.filter(arrangement=parent):
        pair = (was.company_id, was.adviser_id)
        if pair not in why and not was.cancelled:
            continue
        new = pair in why
        rows.append(
            Meeting(
                arrangement=arrangement,
                day_id=was.day_id,
                company_id=was.company_id,
                adviser_id=was.adviser_id,
                slot_id=was.slot_id,
                table_id=was.table_id,
                cancelled=True,
                cancelled_why=why[pair] if new else was.cancelled_why,
                cancelled_note=note if new else was.cancelled_note,
                cancelled_by=actor if new else was.cancelled_by,
            )
        )
    return rows


def draw_up(*, day: MentorDay, actor: Any, now: datetime) -> Arrangement:
    """Compute a timetable at once and keep it as a draft: for commands and the demonstration; pages use a job.

    Raises what `read_day`, `solve` and `write_timetable` do.
    """
    snapshot = read_day(day=day, actor=actor, now=now)
    return write_timetable(day=day, snapshot=snapshot, timetable=solve(snapshot), actor=actor, now=now)


@transaction.atomic
def set_lock(*, meeting: Meeting, locked: bool, actor: Any, now: datetime) -> Meeting:
    """Keep a meeting of a draft where it is when the timetable is computed anew, or let it go. Raises NotAllowed, NotADraft,
    WrongState."""
    managed(meeting.day_id, actor, DayState.ARRANGED)
    current = Meeting.objects.select_related("arrangement").get(pk=meeting.pk)
    if current.arrangement.state != ArrangementState.DRAFT:
        raise NotADraft
    current.locked = locked
    current.save(update_fields=["locked"])
    return current


def close_days(*, now: datetime) -> int:
    """Call published days over whose last slot has ended. Safe to run twice."""
    going_on = MentorSlot.objects.filter(period__endswith__gt=now).values("day")
    over = MentorDay.objects.filter(state=DayState.PUBLISHED).exclude(pk__in=going_on)
    return over.update(state=DayState.OVER, updated_at=now)
