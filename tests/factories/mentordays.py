"""Mentor days on Wednesday, 10 February 2027, from ten o'clock; companies and advisers who wish for one another."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from incubator.accounts.enums import Kind, StaffGroup
from tenants.companies.models import Company
from tenants.consulting.models import Adviser
from tenants.mentordays import services
from tenants.mentordays.enums import Side
from tenants.mentordays.models import Arrangement, Meeting, MentorDay

from .accounts import UserFactory, acting, acting_staff
from .companies import CompanyFactory, MembershipFactory
from .consulting import NOW, SEOUL, AdviserFactory

DAY = date(2027, 2, 10)
BEGINS = datetime(2027, 2, 10, 10, tzinfo=SEOUL)
UNTIL = BEGINS - timedelta(days=2)
CLOSED = UNTIL + timedelta(hours=1)


def plan(**values: Any) -> MentorDay:
    """A day of six slots of twenty minutes with a break after the third."""
    day = MentorDay(
        **{
            "title": "멘토데이",
            "title_en": "Mentor day",
            "place": "1층 라운지",
            "day": DAY,
            "starts": time(10),
            "minutes": 20,
            "slot_count": 6,
            "breaks": [3],
            "break_minutes": 20,
            "in_a_row": 3,
            **values,
        }
    )
    return services.plan_day(day=day, actor=None, now=NOW)


def invite(
    day: MentorDay, companies: Sequence[Company], advisers: Sequence[Adviser], tables: int = 3
) -> None:
    services.invite_companies(day=day, companies=companies, actor=None, now=NOW)
    services.invite_advisers(day=day, advisers=advisers, actor=None, now=NOW)
    for number in range(1, tables + 1):
        services.add_table(day=day, name=f"탁자 {number}", actor=None, now=NOW)


def wish(day: MentorDay, company: Company, *advisers: Adviser, **values: Any) -> None:
    """The company wishes for these, the first most."""
    services.save_wishes(
        day=day,
        side=Side.COMPANY,
        party_id=company.pk,
        ranks={adviser.pk: place for place, adviser in enumerate(advisers, start=1)},
        **{"actor": None, "now": NOW, **values},
    )


def day_of_wishes(companies: int = 4, advisers: int = 3, **values: Any) -> MentorDay:
    """A day in which every company wishes for every adviser, each beginning with another one; wishes are closed."""
    day = plan(**values)
    firms = CompanyFactory.create_batch(companies)
    people = AdviserFactory.create_batch(advisers)
    invite(day, firms, people)
    day = services.collect_wishes(day=day, until=UNTIL, actor=None, now=NOW, notify=False)
    for at, company in enumerate(firms):
        wish(day, company, *(people[at % advisers :] + people[: at % advisers]))
    return day


def drawn_up(day: MentorDay | None = None, **values: Any) -> Arrangement:
    return services.draw_up(day=day or day_of_wishes(**values), actor=None, now=CLOSED)


def published(day: MentorDay | None = None, **values: Any) -> Arrangement:
    return services.publish(arrangement=drawn_up(day, **values), actor=None, now=CLOSED, notify=False)


def founder_of(company: Company) -> Any:
    user = MembershipFactory(company=company, user=UserFactory(), level="owner").user
    return acting(user, Kind.FOUNDER, company.pk, "owner", label=company.name)


def manager() -> Any:
    return acting_staff(StaffGroup.CONSULTING)


def furnish_mentor_days(sides: Sequence[Any], now: datetime) -> None:
    """For the world of the permission matrix: one published day on which each company meets its own adviser and wants none of
    the other, and one for each company alone whose wishes are collected. No solver is asked: a world is made often."""
    first = now.astimezone(SEOUL).date() + timedelta(days=9)
    day = MentorDay(title="멘토데이", day=first, starts=time(10), minutes=20, slot_count=2)
    services.plan_day(day=day, actor=None, now=now)
    invite(day, [side.company for side in sides], [side.adviser for side in sides], tables=2)
    until = now + timedelta(days=5)
    services.collect_wishes(day=day, until=until, actor=None, now=now, notify=False)
    for side, other in (sides, sides[::-1]):
        for who, party, wanted, unwanted in (
            (Side.COMPANY, side.company, side.adviser, other.adviser),
            (Side.ADVISER, side.adviser, side.company, other.company),
        ):
            services.save_wishes(
                day=day,
                side=who,
                party_id=party.pk,
                ranks={wanted.pk: 1},
                vetoes=[unwanted.pk],
                notes={unwanted.pk: f"{side.mark} 사이가 나쁨"},
                actor=None,
                now=now,
            )
        alone = MentorDay(title=f"{side.mark} 소모임", day=first, starts=time(15), slot_count=2)
        services.plan_day(day=alone, actor=None, now=now)
        invite(alone, [side.company], [side.adviser], tables=1)
        services.collect_wishes(day=alone, until=until, actor=None, now=now, notify=False)
        side.things["mentor_ranking"] = alone
    _publish_by_hand(day, sides, now)
    day.refresh_from_db()
    for side in sides:
        side.things["mentor_day"] = day


def _publish_by_hand(day: MentorDay, sides: Sequence[Any], now: datetime) -> None:
    slot = day.slots.order_by("number").first()
    arrangement = Arrangement.objects.create(
        day=day,
        number=1,
        input={
            "advisers": [[side.adviser.pk, 2, []] for side in sides],
            "companies": [[side.company.pk, 0, 2, []] for side in sides],
        },
        proof={},
        input_hash="0" * 64,
        result_hash="0" * 64,
        code_version="test",
        objective=1,
        bound=1,
        spread=0,
        waits=0,
        long_runs=0,
        wished=2,
        met=2,
        made_at=now,
    )
    for side, table in zip(sides, day.tables.order_by("pk"), strict=True):
        side.things["mentor_meeting"] = Meeting.objects.create(
            arrangement=arrangement,
            day=day,
            company=side.company,
            adviser=side.adviser,
            slot=slot,
            table=table,
        )
        side.things["mentor_version"] = arrangement
        side.things["mentor_guest"] = day.invited_advisers.get(adviser=side.adviser)
    Arrangement.objects.filter(pk=arrangement.pk).update(state="published", published_at=now)
    MentorDay.objects.filter(pk=day.pk).update(state="published")
