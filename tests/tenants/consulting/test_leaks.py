"""Markers in every text field of another company: no page, feed, mail, API answer or error says one of them."""

import inspect
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.consulting import selectors, services
from tenants.consulting.models import (
    Attendee,
    Availability,
    Booking,
    BookingFile,
    CalendarFeed,
    CompanyNote,
    ExternalCalendar,
    HonorariumLine,
    HonorariumPayment,
    HonorariumRate,
    HonorariumSheet,
    HoursException,
    NextStep,
    Offer,
    Proposal,
    ReportFile,
    ReportNote,
    SessionRating,
    SessionReport,
    Slot,
    TimeHold,
    WaitingEntry,
)
from tenants.consulting.quarters import SEOUL
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.consulting import (
    AdviserFactory,
    AvailabilityFactory,
    BookingFactory,
    NextStepFactory,
    RatingFactory,
    SessionReportFactory,
    SlotFactory,
    adviser_person,
)

pytestmark = pytest.mark.django_db

MARK = "가려진고래"


def soon(hours: int):
    base = timezone.now().astimezone(SEOUL).replace(minute=0, second=0, microsecond=0)
    return base + timedelta(hours=hours + 1)


@pytest.fixture
def adviser():
    return AdviserFactory()


@pytest.fixture
def theirs(adviser):
    """Another company with one of everything, all of it marked: a seat in a session of several, a cancelled one, a file, a
    proposal, a place on the list with a held time; and an adviser's own notes and addresses."""
    company = CompanyFactory(name=f"{MARK} 기업", name_en=f"{MARK} Inc", summary=f"{MARK} 소개")
    person = founder_of(company)
    person.name = f"{MARK} 대표"
    person.save()
    colleague = MembershipFactory(company=company).user
    colleague.name = f"{MARK} 직원"
    colleague.save()
    now = timezone.now()
    group = SlotFactory(adviser=adviser, starts=soon(72), seats=3)
    seat = BookingFactory(slot=group, company=company, attendee=person, topic=f"{MARK} 질문")
    Attendee.objects.create(booking=seat, person=colleague)
    BookingFile.objects.create(
        booking=seat,
        company=company,
        file=ContentFile(MARK.encode(), name="a.txt"),
        name=f"{MARK}.txt",
        content_type="text/plain",
        size=3,
        added_at=now,
    )
    single = BookingFactory(
        slot__adviser=adviser, slot__starts=soon(80), company=company, attendee=person, topic=f"{MARK} 주제"
    )
    services.propose_time(booking=single, starts=soon(90), reason=f"{MARK} 사정", actor=person, now=now)
    gone = BookingFactory(
        slot__adviser=adviser,
        slot__starts=soon(100),
        company=company,
        attendee=person,
        topic=f"{MARK} 옛 주제",
    )
    services.cancel_booking(booking=gone, reason=f"{MARK} 취소", actor=person, now=now)
    freed = BookingFactory(slot__adviser=adviser, slot__starts=soon(110))
    services.join_waiting_list(
        company=company, week=freed.starts.astimezone(SEOUL).date(), adviser=adviser, actor=person, now=now
    )
    services.cancel_booking(booking=freed, reason="변경", actor=None, now=now)
    assert Offer.objects.get().company == company
    hours = AvailabilityFactory(
        adviser=adviser,
        weekday=str(soon(130).isoweekday()),
        online_url=f"https://meet.example/{MARK}",
        on_holidays=True,
    )
    services.go_away(
        adviser=adviser,
        first=soon(24 * 20).date(),
        last=soon(24 * 20).date(),
        reason=f"{MARK} 수술",
        actor=None,
        now=now,
    )
    ExternalCalendar.objects.create(adviser=adviser, url=f"https://calendar.example/{MARK}", read_at=now)
    _after(company, adviser, now)
    mail.outbox.clear()
    return {"company": company, "group": group, "single": single, "gone": gone, "hours": hours}


