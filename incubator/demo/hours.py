"""Advisers who agree first, who are away, who offer more; companies that ask, wait, and are proposed another time."""

from datetime import date, timedelta

from incubator.accounts.acting import Acting
from incubator.accounts.enums import Kind
from incubator.accounts.models import User
from tenants.companies.models import Company
from tenants.consulting.enums import BookingState, ExceptionKind
from tenants.consulting.errors import AllowanceUsedUp, AttendeeBusy
from tenants.consulting.models import Adviser, Booking, Offer, Slot, WaitingEntry
from tenants.consulting.services import (
    add_exception,
    book_slot,
    cancel_booking,
    go_away,
    join_waiting_list,
    open_slots,
    propose_time,
    set_terms,
)
from tenants.consulting.times import Time, Wanted, times_for

from .camp import Camp
from .days import days_before

_TOPIC = "기술이전 계약서 초안을 함께 검토하고 싶습니다."


def make_hours(camp: Camp) -> int:
    """How many requests, waiting companies, offers and proposals there are afterwards."""
    _terms(camp)
    _days(camp)
    _group(camp)
    _request(camp)
    _proposal(camp)
    _waiting(camp)
    asked = Booking.objects.filter(state=BookingState.REQUESTED).count()
    return (
        asked
        + WaitingEntry.objects.count()
        + Offer.objects.count()
        + Booking.objects.filter(proposals__state="open").count()
    )


def _adviser(camp: Camp, place: int) -> Adviser:
    return camp.advisers[place % len(camp.advisers)]


def _founder(camp: Camp, place: int) -> tuple[User, Company]:
    company = camp.companies[camp.role(place)]
    founder = camp.members[company.pk][0]
    founder.acting = Acting(Kind.FOUNDER, founder.pk, company.pk, "owner", company.name)
    return founder, company


def _terms(camp: Camp) -> None:
    """Every fourth adviser agrees to each session first, every third keeps a quarter of an hour for notes."""
    for at, adviser in enumerate(camp.advisers):
        changes: dict[str, object] = {}
        if at % 4 == 3:
            changes |= {"needs_approval": True, "answer_hours": 48}
        if at % 3 == 2:
            changes |= {"minutes_after": 15, "longest_week_hours": 4}
        if changes:
            set_terms(adviser=adviser, actor=adviser.user, **changes)


def _days(camp: Camp) -> None:
    away, more = _adviser(camp, 5), _adviser(camp, 6)
    first = camp.today + timedelta(days=24)
    go_away(
        adviser=away,
        first=first,
        last=first + timedelta(days=6),
        reason="해외 출장",
        actor=away.user,
        now=camp.now,
    )
    day = _working_day(camp.today + timedelta(days=9))
    add_exception(
        adviser=more,
        kind=ExceptionKind.EXTRA,
        starts=camp.at(day, 19),
        ends=camp.at(day, 21),
        online_url="https://meet.example/evening",
        actor=more.user,
        now=camp.now,
    )


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _group(camp: Camp) -> None:
    """An evening for several companies at once, of which two take part."""
    adviser, day = _adviser(camp, 2), _working_day(camp.today + timedelta(days=10))
    (slot,) = open_slots(
        adviser=adviser,
        starts=camp.at(day, 18),
        ends=camp.at(day, 19, 30),
        minutes=90,
        online_url="https://meet.example/together",
        seats=6,
        actor=adviser.user,
        now=camp.at(days_before(camp.today, 3), 9),
    )
    for place in (54, 55):
        _book(camp, slot, place)


def _book(camp: Camp, slot: Slot | Time, place: int) -> Booking | None:
    """By the company at this place, where its hours and its founder allow it."""
    founder, company = _founder(camp, place)
    try:
        return book_slot(
            slot=slot,
            company=company,
            attendee=founder,
            topic=_TOPIC,
            actor=founder,
            now=camp.at(days_before(camp.today, 1), 15),
            notify=False,
        )
    except (AllowanceUsedUp, AttendeeBusy):
        return None


def _free(camp: Camp, adviser: Adviser, place: int) -> Time | None:
    """The first time of the adviser that is computed from weekly hours, seen by the company at this place."""
    founder, _company = _founder(camp, place)
    times = times_for(founder, now=camp.now, wanted=Wanted(adviser=adviser.pk))
    return next((time for time in times.found if time.slot_id is None), None)


def _request(camp: Camp) -> None:
    """A company waits for an adviser who agrees first."""
    adviser = _adviser(camp, 3)
    time = _free(camp, adviser, 56)
    if time is not None:
        _book(camp, time, 56)


def _proposal(camp: Camp) -> None:
    """An adviser asks a company for another time."""
    coming = Booking.objects.filter(
        state=BookingState.BOOKED,
        period__startswith__gt=camp.at(camp.today + timedelta(days=3)),
        slot__seats=1,
    )
    booking = coming.exclude(company=camp.companies[0]).order_by("period", "pk").first()
    if booking is not None:
        propose_time(
            booking=booking,
            starts=booking.starts + timedelta(days=1, hours=3),
            reason="재판 기일과 겹칩니다.",
            actor=camp.adviser_by_id[booking.adviser_id].user,
            now=camp.now,
        )


def _waiting(camp: Camp) -> None:
    """Two companies wait for a week; the time that another one gives back is held for the first of them."""
    coming = Booking.objects.filter(
        state=BookingState.BOOKED,
        period__startswith__gt=camp.at(camp.today + timedelta(days=4)),
        slot__seats=1,
    )
    booked = coming.exclude(company=camp.companies[0]).filter(proposals=None).order_by("period", "pk").last()
    if booked is None or camp.size < 3:
        return
    for place in (57, 58):
        founder, company = _founder(camp, place)
        if company.pk != booked.company_id and not WaitingEntry.objects.filter(company=company).exists():
            join_waiting_list(
                company=company,
                week=camp.at(booked.starts.date(), 12).date(),
                adviser=camp.adviser_by_id[booked.adviser_id],
                actor=founder,
                now=camp.now,
            )
    owner = camp.members[booked.company_id][0]
    owner.acting = Acting(Kind.FOUNDER, owner.pk, booked.company_id, "owner", "")
    cancel_booking(
        booking=booked, reason="시제품 일정이 밀렸습니다.", actor=owner, now=camp.now, notify=False
    )
