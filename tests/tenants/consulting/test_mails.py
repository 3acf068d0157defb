"""Who is told what, in whose language."""

import pytest
from django.core import mail

from incubator.accounts.enums import StaffGroup
from tenants.consulting import services
from tests.factories.accounts import UserFactory, acting_staff
from tests.factories.companies import MembershipFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    SlotLinkFactory,
    adviser_person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """The mails that an action sends once its transaction is committed, by address."""

    def run(action, **values):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(now=NOW, **values)
        return {address: message for message in mail.outbox for address in message.to}

    return run


def test_a_booking_tells_the_adviser_what_it_is_about(sent, founder, company):
    slot = SlotFactory(room=MeetingRoomFactory(name="대회의실"))
    SlotLinkFactory(slot=slot, url="https://meet.example/7")
    mails = sent(
        services.book_slot, slot=slot, company=company, attendee=founder, topic="특허 범위", actor=founder
    )
    assert set(mails) == {slot.adviser.email}
    body = mails[slot.adviser.email].body
    for words in ("특허 범위", company.name, founder.name, "대회의실", "https://meet.example/7", "14:00"):
        assert words in body


def test_the_office_tells_both_sides_and_only_the_adviser_reads_the_topic(sent, founder, company):
    slot, manager = SlotFactory(), acting_staff(StaffGroup.CONSULTING)
    mails = sent(
        services.book_slot, slot=slot, company=company, attendee=founder, topic="특허 범위", actor=manager
    )
    assert set(mails) == {slot.adviser.email, founder.email}
    assert "특허 범위" not in mails[founder.email].body


def test_a_cancellation_tells_the_other_side_why(sent, company):
    booking = BookingFactory(company=company, topic="비밀 질문")
    colleague = founder_of(company, "member")
    mails = sent(services.cancel_booking, booking=booking, reason="일정 변경", actor=colleague)
    assert set(mails) == {booking.adviser.email}
    body = mails[booking.adviser.email].body
    assert "일정 변경" in body
    assert "비밀 질문" not in body


def test_an_adviser_who_cancels_tells_who_comes_and_who_booked(sent, company, adviser):
    booker, attendee = founder_of(company), founder_of(company, "member")
    booking = BookingFactory(company=company, slot__adviser=adviser, attendee=attendee, booked_by=booker)
    MembershipFactory(company=company)
    mails = sent(services.withdraw_slot, slot=booking.slot, reason="출장", actor=adviser_person(adviser))
    assert set(mails) == {booker.email, attendee.email}


def test_someone_who_left_the_company_is_told_nothing(sent, company):
    booking = BookingFactory(company=company)
    company.memberships.all().delete()
    mails = sent(
        services.cancel_booking, booking=booking, reason="병환", actor=acting_staff(StaffGroup.CONSULTING)
    )
    assert set(mails) == {booking.adviser.email}


@pytest.mark.parametrize(
    ("language", "subject"), [("ko", "2027. 2. 2. (화) 14:00"), ("en", "2 Feb 2027, 14:00")]
)
def test_everyone_in_their_language(sent, founder, company, language, subject):
    adviser = AdviserFactory(user=UserFactory(language=language))
    slot = SlotFactory(adviser=adviser)
    mails = sent(
        services.book_slot, slot=slot, company=company, attendee=founder, topic="특허", actor=founder
    )
    assert subject in mails[adviser.email].subject


def test_nobody_is_told_what_was_rolled_back_or_made_quietly(sent, founder, company):
    quiet = {
        "slot": SlotFactory(),
        "company": company,
        "attendee": founder,
        "topic": "특허",
        "actor": founder,
    }
    assert sent(services.book_slot, **quiet, notify=False) == {}
