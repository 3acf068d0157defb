"""The founder's and the adviser's pages, as browsers ask for them."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.common.models import CampSettings
from tenants.consulting.enums import BookingState
from tenants.consulting.models import Booking, Slot
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import (
    SEOUL,
    AdviserFactory,
    AttendanceFactory,
    BookingFactory,
    MeetingRoomFactory,
    SessionReportFactory,
    SlotFactory,
    SlotLinkFactory,
    adviser_person,
    cancelled,
)
from tests.queries import cost

pytestmark = pytest.mark.django_db


def soon(hours: int = 24) -> datetime:
    """A full hour that many hours after the next one."""
    return timezone.now().astimezone(SEOUL).replace(minute=0, second=0, microsecond=0) + timedelta(
        hours=hours + 1
    )


def home(client, **parameters):
    return client.get(reverse("consulting:home"), parameters)


def listed(response) -> set[int]:
    """The ids of the slots that the page offers."""
    return {
        choice.slot.slot_id
        for day in response.context["days"]
        for _, choices in day.advisers
        for choice in choices
    }


class TestHome:
    def test_the_next_session_and_the_hours_left_are_on_top(self, as_founder, company):
        BookingFactory(company=company, slot__starts=soon(72))
        first = BookingFactory(company=company, slot__starts=soon(24), slot__minutes=90)
        response = home(as_founder)
        assert response.context["next"] == first
        assert response.context["allowance"].total == 720

    def test_other_members_see_the_bookings(self, company):
        booking = BookingFactory(company=company, slot__starts=soon())
        colleague = sign_in(Client(), founder_of(company, "member"))
        assert home(colleague).context["coming"] == [booking]

    def test_lists_what_can_be_booked_in_the_first_week_with_a_free_time(self, as_founder):
        free = SlotFactory(starts=soon(24 * 14))
        BookingFactory(slot__starts=soon(24))
        assert listed(home(as_founder)) == {free.pk}

    def test_filters_can_be_shared(self, as_founder):
        patents = SlotFactory(starts=soon(24), adviser__fields=["patents"], adviser__languages=["ko", "en"])
        other = SlotFactory(starts=soon(24), adviser__fields=["ai"], adviser__languages=["ko"])
        week = soon(24).date().isoformat()
        assert listed(home(as_founder, week=week)) == {patents.pk, other.pk}
        assert listed(home(as_founder, week=week, field="patents")) == {patents.pk}
        assert listed(home(as_founder, week=week, language="en")) == {patents.pk}
        assert listed(home(as_founder, week=week, adviser=other.adviser_id)) == {other.pk}
        assert listed(home(as_founder, week=week, field="ai", language="en")) == set()

    def test_a_full_week_looks_full_before_anyone_clicks(self, as_founder):
        BookingFactory(slot__starts=soon(24))
        response = home(as_founder, week=soon(24).date().isoformat())
        current = next(week for week in response.context["weeks"] if week.current)
        assert (current.free, current.taken, current.is_full) == (0, 1, True)
        assert listed(response) == set()

    def test_without_hours_left_no_time_is_a_link(self, as_founder, company):
        settings = CampSettings.current()
        settings.consulting_hours_per_quarter = 1
        settings.save()
        BookingFactory(company=company, slot__starts=soon(1))
        slot = SlotFactory(starts=soon(2))
        response = home(as_founder, week=soon(2).date().isoformat())
        assert listed(response) == {slot.pk}
        assert reverse("consulting:book", args=[slot.pk]) not in response.text

    @pytest.mark.parametrize(
        "parameters",
        [
            {"week": "2027-02-30"},
            {"week": "0001-01-01"},
            {"week": "9999-12-31"},
            {"week": "' OR 1=1"},
            {"adviser": "99999999999999999999999"},
            {"adviser": "x", "field": "magic", "language": "xx"},
            {"page": "-1"},
            {"page": "9" * 30},
        ],
    )
    def test_takes_any_parameter(self, as_founder, parameters):
        SlotFactory(starts=soon(24))
        assert home(as_founder, **parameters).status_code == 200

    def test_past_sessions_bring_their_advice(self, as_founder, company):
        report = SessionReportFactory(
            booking=BookingFactory(company=company, slot__starts=soon(-48), state=BookingState.HELD)
        )
        cancelled(company=company, slot__starts=soon(-24))
        assert report.advice in home(as_founder).text
        response = as_founder.get(reverse("consulting:sessions"))
        assert report.advice in response.text
        assert [booking.state for booking in response.context["page"]] == ["cancelled", "held"]


class TestBooking:
    def book(self, client, slot, **values):
        return client.post(reverse("consulting:book", args=[slot.pk]), values)

    def test_the_whole_way(self, as_founder, founder, company, django_capture_on_commit_callbacks):
        slot = SlotFactory(starts=soon())
        assert as_founder.get(reverse("consulting:book", args=[slot.pk])).status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            response = self.book(as_founder, slot, attendee=founder.pk, topic="특허 범위")
        booking = Booking.objects.get()
        assert response.url == reverse("consulting:booking", args=[booking.pk])
        assert (booking.company, booking.attendee, booking.booked_by, booking.topic) == (
            company,
            founder,
            founder,
            "특허 범위",
        )
        (sent,) = mail.outbox
        assert sent.to == [slot.adviser.email]
        assert "특허 범위" in sent.body

    def test_the_same_click_five_times_books_once(self, as_founder, founder):
        slot = SlotFactory(starts=soon())
        answers = [
            self.book(as_founder, slot, attendee=founder.pk, topic="특허").status_code for _ in range(5)
        ]
        assert answers == [302, 422, 422, 422, 422]
        assert Booking.objects.count() == 1

    def test_what_was_typed_stays_after_a_refusal(self, as_founder, founder):
        slot = BookingFactory(slot__starts=soon()).slot
        response = self.book(as_founder, slot, attendee=founder.pk, topic="잃으면 안 되는 글")
        assert response.status_code == 422
        assert "잃으면 안 되는 글" in response.text

    @pytest.mark.parametrize("topic", ["", " ", "가" * 2001, "a" * 1_000_000])
    def test_a_topic_too_short_or_too_long_is_refused(self, as_founder, founder, topic):
        slot = SlotFactory(starts=soon())
        assert self.book(as_founder, slot, attendee=founder.pk, topic=topic).status_code == 422

    def test_markup_is_shown_as_text(self, as_founder, founder):
        slot = SlotFactory(starts=soon())
        response = self.book(as_founder, slot, attendee=founder.pk, topic="<script>alert(1)</script>")
        text = as_founder.get(response.url).text
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text

    def test_an_attendee_of_another_company_is_refused(self, as_founder):
        other = founder_of(CompanyFactory())
        for attendee in (other.pk, "", "x", "9" * 30):
            response = self.book(as_founder, SlotFactory(starts=soon()), attendee=attendee, topic="특허")
            assert response.status_code == 422
        assert Booking.objects.count() == 0

    @pytest.mark.parametrize("pk", [0, 10**30])
    def test_an_unknown_slot_is_not_found(self, as_founder, pk):
        assert as_founder.get(reverse("consulting:book", args=[pk])).status_code == 404

    def test_a_withdrawn_slot_and_one_of_an_inactive_adviser_are_not_found(self, as_founder, founder):
        for slot in (
            SlotFactory(state="withdrawn", withdrawn_at=timezone.now(), withdrawn_reason="출장"),
            SlotFactory(starts=soon(), adviser__active=False),
        ):
            assert as_founder.get(reverse("consulting:book", args=[slot.pk])).status_code == 404
            assert self.book(as_founder, slot, attendee=founder.pk, topic="특허").status_code == 404

    def test_the_online_address_is_for_who_booked(self, as_founder, company):
        link = SlotLinkFactory(slot__starts=soon())
        address = reverse("consulting:book", args=[link.slot_id])
        assert link.url not in as_founder.get(address).text
        booking = BookingFactory(slot=link.slot, company=company)
        assert link.url in as_founder.get(reverse("consulting:booking", args=[booking.pk])).text


class TestCancelling:
    def cancel(self, client, booking, **values):
        return client.post(reverse("consulting:cancel", args=[booking.pk]), values)

    def test_the_whole_way(self, as_founder, company, django_capture_on_commit_callbacks):
        booking = BookingFactory(company=company, slot__starts=soon())
        assert as_founder.get(reverse("consulting:booking", args=[booking.pk])).status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            assert self.cancel(as_founder, booking, reason="일정 변경").status_code == 302
        booking.refresh_from_db()
        assert (booking.state, booking.cancel_reason) == (BookingState.CANCELLED, "일정 변경")
        (sent,) = mail.outbox
        assert sent.to == [booking.adviser.email]
        assert booking.topic not in sent.body
        assert self.cancel(as_founder, booking, reason="다시").status_code == 422

    def test_a_reason_is_asked_for(self, as_founder, company):
        booking = BookingFactory(company=company, slot__starts=soon())
        assert self.cancel(as_founder, booking, reason=" ").status_code == 422
        assert self.cancel(as_founder, booking, reason="가" * 401).status_code == 422
        booking.refresh_from_db()
        assert booking.state == BookingState.BOOKED

    def test_another_companys_booking_does_not_exist(self, as_founder):
        booking = BookingFactory(slot__starts=soon())
        assert as_founder.get(reverse("consulting:booking", args=[booking.pk])).status_code == 404
        assert self.cancel(as_founder, booking, reason="남의 것").status_code == 404

    def test_the_next_company_never_sees_the_topic(self, as_founder, founder):
        former = cancelled(slot__starts=soon(), topic="비밀 질문")
        assert "비밀 질문" not in home(as_founder, week=soon().date().isoformat()).text
        assert "비밀 질문" not in as_founder.get(reverse("consulting:book", args=[former.slot_id])).text
        again = as_founder.post(
            reverse("consulting:book", args=[former.slot_id]), {"attendee": founder.pk, "topic": "새 질문"}
        )
        assert "비밀 질문" not in as_founder.get(again.url).text


class TestAdviser:
    def test_home_shows_what_comes_and_what_waits(self, as_adviser, adviser):
        coming = BookingFactory(slot__adviser=adviser, slot__starts=soon())
        over = BookingFactory(slot__adviser=adviser, slot__starts=soon(-48))
        held = BookingFactory(slot__adviser=adviser, slot__starts=soon(-24), state=BookingState.HELD)
        AttendanceFactory(booking=held)
        SessionReportFactory(
            booking=BookingFactory(slot__adviser=adviser, slot__starts=soon(-72), state=BookingState.HELD)
        )
        free = SlotFactory(adviser=adviser, starts=soon(48))
        BookingFactory(slot__starts=soon())
        response = as_adviser.get(reverse("advise:home"))
        assert response.context["coming"] == [coming]
        assert [each for each, _days in response.context["waiting"]] == [over, held]
        assert list(response.context["page"]) == [free]
        assert coming.company.name in response.text

    def test_offers_times(self, as_adviser, adviser):
        room = MeetingRoomFactory()
        address = reverse("advise:open")
        assert as_adviser.get(address).status_code == 200
        day = soon(48).date()
        values = {
            "day": f"{day:%Y.%m.%d}",
            "starts": "14:00",
            "ends": "16:00",
            "minutes": 30,
            "room": room.pk,
        }
        assert as_adviser.post(address, values).status_code == 302
        assert [slot.minutes for slot in Slot.objects.filter(adviser=adviser, room=room)] == [30] * 4
        again = as_adviser.post(address, values)
        assert (again.status_code, "starts" in again.context["form"].errors) == (422, True)

    @pytest.mark.parametrize(
        "change",
        [
            {"day": "2027-02-29"},
            {"day": ""},
            {"starts": "25:00"},
            {"ends": "13:00"},
            {"minutes": "7"},
            {"room": "9" * 30},
            {"online_url": "javascript:alert(1)"},
            {"day": "2020-01-01"},
        ],
    )
    def test_refuses_what_is_no_time(self, as_adviser, change):
        values = {"day": f"{soon(48):%Y-%m-%d}", "starts": "14:00", "ends": "16:00", "minutes": 30, **change}
        assert as_adviser.post(reverse("advise:open"), values).status_code == 422
        assert Slot.objects.count() == 0

    def test_withdraws_a_booked_time(self, as_adviser, adviser, django_capture_on_commit_callbacks):
        booking = BookingFactory(slot__adviser=adviser, slot__starts=soon())
        address = reverse("advise:slot", args=[booking.slot_id])
        assert as_adviser.get(address).status_code == 200
        assert as_adviser.post(address, {"reason": ""}).status_code == 422
        with django_capture_on_commit_callbacks(execute=True):
            assert as_adviser.post(address, {"reason": "출장"}).status_code == 302
        booking.refresh_from_db()
        assert booking.state == BookingState.CANCELLED
        assert [sent.to for sent in mail.outbox] == [[booking.attendee.email]]

    def test_records_and_reports(self, as_adviser, adviser):
        booking = BookingFactory(slot__adviser=adviser, slot__starts=soon(-24))
        page = reverse("advise:booking", args=[booking.pk])
        assert as_adviser.get(page).status_code == 200
        assert as_adviser.post(reverse("advise:attendance", args=[booking.pk]), {}).status_code == 422
        answer = as_adviser.post(reverse("advise:attendance", args=[booking.pk]), {"came": "both"})
        assert answer.url == page
        values = {"field": "patents", "advice": "청구항을 나누십시오."}
        assert as_adviser.post(reverse("advise:report", args=[booking.pk]), values).url == page
        booking.refresh_from_db()
        assert (booking.state, booking.report.advice) == (BookingState.HELD, "청구항을 나누십시오.")
        assert (
            as_adviser.post(reverse("advise:report", args=[booking.pk]), {"advice": " "}).status_code == 422
        )

    def test_cancels(self, as_adviser, adviser):
        booking = BookingFactory(slot__adviser=adviser, slot__starts=soon())
        address = reverse("advise:cancel", args=[booking.pk])
        assert as_adviser.post(address, {"reason": ""}).status_code == 422
        assert as_adviser.post(address, {"reason": "병환"}).status_code == 302
        booking.refresh_from_db()
        assert booking.cancelled_side == "adviser"

    def test_the_next_adviser_reads_what_others_advised(self, as_adviser, adviser, company):
        report = SessionReportFactory(
            booking=BookingFactory(company=company, slot__starts=soon(-48), state=BookingState.HELD)
        )
        unmet = SessionReportFactory(advice="다른 기업의 조언")
        booking = BookingFactory(company=company, slot__adviser=adviser, slot__starts=soon(3))
        text = as_adviser.get(reverse("advise:booking", args=[booking.pk])).text
        assert report.advice in text
        assert report.adviser.name in text
        assert unmet.advice not in text

    def test_a_colleagues_things_do_not_exist(self, as_adviser):
        booking = BookingFactory(slot__starts=soon(-24))
        for name in ("attendance", "report", "cancel"):
            assert as_adviser.post(reverse(f"advise:{name}", args=[booking.pk]), {}).status_code == 404
        assert as_adviser.get(reverse("advise:booking", args=[booking.pk])).status_code == 404
        assert as_adviser.get(reverse("advise:slot", args=[booking.slot_id])).status_code == 404


class TestQueries:
    """As many for many rows as for one, and at most twelve."""

    def fill(self, adviser, company, number):
        for n in range(number):
            SlotFactory(adviser=adviser, starts=soon(24 + n))
            SlotFactory(starts=soon(24 + n))
            BookingFactory(company=company, slot__adviser=adviser, slot__starts=soon(100 + n))
            held = BookingFactory(
                company=company, slot__adviser=adviser, slot__starts=soon(-100 - n), state=BookingState.HELD
            )
            AttendanceFactory(booking=held)
            SessionReportFactory(booking=held)
            BookingFactory(company=company, slot__adviser=adviser, slot__starts=soon(-200 - n))

    def test_pages(self, as_founder, as_adviser, adviser, company):
        booking = BookingFactory(company=company, slot__adviser=adviser, slot__starts=soon(3))
        other = SlotFactory(starts=soon(5))
        pages = [
            (as_founder, reverse("consulting:home")),
            (as_founder, reverse("consulting:sessions")),
            (as_founder, reverse("consulting:booking", args=[booking.pk])),
            (as_founder, reverse("consulting:book", args=[other.pk])),
            (as_founder, reverse("api:adviser-list")),
            (as_founder, reverse("api:slot-list")),
            (as_founder, reverse("api:booking-list")),
            (as_adviser, reverse("advise:home")),
            (as_adviser, reverse("advise:booking", args=[booking.pk])),
            (as_adviser, reverse("advise:slot", args=[booking.slot_id])),
            (as_adviser, reverse("advise:open")),
            (as_adviser, reverse("api:booking-list")),
        ]
        self.fill(adviser, company, 1)
        few = [cost(client, address) for client, address in pages]
        self.fill(AdviserFactory(), company, 3)
        founder_of(company)
        many = [cost(client, address) for client, address in pages]
        assert few == many
        assert max(many) <= 12


def test_an_adviser_who_is_no_longer_active_has_no_place(adviser):
    person = adviser_person(adviser)
    adviser.active = False
    adviser.save()
    assert sign_in(Client(), person).get(reverse("advise:home")).status_code == 404
