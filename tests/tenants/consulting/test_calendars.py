"""Feeds under secret addresses, invitations by mail, reminders, and an adviser's own calendar."""

from datetime import date, timedelta

import icalendar
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from tenants.consulting import errors, services, tasks
from tenants.consulting.fetching import Unreadable
from tenants.consulting.models import (
    BookingTerms,
    BusyTime,
    CalendarFeed,
    ExternalCalendar,
    Reminder,
)
from tenants.consulting.times import Wanted, times_for
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    AvailabilityFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    adviser_person,
    at,
    cancelled,
    hour_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """Run it, with the mails that it sends."""

    def run(service, **values):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            service(**values)
        return list(mail.outbox)

    return run


def events(content: bytes):
    return icalendar.Calendar.from_ical(content).walk("VEVENT")


def feed(user, now=NOW) -> bytes:
    token = services.renew_feed(user=user, actor=user, now=now)
    content = services.feed_of(token, now=now)
    assert content is not None
    return content


def invitation(message):
    """Method and event of the calendar in a mail."""
    parts = [part for part in message.message().walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1
    calendar = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True))
    assert parts[0].get_param("method") == calendar["METHOD"]
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


class TestFeed:
    def test_is_a_calendar_by_the_book(self, founder, company):
        room = MeetingRoomFactory(name="가온, 회의실; 1", place="4층")
        booking = BookingFactory(slot__room=room, company=company, attendee=founder)
        content = feed(founder)
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        calendar = icalendar.Calendar.from_ical(content)
        (zone,) = calendar.walk("VTIMEZONE")
        (event,) = calendar.walk("VEVENT")
        assert (calendar["VERSION"], zone["TZID"]) == ("2.0", "Asia/Seoul")
        assert event["DTSTART"].params["TZID"] == "Asia/Seoul"
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (booking.starts, booking.ends)
        assert (event["LOCATION"], event["STATUS"]) == ("가온, 회의실; 1 4층", "CONFIRMED")
        assert booking.adviser.name in event["SUMMARY"]
        assert booking.topic not in content.decode()

    def test_a_cancelled_session_stays_as_cancelled(self, founder, company):
        booking = BookingFactory(company=company, attendee=founder)
        (before,) = events(feed(founder))
        services.cancel_booking(booking=booking, reason="변경", actor=founder, now=NOW)
        (after,) = events(feed(founder))
        assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
        assert after["SEQUENCE"] > before["SEQUENCE"]

    def test_a_moved_session_is_one_event_with_the_same_uid(self, founder, company):
        adviser = AvailabilityFactory().adviser
        booking = services.book_slot(
            slot=hour_of(adviser, at(2, 14)),
            company=company,
            attendee=founder,
            topic="특허",
            actor=founder,
            now=NOW,
        )
        (before,) = events(feed(founder))
        for hour in (15, 16):
            booking = services.reschedule_booking(
                booking=booking, slot=hour_of(adviser, at(2, hour)), reason="변경", actor=founder, now=NOW
            )
            (after,) = events(feed(founder))
            assert (after["UID"], after["DTSTART"].dt) == (before["UID"], at(2, hour))
            assert after["SEQUENCE"] > before["SEQUENCE"]

    def test_requests_are_no_events_until_agreed_to(self, founder, company):
        adviser = AdviserFactory()
        BookingTerms.objects.create(adviser=adviser, needs_approval=True)
        booking = services.book_slot(
            slot=SlotFactory(adviser=adviser),
            company=company,
            attendee=founder,
            topic="특허",
            actor=founder,
            now=NOW,
        )
        assert events(feed(founder)) == []
        services.approve_request(booking=booking, actor=None, now=NOW)
        assert len(events(feed(founder))) == 1

    def test_holds_ones_own_sessions_from_both_sides(self, founder, company):
        adviser = AdviserFactory()
        adviser.user = founder
        adviser.save()
        BookingFactory(company=company, attendee=founder)
        BookingFactory(slot__adviser=adviser, slot__starts=at(3, 9))
        BookingFactory(company=company, slot__starts=at(4, 9))  # a colleague's
        BookingFactory(slot__starts=at(5, 9))
        assert len(events(feed(founder))) == 2

    def test_a_renewed_and_a_closed_address_are_dead(self, founder):
        first = services.renew_feed(user=founder, actor=founder, now=NOW)
        second = services.renew_feed(user=founder, actor=founder, now=NOW)
        assert services.feed_of(first, now=NOW) is None
        assert services.feed_of(second, now=NOW) is not None
        services.revoke_feed(user=founder, actor=founder, now=NOW)
        assert services.feed_of(second, now=NOW) is None

    def test_who_has_left_has_none(self, founder, company):
        token = services.renew_feed(user=founder, actor=founder, now=NOW)
        BookingFactory(company=company, attendee=founder)
        company.memberships.filter(user=founder).delete()
        assert services.feed_of(token, now=NOW) is None

    def test_who_may_not_sign_in_any_more_has_none(self, founder):
        token = services.renew_feed(user=founder, actor=founder, now=NOW)
        founder.is_active = False
        founder.save()
        assert services.feed_of(token, now=NOW) is None

    def test_who_went_to_another_company_keeps_nothing_of_the_old_one(self, founder, company):
        BookingFactory(company=company, attendee=founder)
        MembershipFactory(user=founder)
        company.memberships.filter(user=founder).delete()
        assert events(feed(founder)) == []

    def test_nobody_makes_anothers(self, founder):
        other = founder_of(CompanyFactory())
        with pytest.raises(NotAllowed):
            services.renew_feed(user=founder, actor=other, now=NOW)
        with pytest.raises(NotAllowed):
            services.revoke_feed(user=founder, actor=other, now=NOW)

    def test_the_token_is_kept_as_its_hash_behind_ones_own_wall(self, founder, company):
        token = services.renew_feed(user=founder, actor=founder, now=NOW)
        assert token not in str(CalendarFeed.objects.values().get())
        other = founder_of(company)
        with database_role(Role.FOUNDER, user_id=other.pk, company_ids=[company.pk]):
            assert CalendarFeed.objects.count() == 0

    def test_works_behind_the_wall_of_who_makes_it(self, founder, company):
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            token = services.renew_feed(user=founder, actor=founder, now=NOW)
            again = services.renew_feed(user=founder, actor=founder, now=NOW)
            services.revoke_feed(user=founder, actor=founder, now=NOW)
        assert token != again


