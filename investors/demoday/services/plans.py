"""Timetables in their versions: asked for, kept as a draft, held in parts, published."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from incubator.common.errors import refusing
from incubator.common.fingerprints import fingerprint
from incubator.jobs.models import Job
from incubator.jobs.services import start_job
from incubator.optimise.redirection import redirections_of
from incubator.optimise.timetable_check import check_timetable
from incubator.optimise.timetable_types import Day, Timetable
from investors.demoday import snapshots
from investors.demoday.collecting import Collected, collect
from investors.demoday.enums import DayState, MeetingState, PlanState
from investors.demoday.errors import (
    ChangedMeanwhile,
    CheckFailed,
    DayHasBegun,
    MeetingClosed,
    NotDraft,
    PublishedMeanwhile,
    SlotBegan,
)
from investors.demoday.limits import barred, companies_that_may, firms_that_may
from investors.demoday.models import DemoDay, Meeting, Plan, Ranking

from .days import demand_open, demand_planner, locked_day
from .mails import tell_changes

KIND = "demoday"


def begun(day: DemoDay, now: datetime) -> set[int]:
    """The slots that have begun."""
    return {slot.number for slot in day.slots if slot.starts <= now}


@transaction.atomic
def ask_for_plan(*, day: DemoDay, actor: Any, now: datetime) -> Job:
    """Compute a timetable in the background. What makes no day is said at once (`collect`), and nothing is queued.

    Raises NotAllowed, DayClosed, DayHasBegun, JobUnderway.
    """
    demand_planner(actor)
    demand_open(day)
    if begun(day, now):
        raise DayHasBegun
    collect(day, timezone.localdate(now))
    current = day.plans.filter(state=PlanState.PUBLISHED).values_list("pk", flat=True).first()
    return start_job(
        kind=KIND, subject=str(day.pk), params={"day": day.pk, "parent": current}, actor=actor, now=now
    )


@transaction.atomic
def keep_plan(
    *,
    demo_day: DemoDay,
    collected: Collected,
    timetable: Timetable,
    parent_id: int | None,
    actor: Any,
    now: datetime,
) -> Plan:
    """Write a computed timetable down as a draft. Raises CheckFailed."""
    if broken := check_timetable(collected.day, timetable):
        raise CheckFailed(detail=broken[0])
    held = {(lock.company, lock.host) for lock in collected.day.locked}
    return store(
        locked_day(demo_day),
        collected.day,
        timetable,
        [
            Meeting(
                company_id=each.company,
                firm_id=each.host,
                slot=each.slot,
                table=each.table,
                locked=(each.company, each.host) in held,
            )
            for each in timetable.meetings
        ],
        parent_id=parent_id,
        left_out=collected.left_out,
        actor=actor,
        now=now,
    )


def store(
    demo_day: DemoDay,
    solved: Day,
    timetable: Timetable,
    meetings: list[Meeting],
    *,
    actor: Any,
    now: datetime,
    **values: Any,
) -> Plan:
    """A new draft. The day's row is locked, so that versions are counted one after the other."""
    kept = snapshots.day_to_json(solved)
    last = demo_day.plans.aggregate(last=Max("number"))["last"] or 0
    plan = Plan.objects.create(
        day=demo_day,
        number=last + 1,
        input=kept,
        proof=snapshots.proof_to_json(timetable.proof),
        unmet=snapshots.unmet_to_json(timetable),
        shortfalls=[[each.company, each.missing] for each in timetable.shortfalls],
        redirected=[
            [each.company, each.host, list(each.instead_of)] for each in redirections_of(solved, timetable)
        ],
        input_hash=fingerprint(kept),
        result_hash=fingerprint(snapshots.result_to_json(timetable)),
        solver=f"highspy {version('highspy')}",
        objective=timetable.objective,
        bound=timetable.bound,
        searched=timetable.searched,
        spread=timetable.spread,
        waits=timetable.waits,
        long_runs=timetable.long_runs,
        wished=sum(not wish.spare for wish in solved.wishes),
        met=len(timetable.meetings),
        made_by=actor if getattr(actor, "pk", None) else None,
        made_at=now,
        **values,
    )
    for meeting in meetings:
        meeting.plan = plan
    Meeting.objects.bulk_create(meetings)
    return plan


@transaction.atomic
def lock_meetings(*, plan: Plan, meetings: Iterable[int], locked: bool, actor: Any) -> int:
    """Hold meetings where they are, through the next computation and every repair that can; how many changed.

    Raises NotAllowed, MeetingClosed.
    """
    demand_planner(actor)
    locked_day(plan.day)
    plan = Plan.objects.defer("input", "proof").get(pk=plan.pk)
    if plan.state == PlanState.REPLACED:
        raise MeetingClosed
    found = plan.meetings.held().filter(pk__in=list(meetings)).exclude(locked=locked)
    return found.update(locked=locked)


