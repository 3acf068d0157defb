"""Advisers, their slots of a quarter back and three weeks ahead, and what came of each session."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random

from django.utils import timezone

from incubator.accounts.acting import Acting
from incubator.accounts.enums import Kind
from incubator.accounts.models import User
from tenants.companies.models import Company
from tenants.consulting.enums import AdviceField, Affiliation, Language, Side, Weekday
from tenants.consulting.models import Adviser, Booking, MeetingRoom, Slot
from tenants.consulting.quarters import Quarter
from tenants.consulting.services import (
    StepDraft,
    add_hours,
    book_slot,
    cancel_booking,
    finish_step,
    link_adviser,
    open_slots,
    record_attendance,
    register_adviser,
    withdraw_slot,
    write_report,
)

from .camp import Camp, as_adviser
from .days import days_before
from .parts import FULLY_BOOKED
from .people import MANY, address, counts
from .texts import CANCELLED_BY, SESSIONS

WEEKS_BACK, DAYS_AHEAD = 13, 21
# Of twelve hours a quarter; only one company comes near them.
MOST_HOURS, NEARLY_ALL = 7, 11
_AFTERNOON, _MORNING = (14, 17), (10, 12)
_ROOMS = ("가온 회의실", "나래 회의실", "다솜 회의실", "라온 회의실")
# What becomes of every 25 sessions; the first of them show one of each.
_FATES = (
    "advised",
    "company_away",
    "cancelled_by_company",
    "adviser_away",
    "next_step_open",
    "cancelled_by_adviser",
    "unreported",
    "cancelled_by_office",
    *["next_step_open"] * 5,
    *["next_step_done"] * 6,
    *["advised"] * 6,
)


@dataclass
class _Diary:
    """Who is busy when, and how many hours of each quarter a company has taken."""

    busy: set[tuple[int, datetime]] = field(default_factory=set)
    hours: Counter[tuple[int, Quarter]] = field(default_factory=Counter)

    def has_room(self, company: Company, attendee: User, starts: datetime, most: int) -> bool:
        quarter = self.hours[company.pk, Quarter.of(starts)]
        return quarter < most and (attendee.pk, starts) not in self.busy

    def enter(self, company: Company, attendee: User, starts: datetime) -> None:
        self.busy.add((attendee.pk, starts))
        self.hours[company.pk, Quarter.of(starts)] += 1


def make_advisers(camp: Camp) -> int:
    """Two of them belong to accelerators that are firms; the last one is the person with many roles."""
    _firms, wanted = counts(camp)
    dice, fields = camp.dice("advisers"), list(AdviceField.values)
    accelerators = [firm for firm in camp.firms if firm.kind == "ac"]
    others = [each for each in Affiliation if each != Affiliation.AC]
    for at in range(wanted):
        user = camp.users[MANY if at == wanted - 1 else f"adviser{at + 1:02d}"]
        firm = accelerators[at - 1] if 1 <= at <= min(2, len(accelerators)) else None
        adviser = register_adviser(
            name=user.name,
            email=address(f"adviser{at + 1:02d}"),
            affiliation=Affiliation.AC if firm else others[at % len(others)],
            fields=[fields[at % len(fields)], fields[(at * 3 + 1) % len(fields)]][: 1 + at % 2],
            languages=[Language.KOREAN, *([Language.ENGLISH] if dice.random() < 0.4 else [])],
            weekly_hours=dice.choice((4, 6, 8)),
            firm=firm,
            actor=camp.director,
        )
        link_adviser(user, adviser.pk, "")
        as_adviser(user, adviser)
        adviser.user = user
        camp.advisers.append(adviser)
        camp.adviser_by_id[adviser.pk] = adviser
    MeetingRoom.objects.bulk_create(
        MeetingRoom(name=name, place=f"제1 AI창업캠프 {level}층")
        for level, name in enumerate(_ROOMS, start=2)
    )
    return wanted


@dataclass(frozen=True)
class _Span:
    adviser: Adviser
    day: date
    hours: tuple[int, int]
    room: MeetingRoom | None


def _spans(camp: Camp, first: date, last: date) -> Iterator[_Span]:
    """Every adviser's afternoon, each second week until today and each week from then on, and of some a morning besides.
    Advisers who share a weekday have rooms of their own; who finds none left meets online."""
    rooms = list(MeetingRoom.objects.order_by("name"))
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        coming = day > camp.today
        for at, adviser in enumerate(camp.advisers):
            place = at // 5
            room = rooms[place] if place < len(rooms) else None
            if day.weekday() == at % 5 and (coming or (at + ahead // 7) % 2):
                yield _Span(adviser, day, _AFTERNOON, room)
            elif day.weekday() == (at + 2) % 5 and coming and at % 2:
                yield _Span(adviser, day, _MORNING, None)


def make_sessions(camp: Camp) -> int:
    _keep_hours(camp)
    dice, diary = camp.dice("sessions"), _Diary()
    _first_company(camp, dice, diary)
    fates = _fates(camp)
    first = days_before(camp.today, 7 * WEEKS_BACK)
    for span in _spans(camp, first, days_before(camp.today, 1)):
        for slot in _open(camp, span, days_before(span.day, 14)):
            if dice.random() < 0.44 and (booking := _book(camp, dice, diary, slot)):
                late = span.day >= days_before(camp.today, 3)
                _happen(camp, dice, booking, "unrecorded" if late and dice.random() < 0.5 else next(fates))
    for span in _spans(camp, camp.today + timedelta(days=1), camp.today + timedelta(days=DAYS_AHEAD)):
        near = (span.day - camp.today).days
        for slot in _open(camp, span, days_before(camp.today, 5)):
            if dice.random() < 0.4 - near * 0.015:
                _book(camp, dice, diary, slot)
    _full_company(camp, dice, diary)
    _withdrawn_slot(camp)
    return Booking.objects.count()


def _fates(camp: Camp) -> Iterator[str]:
    first = list(_FATES)
    yield from first
    dice = camp.dice("fates")
    while True:
        yield from dice.sample(first, len(first))


def _keep_hours(camp: Camp) -> None:
    """The weekly hours from which free times are computed, where no time is offered by hand."""
    begun = days_before(camp.today, 7 * WEEKS_BACK + 30)
    for at, adviser in enumerate(camp.advisers):
        add_hours(
            adviser=adviser,
            weekday=Weekday.values[at % 5],
            starts=time(_AFTERNOON[0]),
            ends=time(_AFTERNOON[1]),
            online_url=f"https://meet.example/adviser{adviser.pk}",
            first=begun,
            actor=adviser.user,
            now=camp.at(begun, 9),
        )


def _open(camp: Camp, span: _Span, opened_on: date) -> list[Slot]:
    begins, ends = span.hours
    return open_slots(
        adviser=span.adviser,
        starts=camp.at(span.day, begins),
        ends=camp.at(span.day, ends),
        minutes=60,
        room=span.room,
        online_url="" if span.room else f"https://meet.example/adviser{span.adviser.pk}",
        actor=span.adviser.user,
        now=camp.at(opened_on, 9),
    )


def _book(camp: Camp, dice: Random, diary: _Diary, slot: Slot) -> Booking | None:
    """By whoever of some company has room for it: not the first company, whose sessions are told apart."""
    company = dice.choice(camp.companies[1:] or camp.companies)
    return _book_for(camp, dice, diary, slot, company, MOST_HOURS)


def _book_for(
    camp: Camp, dice: Random, diary: _Diary, slot: Slot, company: Company, most: int
) -> Booking | None:
    attendee = dice.choice(camp.members[company.pk])
    if not diary.has_room(company, attendee, slot.starts, most):
        return None
    diary.enter(company, attendee, slot.starts)
    booked_on = min(days_before(slot.starts.date(), dice.randint(2, 8)), days_before(camp.today, 1))
    topic, _advice, _next = dice.choice(_stock(camp, slot))
    if attendee is not camp.members[company.pk][0]:
        attendee.acting = Acting(Kind.FOUNDER, attendee.pk, company.pk, "member", company.name)
    return book_slot(
        slot=slot,
        company=company,
        attendee=attendee,
        topic=topic,
        actor=attendee,
        now=camp.at(booked_on, 11, dice.randrange(60)),
        notify=False,
    )


def _happen(camp: Camp, dice: Random, booking: Booking, fate: str) -> None:
    """What became of a booking whose time is over; nobody has said so yet of the `unrecorded`."""
    adviser = camp.adviser_by_id[booking.adviser_id].user
    if fate.startswith("cancelled_by_"):
        side = Side(fate.removeprefix("cancelled_by_"))
        actor = {Side.COMPANY: booking.attendee, Side.ADVISER: adviser, Side.OFFICE: camp.director}[side]
        cancel_booking(
            booking=booking,
            reason=dice.choice(CANCELLED_BY[side]),
            actor=actor,
            now=booking.starts - timedelta(hours=dice.randint(3, 20)),
            notify=False,
        )
        return
    if fate == "unrecorded":
        return
    record_attendance(
        booking=booking,
        adviser_came=fate != "adviser_away",
        company_came=fate != "company_away",
        actor=adviser,
        now=booking.ends,
    )
    if fate in ("advised", "next_step_open", "next_step_done"):
        _report(camp, booking, fate)


def _stock(camp: Camp, slot: Slot) -> tuple[tuple[str, str, str], ...]:
    """Topics, advice and next steps of the field that the slot's adviser knows best."""
    return SESSIONS[AdviceField(camp.adviser_by_id[slot.adviser_id].fields[0])]


