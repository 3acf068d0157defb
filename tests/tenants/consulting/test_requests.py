"""Bookings an adviser agrees to first, groups, series, and who comes."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.common.models import CampSettings
from incubator.common.uploads import NameNotContent
from tenants.consulting import errors, selectors, services
from tenants.consulting.enums import BookingState, Ending, Side
from tenants.consulting.models import Attendee, Booking, BookingTerms, Slot
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    AvailabilityFactory,
    SlotFactory,
    adviser_person,
    at,
    hour_of,
)

pytestmark = pytest.mark.django_db


def book(slot, founder, company, **values):
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
        return services.book_slot(
            slot=slot,
            company=company,
            attendee=values.pop("attendee", founder),
            topic="특허 범위",
            actor=founder,
            now=values.pop("now", NOW),
            **values,
        )


class TestApproval:
    @pytest.fixture
    def adviser(self):
        adviser = AdviserFactory()
        BookingTerms.objects.create(adviser=adviser, needs_approval=True, answer_hours=10)
        return adviser

    @pytest.fixture
    def request_(self, adviser, founder, company):
        return book(SlotFactory(adviser=adviser), founder, company)

    def test_a_booking_is_a_request_that_holds_the_time_and_the_hours(self, request_, company):
        assert (request_.state, request_.expires_at) == (BookingState.REQUESTED, NOW + timedelta(hours=10))
        assert Slot.objects.get().taken
        assert selectors.allowance_of(company.pk, at=NOW).used == 60

    def test_agreed_to_it_is_a_booking(self, request_, adviser):
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            services.approve_request(booking=request_, actor=person, now=NOW)
        request_.refresh_from_db()
        assert (request_.state, request_.decided_by, request_.sequence) == (BookingState.BOOKED, person, 1)
        with pytest.raises(errors.NotRequested):
            services.approve_request(booking=request_, actor=person, now=NOW)

    def test_declined_it_frees_time_and_hours_and_says_why(self, request_, adviser, company):
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            services.decline_request(
                booking=request_, reason="다른 분이 더 잘 아십니다", actor=person, now=NOW
            )
        request_.refresh_from_db()
        assert (request_.state, request_.ended_as, request_.cancelled_side, request_.late) == (
            BookingState.CANCELLED,
            Ending.DECLINED,
            Side.ADVISER,
            False,
        )
        assert not Slot.objects.get().taken
        assert selectors.allowance_of(company.pk, at=NOW).used == 0

    def test_unanswered_it_ends_by_itself_once(self, request_):
        early, late = NOW + timedelta(hours=9, minutes=59), NOW + timedelta(hours=10)
        assert [services.expire_requests(now=now) for now in (early, late, late)] == [0, 1, 0]
        request_.refresh_from_db()
        assert (request_.ended_as, request_.cancelled_by) == (Ending.EXPIRED, None)
        assert not Slot.objects.get().taken

    def test_an_expired_one_is_not_agreed_to_even_before_the_job_ran(self, request_):
        with pytest.raises(errors.NotRequested):
            services.approve_request(booking=request_, actor=None, now=NOW + timedelta(hours=10))

    def test_it_never_waits_past_its_own_beginning(self, adviser, founder, company):
        request_ = book(SlotFactory(adviser=adviser, starts=at(1, 12)), founder, company)
        assert request_.expires_at == at(1, 12)

    def test_only_the_adviser_and_the_office_answer(self, request_, founder):
        for actor in (founder, adviser_person(AdviserFactory()), acting_staff(StaffGroup.LEASES)):
            with pytest.raises(NotAllowed):
                services.approve_request(booking=request_, actor=actor, now=NOW)
            with pytest.raises(NotAllowed):
                services.decline_request(booking=request_, reason="왜", actor=actor, now=NOW)

    def test_the_office_books_without_asking(self, adviser, founder, company):
        booking = services.book_slot(
            slot=SlotFactory(adviser=adviser),
            company=company,
            attendee=founder,
            topic="특허",
            actor=acting_staff(StaffGroup.CONSULTING),
            now=NOW,
        )
        assert booking.state == BookingState.BOOKED


class TestAttendees:
    def test_several_come_and_all_are_busy(self, founder, company):
        colleague = MembershipFactory(company=company).user
        booking = book(SlotFactory(), founder, company, attendees=[colleague, founder])
        assert selectors.attendees_of(booking) == [founder.name, colleague.name]
        with pytest.raises(errors.AttendeeBusy):
            book(SlotFactory(), colleague, company)
        services.cancel_booking(booking=booking, reason="변경", actor=founder, now=NOW)
        assert set(Attendee.objects.values_list("live", flat=True)) == {False}
        book(SlotFactory(), colleague, company)

    def test_buffers_keep_attendees_apart_too(self, founder, company):
        adviser = AvailabilityFactory().adviser
        BookingTerms.objects.create(adviser=adviser, minutes_after=30)
        book(hour_of(adviser, at(2, 14)), founder, company)
        with pytest.raises(errors.AttendeeBusy):
            book(SlotFactory(starts=at(2, 15)), founder, company)
        book(SlotFactory(starts=at(2, 15, 30)), founder, company)

    def test_a_stranger_does_not(self, founder, company):
        with pytest.raises(errors.AttendeeNotMember):
            book(SlotFactory(), founder, company, attendees=[MembershipFactory().user])

    def test_files_come_with_the_question(self, founder, company):
        file = SimpleUploadedFile("청구항.txt", "초안".encode())
        booking = book(SlotFactory(), founder, company, files=[file])
        kept = booking.files.get()
        assert (kept.name, kept.size, kept.company) == ("청구항.txt", 6, company)
        assert "청구항" not in kept.file.name

    def test_a_file_that_is_not_what_it_says_books_nothing(self, founder, company):
        with pytest.raises(NameNotContent):
            book(SlotFactory(), founder, company, files=[SimpleUploadedFile("a.png", b"%PDF-1.7 x")])
        with pytest.raises(errors.TooManyFiles):
            book(SlotFactory(), founder, company, files=[SimpleUploadedFile("a.txt", b"a")] * 6)
        assert Booking.objects.count() == 0


class TestGroups:
    def test_every_seat_is_booked_once_and_then_it_is_full(self):
        slot = SlotFactory(seats=2)
        pairs = [(founder_of(company), company) for company in CompanyFactory.create_batch(3)]
        booked = [book(slot, *pair) for pair in pairs[:2]]
        assert [booking.seat for booking in booked] == [1, 2]
        assert Slot.objects.get().taken
        with pytest.raises(errors.SlotTaken):
            book(slot, *pairs[2])
        services.cancel_booking(booking=booked[0], reason="변경", actor=pairs[0][0], now=NOW)
        assert book(slot, *pairs[2]).seat == 1

    def test_a_company_has_one_seat(self, founder, company):
        slot = SlotFactory(seats=3)
        book(slot, founder, company)
        with pytest.raises(errors.AlreadyInSession):
            book(slot, MembershipFactory(company=company).user, company)

    def test_hours_of_several_make_a_session_that_others_join(self):
        adviser = AvailabilityFactory(seats=2).adviser
        first, second = CompanyFactory.create_batch(2)
        booking = book(hour_of(adviser, at(2, 15)), founder_of(first), first)
        assert (booking.slot.seats, Slot.objects.get().taken) == (2, False)
        book(booking.slot, founder_of(second), second)
        assert Slot.objects.get().taken

    def test_what_one_company_asks_is_not_the_others(self):
        slot = SlotFactory(seats=2)
        first, second = CompanyFactory.create_batch(2)
        book(slot, founder_of(first), first)
        mine = book(slot, founder_of(second), second)
        with database_role(Role.FOUNDER, user_id=mine.attendee_id, company_ids=[second.pk]):
            assert list(Booking.objects.all()) == [mine]
            assert [each.booking for each in Attendee.objects.all()] == [mine]


class TestSeries:
    @pytest.fixture
    def adviser(self):
        adviser = AvailabilityFactory(weekday="3").adviser
        BookingTerms.objects.create(adviser=adviser, horizon_days=90)
        return adviser

    def series(self, adviser, founder, company, weeks=4, **values):
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            return services.book_series(
                slot=hour_of(adviser, at(3, 15)),
                weeks=weeks,
                company=company,
                attendee=founder,
                topic="매주",
                actor=founder,
                now=NOW,
                **values,
            )

    def test_books_the_same_hour_of_every_week(self, adviser, founder, company):
        booked = self.series(adviser, founder, company)
        assert [booking.starts for booking in booked] == [at(day, 15) for day in (3, 10, 17, 24)]
        assert len({booking.series for booking in booked}) == 1
        assert len({booking.uid for booking in booked}) == 4

    def test_books_nothing_and_names_the_days_that_clash(self, adviser, founder, company):
        SlotFactory(adviser=adviser, starts=at(10, 15, 30))
        services.go_away(adviser=adviser, first=at(24, 0).date(), last=at(24, 0).date(), actor=None, now=NOW)
        with pytest.raises(errors.SeriesClashes) as caught:
            self.series(adviser, founder, company)
        assert "2. 10." in str(caught.value)
        assert "2. 24." in str(caught.value)
        assert "2. 3." not in str(caught.value)
        assert Booking.objects.count() == 0
        assert Slot.objects.filter(origin="hours").count() == 0

    def test_is_refused_as_a_whole_where_the_hours_do_not_last(self, adviser, founder, company):
        settings = CampSettings.current()
        settings.consulting_hours_per_quarter = 3
        settings.save()
        with pytest.raises(errors.SeriesClashes):
            self.series(adviser, founder, company)
        assert Booking.objects.count() == 0

    def test_the_same_click_twice_books_one_series(self, adviser, founder, company):
        first = self.series(adviser, founder, company, click="click")
        assert self.series_again(adviser, founder, company) == first

    def series_again(self, adviser, founder, company):
        return services.book_series(
            slot=Slot.objects.order_by("period").first(),
            weeks=4,
            company=company,
            attendee=founder,
            topic="매주",
            click="click",
            actor=founder,
            now=NOW,
        )

    @pytest.mark.parametrize("weeks", [-1, 0, 1, 13])
    def test_has_a_length(self, adviser, founder, company, weeks):
        with pytest.raises(errors.BadSeries):
            self.series(adviser, founder, company, weeks)


class TestLateness:
    @pytest.mark.parametrize(("hours_before", "late"), [(24, False), (23, True)])
    @pytest.mark.parametrize("side", [Side.COMPANY, Side.ADVISER])
    def test_is_kept_for_both_sides(self, founder, company, side, hours_before, late):
        booking = book(SlotFactory(starts=at(10, 14)), founder, company)
        actor = founder if side == Side.COMPANY else adviser_person(booking.adviser)
        services.cancel_booking(
            booking=booking,
            reason="급한 일",
            actor=actor,
            now=booking.starts - timedelta(hours=hours_before),
        )
        booking.refresh_from_db()
        assert (booking.late, booking.cancelled_side) == (late, side)
