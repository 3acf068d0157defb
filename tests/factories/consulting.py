"""Advisers, meeting rooms, slots and bookings. Slots lie on 2 February 2027, a Tuesday, unless told otherwise."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import factory
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone
from factory.django import DjangoModelFactory

from incubator.accounts.enums import Kind
from incubator.accounts.models import User
from tenants.consulting.enums import AdviceField, Affiliation, BookingState, Language, Side, Weekday
from tenants.consulting.models import (
    Adviser,
    Attendance,
    Availability,
    Booking,
    MeetingRoom,
    NextStep,
    SessionRating,
    SessionReport,
    Slot,
    SlotLink,
)
from tenants.consulting.times import Time, time_for

from .accounts import UserFactory, acting
from .companies import CompanyFactory, MembershipFactory

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2027, 2, 1, 10, tzinfo=SEOUL)


def at(day: int, hour: int, minute: int = 0, *, month: int = 2, year: int = 2027) -> datetime:
    """A moment in Seoul, in February 2027 unless told otherwise."""
    return datetime(year, month, day, hour, minute, tzinfo=SEOUL)


def lasting(starts: datetime, minutes: int = 60) -> DateTimeTZRange:
    return DateTimeTZRange(starts, starts + timedelta(minutes=minutes))


class AdviserFactory(DjangoModelFactory):
    class Meta:
        model = Adviser

    name = factory.Sequence(lambda n: f"전문위원 {n}")
    email = factory.Sequence(lambda n: f"adviser{n}@advice.example")
    affiliation = Affiliation.PATENT_FIRM
    fields = factory.LazyFunction(lambda: [AdviceField.PATENTS, AdviceField.LEGAL])
    languages = factory.LazyFunction(lambda: [Language.KOREAN])
    weekly_hours = 8


class MeetingRoomFactory(DjangoModelFactory):
    class Meta:
        model = MeetingRoom

    name = factory.Sequence(lambda n: f"회의실 {n}")


class SlotFactory(DjangoModelFactory):
    """An hour of an adviser of its own; `starts` and `minutes` make its period."""

    class Meta:
        model = Slot

    class Params:
        starts = at(2, 14)
        minutes = 60

    adviser = factory.SubFactory(AdviserFactory)
    period = factory.LazyAttribute(lambda slot: lasting(slot.starts, slot.minutes))


class SlotLinkFactory(DjangoModelFactory):
    class Meta:
        model = SlotLink

    slot = factory.SubFactory(SlotFactory)
    url = "https://meet.example/room"


class BookingFactory(DjangoModelFactory):
    """A booking by a member of its company, made directly: no allowance is asked and no mail is sent."""

    class Meta:
        model = Booking

    slot = factory.SubFactory(SlotFactory)
    adviser = factory.SelfAttribute("slot.adviser")
    period = factory.SelfAttribute("slot.period")
    company = factory.SubFactory(CompanyFactory)
    attendee = factory.LazyAttribute(lambda booking: MembershipFactory(company=booking.company).user)
    topic = "특허 출원 범위를 여쭙고 싶습니다."
    booked_by = factory.SelfAttribute("attendee")
    booked_at = NOW


class AttendanceFactory(DjangoModelFactory):
    class Meta:
        model = Attendance

    booking = factory.SubFactory(BookingFactory, state=BookingState.HELD)
    adviser_came = True
    company_came = True
    recorded_at = NOW


class SessionReportFactory(DjangoModelFactory):
    class Meta:
        model = SessionReport

    booking = factory.SubFactory(BookingFactory, state=BookingState.HELD)
    company = factory.SelfAttribute("booking.company")
    adviser = factory.SelfAttribute("booking.adviser")
    session_on = factory.LazyAttribute(lambda report: timezone.localdate(report.booking.starts))
    field = AdviceField.PATENTS
    advice = "청구항을 둘로 나누십시오."
    written_at = NOW


class NextStepFactory(DjangoModelFactory):
    """A step that the company has to take, agreed with the report."""

    class Meta:
        model = NextStep

    report = factory.SubFactory(SessionReportFactory)
    company = factory.SelfAttribute("report.company")
    adviser = factory.SelfAttribute("report.adviser")
    text = factory.Sequence(lambda n: f"변리사와 초안 검토 {n}")
    owner = Side.COMPANY
    due_on = factory.LazyAttribute(lambda step: timezone.localdate(step.agreed_at) + timedelta(days=14))
    agreed_at = factory.SelfAttribute("report.written_at")


class RatingFactory(DjangoModelFactory):
    class Meta:
        model = SessionRating

    booking = factory.SubFactory(BookingFactory, state=BookingState.HELD)
    company = factory.SelfAttribute("booking.company")
    adviser = factory.SelfAttribute("booking.adviser")
    stars = 4
    rated_at = NOW


def cancelled(**values: Any) -> Booking:
    """A booking that was cancelled the minute it was made."""
    return BookingFactory(
        state=BookingState.CANCELLED,
        cancelled_at=NOW,
        cancelled_side="company",
        cancel_reason="일정 변경",
        **values,
    )


def adviser_person(adviser: Adviser | None = None, **values: Any) -> User:
    """A person who acts as an adviser, with the grant for it."""
    adviser = adviser or AdviserFactory()
    adviser.user = UserFactory(**values)
    adviser.save()
    return acting(adviser.user, Kind.ADVISER, adviser.pk)


class AvailabilityFactory(DjangoModelFactory):
    """Tuesdays from 14:00 to 17:00, an hour each, online."""

    class Meta:
        model = Availability

    adviser = factory.SubFactory(AdviserFactory)
    weekday = Weekday.TUESDAY
    starts = time(14)
    ends = time(17)
    period = DateRange(date(2027, 1, 1), None)


def hour_of(adviser: Adviser, starts: datetime, now: datetime = NOW) -> Time:
    """The computed time of the adviser's weekly hours at that moment, which must be free."""
    key = f"{adviser.pk}-{starts:%Y%m%d%H%M}-60"
    found = time_for(None, key, now=now)
    assert found is not None
    return found