class TestFeedAddress:
    def test_by_the_page_and_without_signing_in(self, as_founder, founder, company):
        BookingFactory(company=company, attendee=founder)
        page = as_founder.post(reverse("consulting:calendar"), {"do": "renew"})
        assert page["Cache-Control"] == "no-store"
        address = page.context["address"]
        answer = Client().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert len(events(answer.content)) == 1
        assert address not in as_founder.get(reverse("consulting:calendar")).text
        as_founder.post(reverse("consulting:calendar"), {"do": "revoke"})
        assert Client().get(address).status_code == 404

    @pytest.mark.parametrize(
        "token", ["a" * 43, "x", "a" * 200, "%00" * 20, "../../etc/passwd", "' OR 1=1 --" * 3, "한글" * 20]
    )
    def test_guessing_finds_nothing(self, token):
        assert Client().get(f"/calendar/{token}.ics").status_code in (400, 404)

    def test_only_reads(self, founder):
        token = services.renew_feed(user=founder, actor=founder, now=NOW)
        assert Client().post(f"/calendar/{token}.ics").status_code == 405

    def test_an_adviser_has_one_too(self, as_adviser, adviser):
        BookingFactory(slot__adviser=adviser)
        address = as_adviser.post(reverse("advise:calendar")).context["address"]
        assert len(events(Client().get(address).content)) == 1