def check(plan: Plan) -> list[str]:
    """What the independent checker finds wrong with a stored version: its meetings, figures, reasons and proof."""
    day = snapshots.day_from_json(plan.input)
    return check_timetable(day, snapshots.timetable_of_plan(plan, plan.meetings.held()))


@transaction.atomic
def publish_plan(*, plan: Plan, actor: Any, now: datetime) -> Plan:
    """Make a draft the timetable in force; everybody whose meetings it changes is told by mail.

    Raises NotAllowed, DayClosed, NotDraft, PublishedMeanwhile, DayHasBegun, SlotBegan, ChangedMeanwhile, CheckFailed.
    """
    demand_planner(actor)
    day = locked_day(plan.day)
    demand_open(day)
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if plan.state != PlanState.DRAFT:
        raise NotDraft
    current = day.plans.filter(state=PlanState.PUBLISHED).defer("input", "proof").first()
    if (current.pk if current else None) != plan.parent_id:
        raise PublishedMeanwhile
    _demand_time(day, plan, now)
    _demand_still_allowed(day, plan, current, now)
    if broken := check(plan):
        raise CheckFailed(detail=broken[0])
    before = list(current.meetings.all()) if current else []
    if current is not None:
        _bring_states(plan, before)
        current.state = PlanState.REPLACED
        current.save(update_fields=["state"])
    plan.state, plan.published_by, plan.published_at = PlanState.PUBLISHED, actor, now
    with refusing({"demoday_one_published": PublishedMeanwhile}):
        plan.save(update_fields=["state", "published_by", "published_at"])
    if day.state != DayState.PUBLISHED:
        day.state = DayState.PUBLISHED
        day.save(update_fields=["state", "updated_at"])
    tell_changes(day=day, plan=plan, before=before, now=now)
    return plan


def _demand_time(day: DemoDay, plan: Plan, now: datetime) -> None:
    since = begun(day, now) - begun(day, plan.made_at)
    if not plan.is_repair:
        if begun(day, now):
            raise DayHasBegun
        return
    touched = {slot for _c, _f, first, last in plan.moved for slot in (first, last)}
    touched |= {slot for _c, _f, slot, _table in (*plan.added, *plan.reseated)}
    touched |= {slot for _c, _f, slot, _why in plan.dropped}
    if touched & since:
        raise SlotBegan


def _demand_still_allowed(day: DemoDay, plan: Plan, current: Plan | None, now: datetime) -> None:
    """Nobody meets whom a conflict, a refusal or a withdrawal keeps away since the draft was computed.

    A repair answers for what it adds: what was in force before is called off by a repair of its own.
    """
    today = timezone.localdate(now)
    pairs = list(plan.meetings.held().values_list("company_id", "firm_id"))
    if plan.is_repair:
        pairs = [(company, firm) for company, firm, *_where in plan.added]
    if not pairs:
        return
    companies = {company for company, _firm in pairs}
    firms = {firm for _company, firm in pairs}
    bars = set(barred(today, companies, firms))
    bars |= set(Ranking.objects.filter(day=day, veto=True).values_list("company_id", "firm_id").order_by())
    seen, active = companies_that_may(today), firms_that_may()
    there = (
        set(day.companies.values_list("company_id", flat=True)),
        set(day.firms.values_list("firm_id", flat=True)),
    )
    for company, firm in pairs:
        takes_part = company in seen and firm in active and company in there[0] and firm in there[1]
        if (company, firm) in bars or not takes_part:
            one = Meeting.objects.select_related("company", "firm").get(
                plan=plan, company_id=company, firm_id=firm
            )
            raise ChangedMeanwhile(company=one.company.name, firm=one.firm.name)


def _bring_states(plan: Plan, before: Iterable[Meeting]) -> None:
    """What the desk has recorded since the draft was made goes along with the meetings that stay in their slot."""
    noted: Mapping[tuple[int, int, int], Meeting] = {
        (each.company_id, each.firm_id, each.slot): each
        for each in before
        if each.state != MeetingState.CANCELLED
    }
    for each in plan.meetings.held():
        old = noted.get((each.company_id, each.firm_id, each.slot))
        if old is not None and (old.state, old.called, old.locked) != (each.state, each.called, each.locked):
            each.state, each.called, each.locked = old.state, old.called, old.locked
            each.save(update_fields=["state", "called", "locked", "updated_at"])