def _after(company, adviser, now):
    """A session that is over, with all that follows one; its step is due, and the report of another is missing."""
    person = company.memberships.order_by("pk").first().user
    held = BookingFactory(
        slot__adviser=adviser,
        slot__starts=soon(-48),
        company=company,
        attendee=person,
        state="held",
        topic=f"{MARK} 지난 질문",
    )
    report = SessionReportFactory(booking=held, advice=f"{MARK} 조언", written_at=now - timedelta(days=15))
    NextStepFactory(report=report, text=f"{MARK} 과제")
    NextStepFactory(
        report=report, text=f"{MARK} 접은 과제", state="dropped", closed_at=now, reason=f"{MARK} 까닭"
    )
    of = {"report": report, "company": company, "adviser": adviser}
    ReportFile.objects.create(
        **of,
        file=ContentFile(MARK.encode(), name="b.txt"),
        name=f"{MARK} 자료.txt",
        content_type="text/plain",
        size=3,
        sha256="1",
        added_at=now,
    )
    ReportNote.objects.create(**of, text=f"{MARK} 쪽지", written_at=now)
    RatingFactory(booking=held, words=f"{MARK} 평가", rated_at=now)
    CompanyNote.objects.create(
        booking=held, company=company, adviser=adviser, text=f"{MARK} 메모", written_at=now
    )
    BookingFactory(
        slot__adviser=adviser, slot__starts=soon(-72), company=company, attendee=person, state="held"
    )


@pytest.fixture
def forgetful(monkeypatch):
    """Every list of this room returns everything there is: only the database still knows whose is what."""
    models = {
        "slots_for": Slot,
        "bookings_for": Booking,
        "reports_for": SessionReport,
        "offers_for": Offer,
        "proposals_for": Proposal,
        "files_for": BookingFile,
        "hours_for": Availability,
        "exceptions_for": HoursException,
        "calendars_for": ExternalCalendar,
        "feeds_for": CalendarFeed,
        "waiting_for": WaitingEntry,
        "steps_for": NextStep,
        "report_files_for": ReportFile,
        "office_notes_for": ReportNote,
        "ratings_for": SessionRating,
        "company_notes_for": CompanyNote,
        "holds_for": TimeHold,
        "rates_for": HonorariumRate,
        "sheets_for": HonorariumSheet,
        "lines_for": HonorariumLine,
        "payments_for": HonorariumPayment,
    }
    known = {name for name, _ in inspect.getmembers(selectors, inspect.isfunction) if name.endswith("_for")}
    assert known - {"advisers_for", "next_booking_for", "acting_of"} == set(models)
    for name, model in models.items():
        monkeypatch.setattr(selectors, name, lambda user, model=model: model.objects.all())


