"""Two mentor days: one whose timetable everybody has, one for which both sides put each other in order."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.companies.models import Company, Residency
from tenants.consulting.models import Adviser
from tenants.mentordays.enums import Side
from tenants.mentordays.models import Meeting, MentorDay, Wish
from tenants.mentordays.problem import read_problem
from tenants.mentordays.services import (
    add_table,
    change_adviser,
    change_company,
    collect_wishes,
    draw_up,
    invite_advisers,
    invite_companies,
    plan_day,
    publish,
    save_wishes,
    take_out,
)

from .camp import Camp, as_adviser, as_director
from .desk import as_if_sent

COMPANIES, ADVISERS, TABLES = 24, 8, 6


def make_mentor_days(camp: Camp) -> int:
    """How many meetings and wishes there are afterwards."""
    dice = camp.dice("mentor days")
    advisers = [each for each in camp.advisers if each.active][:ADVISERS]
    residents = _residents(camp)
    if not advisers or not residents:
        return 0
    arranged = _day(camp, "겨울 멘토데이", "Winter mentor day", _weekday(camp.today + timedelta(days=16)))
    _invite(camp, arranged, residents[:COMPANIES], advisers)
    closed = camp.at(camp.today - timedelta(days=1), 18)
    _collect(camp, arranged, closed, began=camp.at(camp.today - timedelta(days=12), 10))
    _wish(camp, arranged, dice, share=1.0, now=camp.at(camp.today - timedelta(days=5), 11))
    guest = arranged.invited_companies.order_by("pk").first()
    assert guest is not None
    change_company(
        invited=guest, minimum=2, maximum=6, absent=[1, 2], actor=as_director(camp.director), now=closed
    )
    _publish(camp, arranged, closed + timedelta(minutes=30))
    asked = _day(
        camp, "데모데이 준비 멘토데이", "Rehearsals for demo day", _weekday(camp.today + timedelta(days=30))
    )
    _invite(camp, asked, residents[-COMPANIES:], advisers)
    began = camp.at(camp.today - timedelta(days=2), 10)
    _collect(camp, asked, camp.at(camp.today + timedelta(days=20), 18), began=began)
    _wish(camp, asked, dice, share=0.6, now=camp.at(camp.today - timedelta(days=1), 14))
    as_if_sent()
    return Meeting.objects.count() + Wish.objects.count()


def _residents(camp: Camp) -> list[Company]:
    living = set(Residency.objects.filter(state__in=LIVE_RESIDENCIES).values_list("company_id", flat=True))
    return [each for each in camp.companies if each.pk in living]


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def _day(camp: Camp, title: str, title_en: str, day: date) -> MentorDay:
    found = MentorDay(
        title=title,
        title_en=title_en,
        place="1층 라운지",
        day=day,
        starts=time(10),
        minutes=20,
        slot_count=12,
        breaks=[4, 8],
        break_minutes=20,
        in_a_row=3,
    )
    planned = camp.at(camp.today - timedelta(days=14), 9)
    return plan_day(day=found, actor=as_director(camp.director), now=planned)


def _invite(camp: Camp, day: MentorDay, companies: list[Company], advisers: list[Adviser]) -> None:
    given: dict[str, Any] = {
        "actor": as_director(camp.director),
        "now": camp.at(camp.today - timedelta(days=13), 9),
    }
    invite_companies(day=day, companies=companies, **given)
    invited = invite_advisers(day=day, advisers=advisers, **given)
    change_adviser(invited=invited[-1], maximum=6, absent=[9, 10, 11, 12], **given)
    for number in range(1, TABLES + 1):
        add_table(day=day, name=f"탁자 {number}", **given)


def _collect(camp: Camp, day: MentorDay, until: datetime, *, began: datetime) -> None:
    collected = collect_wishes(day=day, until=until, actor=as_director(camp.director), now=began)
    day.state, day.ranking_closes_at = collected.state, collected.ranking_closes_at


def _wish(camp: Camp, day: MentorDay, dice: Random, *, share: float, now: datetime) -> None:
    """Every company has a few advisers in mind, some more than others; every adviser a few companies."""
    guests = list(day.invited_companies.order_by("pk").values_list("company_id", flat=True))
    people = [each.adviser for each in day.invited_advisers.select_related("adviser").order_by("pk")]
    weights = [len(people) - at for at in range(len(people))]
    for company in guests[: max(1, round(len(guests) * share))]:
        liked = dict.fromkeys(each.pk for each in dice.choices(people, weights, k=5))
        save_wishes(
            day=day,
            side=Side.COMPANY,
            party_id=company,
            ranks={pk: at for at, pk in enumerate(liked, start=1)},
            actor=as_director(camp.director),
            now=now,
        )
    for adviser in people[: max(1, round(len(people) * share))]:
        actor = as_adviser(adviser.user, adviser) if adviser.user else as_director(camp.director)
        wanted = dict.fromkeys(dice.choices(guests, k=4))
        save_wishes(
            day=day,
            side=Side.ADVISER,
            party_id=adviser.pk,
            ranks={pk: at for at, pk in enumerate(wanted, start=1)},
            actor=actor,
            now=now,
        )


def _publish(camp: Camp, day: MentorDay, now: datetime) -> None:
    """Sessions and days off are drawn by lot: whoever has no time at all that day stays out."""
    director = as_director(camp.director)
    problem = read_problem(day)
    for host in problem.day.hosts:
        if len(host.absent) == len(problem.day.slots):
            part = day.invited_advisers.get(adviser=int(host.id))
            take_out(part=part, actor=director, now=now)
    publish(arrangement=draw_up(day=day, actor=director, now=now), actor=director, now=now)
