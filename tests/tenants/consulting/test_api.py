"""Consulting for machines: the same lists and the same rules as the pages."""

import pytest
from django.test import Client
from django.urls import reverse

from tenants.consulting.models import Booking
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.consulting import (
    AdviserFactory,
    AttendanceFactory,
    BookingFactory,
    SessionReportFactory,
    SlotFactory,
)

from .test_pages import home, listed, soon

pytestmark = pytest.mark.django_db


def ids(client, name, **parameters):
    response = client.get(reverse(f"api:{name}-list"), parameters)
    assert response.status_code == 200
    return {row["id"] for row in response.json()["results"]}


def post(client, address, values):
    return client.post(address, values, content_type="application/json")


def book(client, **values):
    return post(client, reverse("api:booking-list"), values)


def test_a_founder_gets_what_the_page_shows(as_founder, company):
    free = SlotFactory(starts=soon(24))
    BookingFactory(slot__starts=soon(24))
    SlotFactory(starts=soon(-24))
    SlotFactory(starts=soon(24), adviser__active=False)
    own = BookingFactory(company=company, slot__starts=soon(25))
    assert ids(as_founder, "slot") == listed(home(as_founder, week=soon(24).date().isoformat())) == {free.pk}
    assert (
        ids(as_founder, "booking")
        == {booking.pk for booking in home(as_founder).context["coming"]}
        == {own.pk}
    )


def test_only_the_office_reads_addresses(as_founder, as_manager):
    adviser = AdviserFactory()
    address = reverse("api:adviser-detail", args=[adviser.pk])
    assert "email" not in as_founder.get(address).json()
    assert as_manager.get(address).json()["email"] == adviser.email


def test_books_and_cancels(as_founder, founder, company):
    slot = SlotFactory(starts=soon())
    response = book(as_founder, slot=slot.pk, topic="특허 범위")
    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (
        201,
        reverse("api:booking-detail", args=[booking.pk]),
    )
    assert (booking.company, booking.attendee, response.json()["state"]) == (company, founder, "booked")
    cancel = reverse("api:booking-cancel", args=[booking.pk])
    assert post(as_founder, cancel, {"reason": " "}).status_code == 400
    assert post(as_founder, cancel, {"reason": "일정 변경"}).json()["cancelled_side"] == "company"
    again = post(as_founder, cancel, {"reason": "일정 변경"})
    assert (again.status_code, again.json()["code"]) == (409, "already_cancelled")


def test_a_key_books_once(as_founder):
    slot = SlotFactory(starts=soon())
    answers = [
        as_founder.post(
            reverse("api:booking-list"),
            {"slot": slot.pk, "topic": "특허"},
            content_type="application/json",
            headers={"Idempotency-Key": "abc"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_the_office_books_for_a_company(as_manager):
    member = MembershipFactory()
    slot = SlotFactory(starts=soon())
    values = {"slot": slot.pk, "company": member.company_id, "attendee": member.user_id, "topic": "특허"}
    assert book(as_manager, **values).status_code == 201
    assert Booking.objects.get().company == member.company


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"slot": 0}, 400, "invalid"),
        ({"slot": 10**30}, 400, "invalid"),
        ({"slot": 2**62}, 404, "slot_unknown"),
        ({"slot": "x"}, 400, "invalid"),
        ({"topic": ""}, 400, "invalid"),
        ({"topic": "가" * 2001}, 400, "invalid"),
        ({"topic": "a\x00b"}, 400, "invalid"),
        ({"topic": "\ud800"}, 400, "invalid"),
        ({"topic": None}, 400, "invalid"),
        ({"attendee": 2**62}, 400, "attendee_not_member"),
        ({"company": 2**62}, 403, "not_allowed"),
    ],
)
def test_refuses_in_words(as_founder, values, status, code):
    slot = SlotFactory(starts=soon())
    response = book(as_founder, **{"slot": slot.pk, "topic": "특허 범위", **values})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"


def test_a_taken_and_a_past_slot_are_refused(as_founder):
    taken = book(as_founder, slot=BookingFactory(slot__starts=soon()).slot_id, topic="특허")
    past = book(as_founder, slot=SlotFactory(starts=soon(-48)).pk, topic="특허")
    assert [(answer.status_code, answer.json()["code"]) for answer in (taken, past)] == [
        (409, "slot_taken"),
        (409, "slot_past"),
    ]


def test_somebody_elses_is_not_found(as_founder):
    booking = BookingFactory(slot__starts=soon())
    other = CompanyFactory()
    founder_of(other)
    assert as_founder.get(reverse("api:booking-detail", args=[booking.pk])).status_code == 404
    assert (
        post(as_founder, reverse("api:booking-cancel", args=[booking.pk]), {"reason": "남"}).status_code
        == 404
    )
    slot = SlotFactory(starts=soon())
    assert book(as_founder, slot=slot.pk, topic="특허", company=other.pk).status_code == 403


def test_an_adviser_gets_the_own_and_may_not_book(as_adviser, adviser):
    own = BookingFactory(slot__adviser=adviser, slot__starts=soon())
    BookingFactory(slot__starts=soon())
    assert ids(as_adviser, "booking") == {own.pk}
    assert ids(as_adviser, "slot") == {own.slot_id}
    assert ids(as_adviser, "adviser") == {adviser.pk}
    assert book(as_adviser, slot=own.slot_id, topic="특허").status_code == 403


def test_what_became_of_a_session(as_founder, company):
    held = BookingFactory(company=company, slot__starts=soon(-24), state="held")
    AttendanceFactory(booking=held)
    report = SessionReportFactory(booking=held)
    shown = as_founder.get(reverse("api:booking-detail", args=[held.pk])).json()
    assert shown["attendance"] == {"adviser_came": True, "company_came": True}
    assert (shown["report"]["advice"], shown["report"]["steps"]) == (report.advice, [])


def test_nobody_else_gets_anything():
    booking = BookingFactory(slot__starts=soon())
    for name in ("adviser", "slot", "booking"):
        assert Client().get(reverse(f"api:{name}-list")).status_code == 401
    stranger = sign_in(Client(), founder_of(CompanyFactory()))
    assert ids(stranger, "booking") == set()
    assert ids(stranger, "adviser") == {booking.adviser_id}