class TestInvitations:
    @pytest.fixture
    def adviser(self):
        return AvailabilityFactory().adviser

    def test_one_uid_from_booking_to_cancelling(self, sent, adviser, founder, company):
        booked = {}

        def book():
            booked["it"] = services.book_slot(
                slot=hour_of(adviser, at(2, 14)),
                company=company,
                attendee=founder,
                topic="특허",
                actor=founder,
                now=NOW,
            )

        (first,) = sent(book)
        method, event = invitation(first)
        assert (method, event["DTSTART"].dt, event["STATUS"]) == ("REQUEST", at(2, 14), "CONFIRMED")
        assert (first.to, str(event["ATTENDEE"])) == ([adviser.email], f"mailto:{adviser.email}")

        def move():
            booked["it"] = services.reschedule_booking(
                booking=booked["it"], slot=hour_of(adviser, at(2, 16)), reason="변경", actor=founder, now=NOW
            )

        moved = sent(move)
        assert {message.to[0] for message in moved} == {adviser.email, founder.email}
        seen = [(str(event["UID"]), int(event["SEQUENCE"]))]
        method, event = invitation(moved[0])
        assert (method, event["DTSTART"].dt) == ("REQUEST", at(2, 16))
        seen.append((str(event["UID"]), int(event["SEQUENCE"])))
        (last,) = sent(services.cancel_booking, booking=booked["it"], reason="병환", actor=founder, now=NOW)
        method, event = invitation(last)
        assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
        seen.append((str(event["UID"]), int(event["SEQUENCE"])))
        assert len({uid for uid, _ in seen}) == 1
        assert [sequence for _, sequence in seen] == sorted({sequence for _, sequence in seen})

    def test_all_who_come_are_invited(self, sent, adviser, founder, company):
        colleague = MembershipFactory(company=company).user
        messages = sent(
            services.book_slot,
            slot=hour_of(adviser, at(2, 14)),
            company=company,
            attendee=founder,
            attendees=[colleague],
            topic="특허",
            actor=None,
            now=NOW,
        )
        assert {message.to[0] for message in messages} == {adviser.email, founder.email, colleague.email}

    def test_a_request_invites_nobody_yet(self, sent, adviser, founder, company):
        BookingTerms.objects.create(adviser=adviser, needs_approval=True)
        time = hour_of(adviser, at(2, 14))
        (message,) = sent(
            services.book_slot,
            slot=time,
            company=company,
            attendee=founder,
            topic="질문",
            actor=founder,
            now=NOW,
        )
        assert message.to == [adviser.email]
        assert "질문" in message.body
        assert not message.attachments
        booking = founder.sessions_attended.get()
        messages = sent(services.approve_request, booking=booking, actor=None, now=NOW)
        assert {message.to[0] for message in messages} == {adviser.email, founder.email}
        assert {invitation(message)[0] for message in messages} == {"REQUEST"}

    def test_an_offer_tells_who_waits(self, sent, adviser, founder, company):
        booking = BookingFactory(slot__adviser=adviser)
        services.join_waiting_list(company=company, week=at(2, 0).date(), actor=founder, now=NOW)
        messages = sent(services.cancel_booking, booking=booking, reason="변경", actor=None, now=NOW)
        assert founder.email in {message.to[0] for message in messages}
        assert not any(booking.topic in message.body for message in messages)

    def test_a_proposal_tells_the_other_side(self, sent, founder, company):
        booking = BookingFactory(company=company, attendee=founder)
        (message,) = sent(
            services.propose_time,
            booking=booking,
            starts=at(3, 9),
            reason="출장입니다",
            actor=founder,
            now=NOW,
        )
        assert message.to == [booking.adviser.email]
        assert "출장입니다" in message.body
        assert not message.attachments


class TestReminders:
    def remind(self, now):
        return services.send_reminders(now=now)

    def test_a_day_and_an_hour_before_each_once(self, sent, founder, company):
        booking = BookingFactory(company=company, attendee=founder, booked_at=NOW - timedelta(days=5))
        times = [
            timedelta(hours=25),
            timedelta(hours=24),
            timedelta(hours=20),
            timedelta(hours=1),
            timedelta(minutes=5),
        ]
        counts = [self.remind(booking.starts - before) for before in times for _ in range(2)]
        assert counts == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
        assert sorted(Reminder.objects.values_list("kind", flat=True)) == ["day", "hour"]

    def test_tells_both_sides_in_words(self, sent, founder, company):
        booking = BookingFactory(company=company, attendee=founder, booked_at=NOW - timedelta(days=5))
        messages = sent(services.send_reminders, now=booking.starts - timedelta(hours=1))
        assert {message.to[0] for message in messages} == {booking.adviser.email, founder.email}
        assert not any(booking.topic in message.body for message in messages)

    def test_a_late_run_sends_the_nearer_one_alone(self):
        booking = BookingFactory(booked_at=NOW - timedelta(days=5))
        assert [self.remind(booking.starts - timedelta(minutes=50)) for _ in range(3)] == [1, 0, 0]
        assert Reminder.objects.get().kind == "hour"

    def test_nobody_is_reminded_of_what_they_have_just_booked_or_cancelled(self):
        booking = BookingFactory(booked_at=at(2, 13, 30))
        cancelled(slot__starts=at(2, 16))
        assert self.remind(at(2, 13, 40)) == 0
        assert booking.reminders.count() == 0

    def test_the_task_runs(self):
        soon = timezone.now() + timedelta(minutes=50)
        BookingFactory(slot__starts=soon, booked_at=soon - timedelta(days=2))
        assert [tasks.remind(), tasks.remind()] == [1, 0]


ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y\r
BEGIN:VEVENT\r
UID:1\r
SUMMARY:\xeb\xb9\x84\xeb\xb0\x80\r
DTSTART:20270202T053000Z\r
DTEND:20270202T060000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""


