"""A demo day of a few companies and firms, made through the services."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.jobs.services import run_job
from investors.demoday import services
from investors.demoday.collecting import collect
from investors.demoday.computing import solved
from investors.demoday.enums import Side
from investors.demoday.models import DayCompany, DayFirm, DemoDay, Meeting, Plan, Ranking, Verdict
from investors.demoday.services.days import Taking

from .accounts import acting_staff
from .companies import CompanyFactory, ResidencyFactory
from .firms import FirmFactory, MandateFactory

DAY = date(2026, 12, 10)
NOW = timezone.make_aware(datetime(2026, 12, 1, 10))
CLOSES = timezone.make_aware(datetime(2026, 12, 8, 18))


def at(hour: int, minute: int = 0) -> datetime:
    """That time on the day."""
    return timezone.make_aware(datetime.combine(DAY, time(hour, minute)))


def planner() -> Any:
    return acting_staff(StaffGroup.MATCHING)


def resident(**values: Any) -> Any:
    """A company that may take part."""
    company = CompanyFactory(visible_to_investors=True, **values)
    ResidencyFactory(company=company)
    return company


def firm(**values: Any) -> Any:
    """A firm that may take part."""
    return MandateFactory(firm=FirmFactory(**values)).firm


def make_day(
    companies: int = 3,
    firms: int = 3,
    *,
    slots: int = 6,
    tables: int = 3,
    ranking: bool = True,
    now: datetime = NOW,
    **values: Any,
) -> DemoDay:
    """Slots of 20 minutes from 10:00, a break of 20 after the third; wishes are collected."""
    actor = planner()
    day = services.plan_day(
        actor=actor,
        **{
            "title": "겨울 데모데이",
            "title_en": "Winter demo day",
            "day": DAY,
            "starts": time(10),
            "slot_count": slots,
            "breaks": [3] if slots > 3 else [],
            "table_count": tables,
            "ranking_closes_at": CLOSES,
            **values,
        },
    )
    for side, made in (
        (Side.COMPANY, [resident() for _at in range(companies)]),
        (Side.FIRM, [firm() for _at in range(firms)]),
    ):
        services.set_participants(
            day=day, side=side, taking=[Taking(each.pk) for each in made], actor=actor, now=now
        )
    if ranking:
        day = services.open_ranking(day=day, actor=actor, now=now)
    return day


def soon(companies: int = 3, firms: int = 3, **values: Any) -> DemoDay:
    """One in three days by the real clock, for pages that look at it."""
    now = timezone.now()
    times = {"day": timezone.localdate(now) + timedelta(days=3), "ranking_closes_at": now + timedelta(days=1)}
    return make_day(companies, firms, now=now, **{**times, **values})


def companies_of(day: DemoDay) -> list[Any]:
    return [each.company for each in day.companies.select_related("company").order_by("company_id")]


def firms_of(day: DemoDay) -> list[Any]:
    return [each.firm for each in day.firms.select_related("firm").order_by("firm_id")]


def rank_all(day: DemoDay, order: Callable[[int, int], int | None] = lambda ours, theirs: theirs + 1) -> None:
    """Each company ranks every firm: `order(company's place, firm's place)`, None for one that it does not name."""
    actor = planner()
    firms = firms_of(day)
    for number, invited in enumerate(day.companies.order_by("company_id")):
        places = {each.pk: order(number, at_) for at_, each in enumerate(firms)}
        services.rank(
            invited=invited,
            order={pk: place for pk, place in places.items() if place is not None},
            actor=actor,
            now=NOW,
        )


def computed(day: DemoDay, actor: Any = None, now: datetime = NOW) -> Plan:
    """A draft, computed at once and without a job."""
    current = day.plans.filter(state="published").first()
    found = collect(day, timezone.localdate(now))
    return services.keep_plan(
        demo_day=day,
        collected=found,
        timetable=solved(found, compact_steps=200),
        parent_id=current.pk if current else None,
        actor=actor or planner(),
        now=now,
    )


def published(day: DemoDay, now: datetime = NOW) -> Plan:
    return services.publish_plan(plan=computed(day, now=now), actor=planner(), now=now)


def run_asked(day: DemoDay, actor: Any, now: datetime = NOW) -> Any:
    """Ask for a timetable and run its job."""
    job = services.ask_for_plan(day=day, actor=actor, now=now)
    run_job(job_id=job.pk, clock=lambda: now + timedelta(seconds=1))
    job.refresh_from_db()
    return job


def furnish_demo_day(company: Any, firm: Any, mark: str, internal: str, now: datetime) -> dict[str, Any]:
    """A published day of this company and firm alone, whoever may see whom, with wishes, a meeting and both verdicts."""
    day = DemoDay.objects.create(
        title=f"{mark} 데모데이",
        day=timezone.localdate(now),
        starts=time(0),
        slot_count=2,
        table_count=1,
        ranking_closes_at=now - timedelta(days=2),
        state="published",
    )
    DayCompany.objects.create(day=day, company=company)
    DayFirm.objects.create(day=day, firm=firm)
    for side in Side.values:
        Ranking.objects.create(day=day, side=side, company=company, firm=firm, rank=1)
    plan = Plan.objects.create(
        day=day,
        number=1,
        input={},
        proof={},
        input_hash="0" * 64,
        result_hash="0" * 64,
        solver="highspy",
        objective=1,
        bound=1,
        spread=0,
        waits=0,
        long_runs=0,
        wished=1,
        met=1,
        made_at=now,
    )
    meeting = Meeting.objects.create(plan=plan, company=company, firm=firm, slot=1, table=1)
    Plan.objects.filter(pk=plan.pk).update(state="published", published_at=now)
    for side in Side.values:
        Verdict.objects.create(
            day=day,
            company=company,
            firm=firm,
            side=side,
            value="pass",
            reason="early",
            note=f"{mark} {internal}",
            recorded_at=now,
        )
    return {"demo_day": day, "demo_plan": plan, "demo_meeting": meeting}