def _report(camp: Camp, booking: Booking, fate: str) -> None:
    """What was said on the topic; a next step where the story has one."""
    stock = _stock(camp, booking.slot)
    advice, step = next((advice, step) for topic, advice, step in stock if topic == booking.topic)
    if fate == "advised":
        step = ""
    elif not step:
        step = next(step for _topic, _advice, step in stock if step)
    adviser, now = camp.adviser_by_id[booking.adviser_id], booking.ends + timedelta(hours=2)
    due_on = timezone.localdate(now) + timedelta(days=14)
    report = write_report(
        booking=booking,
        field=adviser.fields[0],
        advice=advice,
        steps=[StepDraft(step, Side.COMPANY, due_on)] if step else [],
        actor=adviser.user,
        now=now,
    )
    if fate == "next_step_done":
        finish_step(step=report.steps.get(), actor=booking.attendee, now=now + timedelta(days=5))


def _first_company(camp: Camp, dice: Random, diary: _Diary) -> None:
    """One advice open, two done, and a session in two days: at an hour that no weekly slot has."""
    company = camp.companies[0]
    told = (
        (-66, "next_step_done"),
        (-38, "advised"),
        (-24, "next_step_done"),
        (-10, "next_step_open"),
        (2, ""),
    )
    for (days, fate), adviser in zip(told, islice(cycle(camp.advisers), len(told)), strict=False):
        span = _Span(adviser, camp.today + timedelta(days=days), (13, 14), None)
        slot = _open(camp, span, days_before(min(span.day, camp.today), 12))[0]
        booking = _book_for(camp, dice, diary, slot, company, MOST_HOURS)
        if booking and fate:
            _happen(camp, dice, booking, fate)


def _full_company(camp: Camp, dice: Random, diary: _Diary) -> None:
    """One company books what is left of its hours of the quarter, as far as free slots reach."""
    company = camp.companies[camp.role(FULLY_BOOKED)]
    free = Slot.objects.select_related("adviser").bookable(camp.at(camp.today, 23))
    for slot in free.order_by("period", "pk")[:30]:
        if diary.hours[company.pk, Quarter.of(slot.starts)] < NEARLY_ALL:
            _book_for(camp, dice, diary, slot, company, NEARLY_ALL)


def _withdrawn_slot(camp: Camp) -> None:
    slot = (
        Slot.objects.select_related("adviser__user").bookable(camp.at(camp.today, 23)).order_by("-pk").first()
    )
    if slot is not None:
        withdraw_slot(
            slot=slot,
            reason=CANCELLED_BY["adviser"][0],
            actor=camp.director,
            now=camp.now,
            notify=False,
        )