def said(client, theirs, *, place="consulting") -> str:
    """Everything that the person is told: pages, files, API, and what they are refused with."""
    from tenants.consulting.times import times_for

    addresses = [reverse(f"{place}:home"), reverse(f"{place}:calendar")]
    if place == "consulting":
        addresses += [
            reverse("consulting:sessions"),
            reverse("consulting:book", args=[theirs["group"].pk]),
            *(reverse("consulting:book", args=[pk]) for pk in Slot.objects.values_list("pk", flat=True)),
            *(
                reverse("consulting:book_time", args=[time.key])
                for time in times_for(None, now=timezone.now()).found[:8]
                if time.slot_id is None
            ),
            *(reverse("consulting:offer", args=[pk]) for pk in Offer.objects.values_list("pk", flat=True)),
        ]
    else:
        addresses += [reverse(f"advise:{name}") for name in ("hours", "away", "external", "terms")]
    after = (("report_file", ReportFile), ("step_drop", NextStep))
    of_sessions = [("booking", Booking), ("move", Booking), ("file", BookingFile), *after]
    addresses += [reverse(f"{place}:steps"), f"{reverse(f'{place}:steps')}?state=closed"]
    if place == "consulting":
        addresses.append(reverse("consulting:ledger"))
    else:
        of_sessions += [("report", Booking), ("prepare", Booking)]
    for name, model in of_sessions:
        addresses += [
            reverse(f"{place}:{name}", args=[pk]) for pk in model.objects.values_list("pk", flat=True)
        ]
    lists = ("slot", "booking", "adviser", "session-report", "next-step")
    addresses += [reverse(f"api:{name}-list") for name in lists] + [reverse("api:slot-free")]
    for name, model in (("session-report", SessionReport), ("next-step", NextStep)):
        addresses += [
            reverse(f"api:{name}-detail", args=[pk]) for pk in model.objects.values_list("pk", flat=True)
        ]
    addresses += [
        reverse("api:booking-detail", args=[pk]) for pk in Booking.objects.values_list("pk", flat=True)
    ]
    answers = [client.get(address) for address in addresses]
    for pk in Booking.objects.values_list("pk", flat=True):
        answers += [client.post(reverse(f"{place}:{name}", args=[pk]), {}) for name in ("cancel", "propose")]
        values = json.dumps({"reason": "x", "slot": theirs["group"].pk})
        answers += [
            client.post(reverse(f"api:{name}", args=[pk]), values, content_type="application/json")
            for name in ("booking-cancel", "booking-move")
        ]
        wanted = json.dumps({"booking": pk, "field": "ai", "advice": "x", "differs_from": pk})
        answers.append(
            client.post(reverse("api:session-report-list"), wanted, content_type="application/json")
        )
        if place == "consulting":
            posted = {"rating-stars": "9", "notes-text": "x" * 2001}
            answers += [
                client.post(reverse(f"consulting:{name}", args=[pk]), posted) for name in ("rate", "notes")
            ]
        else:
            answers.append(client.post(reverse("advise:report", args=[pk]), {"advice": ""}))
    for pk in NextStep.objects.values_list("pk", flat=True):
        answers.append(client.post(reverse(f"{place}:step_done", args=[pk])))
        answers += [
            client.post(reverse(f"api:next-step-{name}", args=[pk]), "{}", content_type="application/json")
            for name in ("done", "drop")
        ]
    for pk in Proposal.objects.values_list("pk", flat=True):
        answers.append(client.post(reverse(f"{place}:answer", args=[pk]), {"answer": "accept"}))
    assert {answer.status_code for answer in answers} <= {200, 302, 400, 403, 404, 405, 409, 422}
    bodies = [
        b"".join(answer.streaming_content) if answer.streaming else answer.content for answer in answers
    ]
    return b"\n".join(bodies).decode()


@pytest.fixture
def stranger(company, theirs, django_capture_on_commit_callbacks):
    """A founder who sits in the same session, has the reopened slot, and waits in the same week."""
    founder, now = founder_of(company), timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        for slot in (theirs["group"], theirs["gone"].slot):
            services.book_slot(
                slot=slot, company=company, attendee=founder, topic="제 질문", actor=founder, now=now
            )
        services.join_waiting_list(company=company, week=soon(72).date(), actor=founder, now=now)
    return founder


def test_a_founder_of_another_company_is_told_nothing(stranger, theirs, forgetful):
    client = sign_in(Client(), stranger)
    assert MARK not in said(client, theirs)
    address = client.post(reverse("consulting:calendar")).context["address"]
    assert MARK not in client.get(address).content.decode()


def test_another_adviser_is_told_nothing(stranger, theirs, forgetful):
    client = sign_in(Client(), adviser_person(AdviserFactory()))
    assert MARK not in said(client, theirs, place="advise")


def test_no_mail_to_anyone_else_says_it(stranger, theirs, django_capture_on_commit_callbacks):
    now = timezone.now()
    own = Booking.objects.filter(company__memberships__user=stranger).first()
    with django_capture_on_commit_callbacks(execute=True):
        services.cancel_booking(booking=own, reason="변경", actor=stranger, now=now)
        services.send_reminders(now=soon(72) - timedelta(minutes=30))
        reports, steps = services.chase_reports(now=now), services.remind_of_steps(now=now)
    assert (reports, steps) == (1, 1)
    marked = {f"{person.email}" for person in _people(theirs["company"])} | {theirs["group"].adviser.email}
    others = [message for message in mail.outbox if not set(message.to) & marked]
    assert others
    for message in others:
        assert MARK not in message.message().as_string()
        assert MARK not in message.body


def _people(company):
    return [membership.user for membership in company.memberships.select_related("user")]


def test_without_the_walls_they_would_be(stranger, theirs, forgetful):
    """The control: with the policies of the room taken away the same walk finds the markers."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        after = (SessionReport, NextStep, ReportFile, SessionRating, CompanyNote)
        for model in (Booking, BookingFile, Attendee, Offer, Proposal, WaitingEntry, *after):
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE ROW LEVEL SECURITY')
    assert MARK in said(sign_in(Client(), stranger), theirs)
