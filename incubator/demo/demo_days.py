"""A demo day that took place yesterday: wishes, a published timetable, a late firm, verdicts and an introduction; and one
for which wishes are being collected."""

from datetime import time, timedelta
from random import Random

from django.utils import timezone

from incubator.optimise.timetable import arrange
from investors.demoday.collecting import collect
from investors.demoday.enums import PassReason, Side, Upset, VerdictValue
from investors.demoday.limits import companies_that_may, firms_that_may
from investors.demoday.models import DemoDay, Meeting, Plan
from investors.demoday.selectors import both_continue, offered_firms
from investors.demoday.services import (
    keep_plan,
    open_ranking,
    plan_day,
    propose_introduction,
    propose_repair,
    publish_plan,
    rank,
    record_verdict,
    set_participants,
)
from investors.demoday.services.days import Taking
from investors.demoday.services.repairs import Happening

from .camp import Camp
from .days import days_before

SLOTS, TABLES = 12, 12
_COMPANIES, _FIRMS = 30, 16


def make_demo_days(camp: Camp) -> int:
    """How many meetings there are."""
    held = _day(camp, "겨울 데모데이", "Winter demo day", days=-1)
    if held is None:
        return 0
    _day(camp, "봄 데모데이", "Spring demo day", days=30)
    dice = camp.dice("demo days")
    plan = _compute(camp, held)
    publish_plan(plan=plan, actor=camp.director, now=camp.at(held.day - timedelta(days=1), 20))
    morning = camp.at(held.day, 9)
    firm = held.firms.order_by("firm__name").first()
    if firm is not None:
        late = propose_repair(
            day=held,
            happened=[Happening("firm", firm.firm_id, Upset.LATE, slot=3)],
            actor=camp.director,
            now=morning,
        )
        publish_plan(plan=late, actor=camp.director, now=morning)
    _verdicts(camp, held, dice)
    return Meeting.objects.held().published().count()


def _day(camp: Camp, title: str, title_en: str, *, days: int) -> DemoDay | None:
    """The day with everybody who may take part, wishes of half of them given."""
    companies, firms = list(companies_that_may(camp.today)), list(firms_that_may())
    if not companies or not firms:
        return None
    dice = camp.dice(title)
    day = camp.today + timedelta(days=days)
    asked = camp.at(days_before(camp.today, 10), 9)
    planned = plan_day(
        title=title,
        title_en=title_en,
        place="AI창업캠프 1층 다목적홀",
        day=day,
        starts=time(10),
        slot_count=SLOTS,
        breaks=[6],
        break_minutes=60,
        table_count=TABLES,
        ranking_closes_at=camp.at(day - timedelta(days=1), 18),
        actor=camp.director,
    )
    # The first company and firm are those whose people everybody looks at.
    first = [each.pk for each in camp.companies[:1] if each.pk in companies]
    chosen = [*first, *(pk for pk in companies if pk not in first)][: camp.share(_COMPANIES, least=3)]
    for side, ids in ((Side.COMPANY, chosen), (Side.FIRM, firms[:_FIRMS])):
        set_participants(
            day=planned,
            side=side,
            taking=[
                Taking(pk, 6 if side == Side.COMPANY else None, 1 if side == Side.COMPANY else 0)
                for pk in ids
            ],
            actor=camp.director,
            now=asked,
        )
    planned = open_ranking(day=planned, actor=camp.director, now=asked)
    for number, invited in enumerate(planned.companies.order_by("company__business_number")):
        if number % 2:
            continue
        offered = [each.firm_id for each in offered_firms(invited)]
        dice.shuffle(offered)
        order = {pk: place for place, pk in enumerate(sorted(offered[:5]), 1)}
        rank(invited=invited, order=order, actor=camp.director, now=asked + timedelta(hours=number + 1))
    return planned


def _compute(camp: Camp, day: DemoDay) -> Plan:
    now = camp.at(day.day - timedelta(days=1), 19)
    found = collect(day, timezone.localdate(now))
    return keep_plan(
        demo_day=day,
        collected=found,
        timetable=arrange(found.day, compact_steps=5_000),
        parent_id=None,
        actor=camp.director,
        now=now,
    )


def _verdicts(camp: Camp, day: DemoDay, dice: Random) -> None:
    """A third of the meetings have been spoken about at the desk."""
    now = camp.at(day.day, 17)
    meetings = list(
        Meeting.objects.held()
        .published()
        .filter(plan__day=day)
        .select_related("company", "firm", "plan__day")
        .order_by("slot", "table")
    )
    meetings = meetings[: max(2, len(meetings) // 3)]
    for number, meeting in enumerate(meetings):
        for side in Side.values:
            value = dice.choice([VerdictValue.CONTINUE, VerdictValue.MAYBE, VerdictValue.PASS])
            if number < 2:
                value = VerdictValue.CONTINUE
            record_verdict(
                meeting=meeting,
                side=side,
                value=value,
                reason=dice.choice(PassReason.values) if value == VerdictValue.PASS else "",
                actor=camp.director,
                now=now,
            )
    pairs = both_continue(camp.director, day)
    for meeting in meetings:
        if pairs and (meeting.company_id, meeting.firm_id) == pairs[0]:
            propose_introduction(meeting=meeting, actor=camp.director, now=now)
