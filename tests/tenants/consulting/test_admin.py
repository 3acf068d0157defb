"""The managers' lists, forms and verbs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import Invitation
from tenants.consulting.enums import BookingState
from tenants.consulting.models import Adviser, Booking, Slot
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import MembershipFactory
from tests.factories.consulting import (
    AdviserFactory,
    AttendanceFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    SlotLinkFactory,
    adviser_person,
    cancelled,
)
from tests.queries import cost

from .test_pages import soon

pytestmark = pytest.mark.django_db


def url(model, page, *arguments):
    return reverse(f"admin:consulting_{model}_{page}", args=arguments)


ADVISER = {
    "name": "전문위원",
    "email": "adviser@advice.example",
    "affiliation": "vc",
    "firm": "",
    "fields": ["ai", "hr"],
    "languages": ["ko"],
    "weekly_hours": "4",
    "active": "on",
}


class TestAdvisers:
    def test_adds_and_changes(self, as_manager):
        assert as_manager.post(url("adviser", "add"), ADVISER).status_code == 302
        adviser = Adviser.objects.get()
        assert (adviser.fields, adviser.languages, adviser.active) == (["ai", "hr"], ["ko"], True)
        answer = as_manager.post(url("adviser", "change", adviser.pk), {**ADVISER, "weekly_hours": "6"})
        assert answer.status_code == 302
        adviser.refresh_from_db()
        assert adviser.weekly_hours == 6

    @pytest.mark.parametrize(
        "change", [{"fields": []}, {"fields": ["magic"]}, {"weekly_hours": "200"}, {"name": ""}]
    )
    def test_refuses_at_the_field(self, as_manager, change):
        answer = as_manager.post(url("adviser", "add"), {**ADVISER, **change})
        assert answer.status_code == 200
        assert Adviser.objects.count() == 0

    def test_a_used_address_is_refused_with_what_was_typed(self, as_manager):
        AdviserFactory(email=ADVISER["email"])
        answer = as_manager.post(url("adviser", "add"), ADVISER)
        assert (answer.status_code, Adviser.objects.count()) == (200, 1)
        assert "email" in answer.context["adminform"].form.errors

    def test_loads_a_sheet_after_a_preview(self, as_manager):
        text = "이름,이메일,소속,분야,언어,주당 가능시간\n전문위원,a@advice.example,VC,특허,한국어,8\n"
        file = SimpleUploadedFile("advisers.csv", text.encode("cp949"))
        answer = as_manager.post(reverse("admin:consulting_adviser_load_sheet"), {"file": file})
        assert (answer.status_code, Adviser.objects.count()) == (200, 0)

    def test_invites_those_without_an_account(self, as_manager):
        invited, signed_up = AdviserFactory(), adviser_person().adviser
        values = {"action": "invite", "_selected_action": [invited.pk, signed_up.pk]}
        assert as_manager.post(url("adviser", "changelist"), values).status_code == 302
        assert list(Invitation.objects.values_list("kind", "scope_id")) == [("adviser", invited.pk)]


class TestSlots:
    def values(self, adviser, **changed):
        day = f"{soon(48):%Y-%m-%d}"
        return {
            "adviser": adviser.pk,
            "day": day,
            "starts": "14:00",
            "ends": "16:00",
            "minutes": "60",
            **changed,
        }

    def test_opens_several(self, as_manager, adviser):
        room = MeetingRoomFactory()
        answer = as_manager.post(url("slot", "add"), self.values(adviser, room=room.pk))
        assert answer.status_code == 302
        assert list(Slot.objects.values_list("adviser", "room")) == [(adviser.pk, room.pk)] * 2

    def test_refuses_at_the_field(self, as_manager, adviser):
        as_manager.post(url("slot", "add"), self.values(adviser))
        answer = as_manager.post(url("slot", "add"), self.values(adviser))
        assert (answer.status_code, Slot.objects.count()) == (200, 2)
        assert "starts" in answer.context["adminform"].form.errors

    def test_withdraws_with_a_reason(self, as_manager):
        booking = BookingFactory(slot__starts=soon())
        page = url("slot", "withdraw", booking.slot_id)
        assert as_manager.get(page).status_code == 200
        assert as_manager.post(page, {"reason": ""}).status_code == 200
        assert as_manager.post(page, {"reason": "출장"}).status_code == 302
        booking.refresh_from_db()
        assert (booking.state, booking.cancelled_side) == (BookingState.CANCELLED, "office")


class TestBookings:
    def test_books_for_a_company(self, as_manager):
        member, slot = MembershipFactory(), SlotFactory(starts=soon())
        page = url("booking", "add")
        assert as_manager.get(page).status_code == 200
        values = {"slot": slot.pk, "attendee": member.pk, "topic": "특허 범위"}
        assert as_manager.post(page, values).status_code == 302
        booking = Booking.objects.get()
        assert (booking.company, booking.attendee, booking.topic) == (
            member.company,
            member.user,
            "특허 범위",
        )
        assert as_manager.post(page, values).status_code == 200

    def test_a_refusal_is_shown_with_what_was_typed(self, as_manager, company):
        member = MembershipFactory(company=company)
        BookingFactory(company=company, attendee=member.user, slot__starts=soon())
        values = {"slot": SlotFactory(starts=soon()).pk, "attendee": member.pk, "topic": "잃으면 안 되는 글"}
        answer = as_manager.post(url("booking", "add"), values)
        assert (answer.status_code, Booking.objects.count()) == (200, 1)
        assert "attendee" in answer.context["adminform"].form.errors
        assert "잃으면 안 되는 글" in answer.text

    def test_cancels_from_the_side_that_asked(self, as_manager):
        booking = BookingFactory(slot__starts=soon())
        page = url("booking", "cancel", booking.pk)
        assert as_manager.get(page).status_code == 200
        assert as_manager.post(page, {"reason": "", "side": "company"}).status_code == 200
        assert as_manager.post(page, {"reason": "전화로 알림", "side": "company"}).status_code == 302
        booking.refresh_from_db()
        assert (booking.state, booking.cancelled_side) == (BookingState.CANCELLED, "company")

    def test_records_who_came(self, as_manager):
        booking = BookingFactory(slot__starts=soon(-24))
        page = url("booking", "record", booking.pk)
        assert as_manager.get(page).status_code == 200
        assert as_manager.post(page, {"came": "adviser"}).status_code == 302
        booking.refresh_from_db()
        assert (booking.state, booking.attendance.company_came) == (BookingState.MISSED, False)
        assert as_manager.get(url("booking", "change", booking.pk)).status_code == 200


@pytest.mark.parametrize("group", [StaffGroup.LEASES, StaffGroup.AUDITOR])
def test_other_staff_look_and_do_not_write(group):
    client = sign_in(Client(), staff_member(group))
    booking = BookingFactory(slot__starts=soon())
    for model, pk in (("adviser", booking.adviser_id), ("slot", booking.slot_id), ("booking", booking.pk)):
        assert client.get(url(model, "changelist")).status_code == 200
        assert client.get(url(model, "change", pk)).status_code == 200
        assert client.get(url(model, "add")).status_code == 403
    for page in (url("booking", "cancel", booking.pk), url("booking", "record", booking.pk)):
        assert client.post(page, {"reason": "그냥", "side": "office", "came": "both"}).status_code == 403
    assert client.post(url("slot", "withdraw", booking.slot_id), {"reason": "그냥"}).status_code == 403


def test_lists_cost_the_same_for_one_row_and_for_many(as_manager):
    def fill(number):
        for _ in range(number):
            SlotLinkFactory(slot__starts=soon())
            AttendanceFactory(booking=BookingFactory(slot__starts=soon(-24), state="held"))
            cancelled(slot__starts=soon())
            adviser_person()
            MeetingRoomFactory()

    fill(1)
    pages = [url(model, "changelist") for model in ("adviser", "meetingroom", "slot", "booking")]
    pages += [url("booking", "add"), url("slot", "add"), url("adviser", "add")]
    pages += [
        url("booking", "change", Booking.objects.first().pk),
        url("slot", "change", Slot.objects.first().pk),
    ]
    few = [cost(as_manager, page) for page in pages]
    fill(3)
    many = [cost(as_manager, page) for page in pages]
    assert few == many
    assert max(many) <= 12, dict(zip(pages, many, strict=True))
