"""Programmes, their meetings and who signed up. Meetings lie in February 2027; sign-up is open at NOW."""

from datetime import datetime, timedelta
from typing import Any

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory.django import DjangoModelFactory

from tenants.companies.models import Company
from tenants.consulting.enums import AdviceField
from tenants.programmes.enums import ProgrammeState, SignUpState
from tenants.programmes.models import Attendance, Meeting, Programme, SignUp

from .companies import CompanyFactory, founder_of
from .consulting import NOW, AdviserFactory, at


class ProgrammeFactory(DjangoModelFactory):
    """Open for sign-up, with two seats and a teacher of ours; it has no meeting yet."""

    class Meta:
        model = Programme

    title = factory.Sequence(lambda n: f"투자유치 실전 {n}기")
    title_en = factory.Sequence(lambda n: f"Fundraising in practice {n}")
    description = "자료를 함께 고칩니다."
    adviser = factory.SubFactory(AdviserFactory)
    topic = AdviceField.FUNDRAISING
    seats = 2
    opens_at = NOW - timedelta(days=7)
    closes_at = at(10, 18)
    state = ProgrammeState.OPEN


class MeetingFactory(DjangoModelFactory):
    """A visit of two hours on 12 February, made directly: nothing is held."""

    class Meta:
        model = Meeting

    class Params:
        starts = at(12, 14)
        minutes = 120

    programme = factory.SubFactory(ProgrammeFactory)
    period = factory.LazyAttribute(
        lambda each: DateTimeTZRange(each.starts, each.starts + timedelta(minutes=each.minutes))
    )
    place = "visit"
    address = "광주 북구 첨단과기로"


class SignUpFactory(DjangoModelFactory):
    """A person with a seat, made directly."""

    class Meta:
        model = SignUp

    programme = factory.SubFactory(ProgrammeFactory)
    company = factory.SubFactory(CompanyFactory)
    person = factory.LazyAttribute(lambda each: founder_of(each.company))
    state = SignUpState.SIGNED
    joined_at = NOW


def programme(*starts: datetime, **values: Any) -> Programme:
    """One with meetings that begin then."""
    made: Programme = ProgrammeFactory(**values)
    for each in starts or (at(12, 14),):
        MeetingFactory(programme=made, starts=each)
    return made


def someone() -> tuple[Company, Any]:
    """A company and its founder."""
    company = CompanyFactory()
    return company, founder_of(company)


def attend(sign_up: SignUp, *presences: str) -> None:
    """What became of the participant at the programme's meetings, in their order."""
    meetings = Meeting.objects.filter(programme=sign_up.programme, is_off=False).order_by("period")
    for meeting, presence in zip(meetings, presences, strict=False):
        Attendance.objects.create(
            meeting=meeting,
            sign_up=sign_up,
            programme=sign_up.programme,
            company=sign_up.company,
            presence=presence,
            recorded_at=NOW,
        )