class TestExternalCalendar:
    @pytest.fixture
    def adviser(self):
        return AvailabilityFactory().adviser

    @pytest.fixture
    def calendar(self, adviser):
        return services.connect_calendar(
            adviser=adviser, url="webcal://calendar.example/a.ics", actor=None, now=NOW
        )

    def hours(self, adviser):
        day = date(2027, 2, 2)
        times = times_for(None, now=NOW, first=day, last=day, wanted=Wanted(adviser=adviser.pk))
        return [time.starts.hour for time in times.found]

    def test_its_times_are_busy_and_its_titles_are_not_kept(self, calendar, adviser):
        asked = []
        read = services.read_calendar(
            adviser_id=adviser.pk, now=NOW, get=lambda url: (asked.append(url), ICS)[1]
        )
        assert (read, asked) == (1, ["https://calendar.example/a.ics"])
        assert self.hours(adviser) == [15, 16]
        assert "비밀" not in str(list(BusyTime.objects.values()))

    def test_read_again_it_is_replaced(self, calendar, adviser):
        for content in (ICS, ICS.replace(b"0202T", b"0203T")):
            services.read_calendar(adviser_id=adviser.pk, now=NOW, get=lambda url, content=content: content)
        assert BusyTime.objects.count() == 1
        assert self.hours(adviser) == [14, 15, 16]

    @pytest.mark.parametrize("failure", [Unreadable("too_large"), b"<html>"])
    def test_one_that_cannot_be_read_keeps_what_it_had_and_says_why(self, calendar, adviser, failure):
        def get(url):
            if isinstance(failure, Exception):
                raise failure
            return failure

        services.read_calendar(adviser_id=adviser.pk, now=NOW, get=lambda url: ICS)
        later = NOW + timedelta(hours=7)
        assert services.read_calendar(adviser_id=adviser.pk, now=later, get=get) is None
        kept = ExternalCalendar.objects.get()
        assert (kept.read_at, kept.fetched_at) == (NOW, later)
        assert kept.problem in ("too_large", "not_a_calendar")
        assert self.hours(adviser) == [15, 16]

    def test_an_address_changed_while_it_was_read_gets_none_of_it(self, calendar, adviser):
        def get(url):
            ExternalCalendar.objects.update(url="https://calendar.example/b.ics")
            return ICS

        assert services.read_calendar(adviser_id=adviser.pk, now=NOW, get=get) is None
        assert BusyTime.objects.count() == 0

    def test_forgotten_nothing_is_left(self, calendar, adviser):
        services.read_calendar(adviser_id=adviser.pk, now=NOW, get=lambda url: ICS)
        services.disconnect_calendar(adviser=adviser, actor=None, now=NOW)
        assert (ExternalCalendar.objects.count(), BusyTime.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        "url", ["http://calendar.example/a.ics", "ftp://x.example", "", "javascript:alert(1)"]
    )
    def test_only_https(self, adviser, url):
        with pytest.raises(errors.CalendarAddressBad):
            services.connect_calendar(adviser=adviser, url=url, actor=None, now=NOW)

    def test_is_the_advisers_alone(self, calendar, adviser, founder, company):
        with database_role(Role.ADVISER, user_id=1, adviser_id=AdviserFactory().pk):
            assert ExternalCalendar.objects.count() == 0
        with pytest.raises(NotAllowed):
            services.connect_calendar(
                adviser=adviser, url="https://evil.example/", actor=adviser_person(), now=NOW
            )

    def test_a_stale_one_is_warned_about(self, as_adviser, adviser):
        url = "https://calendar.example/a.ics"
        ExternalCalendar.objects.create(adviser=adviser, url=url, read_at=timezone.now() - timedelta(hours=7))
        assert as_adviser.get(reverse("advise:home")).context["is_stale"]
        ExternalCalendar.objects.update(read_at=timezone.now())
        assert not as_adviser.get(reverse("advise:home")).context["is_stale"]

    def test_the_page(self, as_adviser, adviser, django_capture_on_commit_callbacks):
        url = reverse("advise:external")
        assert as_adviser.post(url, {"url": "http://inside.example/"}).status_code == 422
        assert as_adviser.post(url, {"url": "https://calendar.example/a.ics"}).status_code == 302
        assert ExternalCalendar.objects.get().adviser == adviser
        as_adviser.post(url, {"do": "forget"})
        assert ExternalCalendar.objects.count() == 0
