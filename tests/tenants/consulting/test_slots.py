"""Opening and withdrawing times, and what follows a session."""

from datetime import timedelta

import pytest

from incubator.accounts.enums import StaffGroup
from incubator.accounts.errors import UnknownScope
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import Invalid, NotAllowed
from tenants.consulting import errors, services
from tenants.consulting.enums import BookingState, Side, SlotState
from tenants.consulting.models import Booking, Slot, SlotLink
from tenants.consulting.services.advisers import link_adviser
from tests.factories.accounts import UserFactory, acting_staff
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    BookingFactory,
    MeetingRoomFactory,
    SessionReportFactory,
    SlotFactory,
    adviser_person,
    at,
    lasting,
)

pytestmark = pytest.mark.django_db


def offer(adviser, starts, ends, *, actor, minutes=60, now=NOW, **values):
    return services.open_slots(
        adviser=adviser, starts=starts, ends=ends, minutes=minutes, actor=actor, now=now, **values
    )


class TestOpening:
    def test_a_span_is_split_and_the_rest_is_left(self, adviser):
        person = adviser_person(adviser)
        slots = offer(adviser, at(2, 14), at(2, 17, 30), actor=person)
        assert [slot.period for slot in slots] == [lasting(at(2, hour)) for hour in (14, 15, 16)]

    def test_works_behind_the_advisers_wall_with_its_online_address(self, adviser):
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            offer(adviser, at(2, 14), at(2, 16), actor=person, online_url="https://meet.example/a")
        assert list(SlotLink.objects.values_list("url", flat=True)) == ["https://meet.example/a"] * 2

    def test_all_or_none(self, adviser):
        SlotFactory(adviser=adviser, starts=at(2, 16))
        with pytest.raises(errors.SlotsOverlap):
            offer(adviser, at(2, 14), at(2, 17), actor=adviser_person(adviser))
        assert Slot.objects.count() == 1

    def test_a_room_is_never_double(self, adviser):
        room = MeetingRoomFactory()
        SlotFactory(room=room)
        with pytest.raises(errors.RoomTaken) as caught:
            offer(adviser, at(2, 13), at(2, 15), actor=adviser_person(adviser), room=room)
        assert caught.value.field == "room"

    @pytest.mark.parametrize(
        ("starts", "ends", "minutes", "expected"),
        [
            (at(2, 14), at(2, 14), 30, errors.BadSpan),
            (at(2, 14), at(2, 13), 30, errors.BadSpan),
            (at(2, 8), at(2, 20, 1), 30, errors.BadSpan),
            (at(2, 14), at(2, 14, 59), 60, errors.SpanTooShort),
            (at(2, 14), at(2, 15), 0, errors.SpanTooShort),
            (NOW, at(1, 11), 60, errors.SpanPast),
        ],
    )
    def test_refusals(self, adviser, starts, ends, minutes, expected):
        with pytest.raises(expected):
            offer(adviser, starts, ends, minutes=minutes, actor=acting_staff(StaffGroup.CONSULTING))

    def test_only_for_oneself_and_only_an_address(self, adviser):
        with pytest.raises(NotAllowed):
            offer(adviser, at(2, 14), at(2, 15), actor=adviser_person())
        with pytest.raises(Invalid):
            offer(
                adviser, at(2, 14), at(2, 15), actor=adviser_person(adviser), online_url="javascript:alert(1)"
            )


class TestWithdrawing:
    def test_keeps_who_when_and_why_and_frees_the_time(self, adviser):
        slot, person = SlotFactory(adviser=adviser), adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            assert services.withdraw_slot(slot=slot, reason="출장", actor=person, now=NOW) == []
        slot.refresh_from_db()
        assert (slot.state, slot.withdrawn_by, slot.withdrawn_at, slot.withdrawn_reason) == (
            SlotState.WITHDRAWN,
            person,
            NOW,
            "출장",
        )
        assert len(offer(adviser, at(2, 14), at(2, 15), actor=person)) == 1

    def test_cancels_the_booking_that_holds_it(self, adviser):
        booking = BookingFactory(slot__adviser=adviser)
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            services.withdraw_slot(slot=booking.slot, reason="출장", actor=person, now=NOW)
        booking.refresh_from_db()
        assert (booking.state, booking.cancelled_side, booking.cancel_reason) == (
            BookingState.CANCELLED,
            Side.ADVISER,
            "출장",
        )
        assert Slot.objects.values_list("state", "taken").get() == (SlotState.WITHDRAWN, False)

    def test_refusals(self, adviser, founder):
        slot, person = SlotFactory(adviser=adviser), adviser_person(adviser)
        for actor, reason, expected in [
            (founder, "출장", NotAllowed),
            (adviser_person(), "출장", NotAllowed),
            (person, " ", errors.ReasonMissing),
        ]:
            with pytest.raises(expected):
                services.withdraw_slot(slot=slot, reason=reason, actor=actor, now=NOW)
        services.withdraw_slot(slot=slot, reason="출장", actor=person, now=NOW)
        with pytest.raises(errors.SlotGone):
            services.withdraw_slot(slot=slot, reason="출장", actor=person, now=NOW)

    def test_a_session_that_has_begun_is_not_withdrawn(self, adviser):
        booking = BookingFactory(slot__adviser=adviser)
        with pytest.raises(errors.SessionBegun):
            services.withdraw_slot(
                slot=booking.slot, reason="출장", actor=adviser_person(adviser), now=booking.starts
            )


class TestAfter:
    @pytest.fixture
    def booking(self, adviser):
        return BookingFactory(slot__adviser=adviser, slot__starts=at(1, 9))

    @pytest.fixture
    def person(self, adviser):
        return adviser_person(adviser)

    def record(self, booking, person, adviser_came, company_came, now=NOW):
        return services.record_attendance(
            booking=booking, adviser_came=adviser_came, company_came=company_came, actor=person, now=now
        )

    @pytest.mark.parametrize(
        ("adviser_came", "company_came", "state"),
        [
            (True, True, BookingState.HELD),
            (True, False, BookingState.MISSED),
            (False, True, BookingState.MISSED),
            (False, False, BookingState.MISSED),
        ],
    )
    def test_no_shows_are_told_apart(self, booking, person, adviser_came, company_came, state):
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=booking.adviser_id):
            self.record(booking, person, adviser_came, company_came)
        booking.refresh_from_db()
        kept = booking.attendance
        assert (kept.adviser_came, kept.company_came, kept.recorded_by, kept.recorded_at, booking.state) == (
            adviser_came,
            company_came,
            person,
            NOW,
            state,
        )

    def test_is_corrected_by_saying_it_again(self, booking, person):
        self.record(booking, person, True, False)
        self.record(booking, person, True, True)
        booking.refresh_from_db()
        assert (booking.state, booking.attendance.company_came) == (BookingState.HELD, True)

    def test_a_report_is_written_and_corrected(self, booking, person):
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=booking.adviser_id):
            for advice in ("청구항을 나누십시오.", "청구항을 셋으로 나누십시오."):
                services.write_report(
                    booking=booking, field="patents", advice=f" {advice} ", actor=person, now=NOW
                )
        report = Booking.objects.get().report
        assert (report.advice, report.field, report.corrected_at) == (advice, "patents", NOW)
        assert (report.written_by, report.written_at, report.company_id) == (person, NOW, booking.company_id)

    def test_refusals(self, booking, person, founder):
        ahead = BookingFactory(slot__adviser=booking.adviser)
        with pytest.raises(NotAllowed):
            self.record(booking, founder, True, True)
        with pytest.raises(NotAllowed):
            self.record(booking, adviser_person(), True, True)
        with pytest.raises(errors.SessionAhead):
            self.record(ahead, person, True, True)
        with pytest.raises(errors.SessionAhead):
            services.write_report(booking=ahead, field="ai", advice="조언", actor=person, now=NOW)
        with pytest.raises(Invalid):
            services.write_report(booking=booking, field="ai", advice="  ", actor=person, now=NOW)
        services.cancel_booking(booking=ahead, reason="병환", actor=person, now=NOW)
        with pytest.raises(errors.AlreadyCancelled):
            self.record(ahead, person, True, True, now=at(3, 9))

    def test_a_report_and_a_no_show_exclude_each_other(self, booking, person):
        self.record(booking, person, False, True)
        with pytest.raises(errors.NobodyCame):
            services.write_report(booking=booking, field="ai", advice="조언", actor=person, now=NOW)
        written = SessionReportFactory(
            booking=BookingFactory(slot__adviser=booking.adviser, slot__starts=at(1, 8))
        )
        with pytest.raises(errors.NobodyCame):
            self.record(written.booking, person, True, False)


class TestAdvisers:
    VALUES = {
        "name": "전문위원",
        "email": "Adviser@Advice.example",
        "affiliation": "vc",
        "fields": ["ai"],
        "languages": ["ko"],
        "weekly_hours": 4,
    }

    def test_the_office_registers_and_changes(self):
        manager = acting_staff(StaffGroup.CONSULTING)
        adviser = services.register_adviser(**self.VALUES, actor=manager)
        services.update_adviser(adviser=adviser, actor=manager, weekly_hours=6, fields=("ai", "hr"))
        adviser.refresh_from_db()
        assert (adviser.email, adviser.weekly_hours, adviser.fields) == (
            "adviser@advice.example",
            6,
            ["ai", "hr"],
        )

    @pytest.mark.parametrize(
        ("change", "expected"),
        [({"fields": ["magic"]}, Invalid), ({"affiliation": "guild"}, Invalid), ({"name": ""}, Invalid)],
    )
    def test_refuses_what_it_does_not_know(self, change, expected):
        with pytest.raises(expected):
            services.register_adviser(**{**self.VALUES, **change}, actor=None)

    def test_an_address_is_used_once(self):
        services.register_adviser(**self.VALUES, actor=None)
        with pytest.raises(errors.AddressUsed):
            services.register_adviser(**self.VALUES, actor=None)

    def test_only_the_office(self, founder):
        for actor in (founder, acting_staff(StaffGroup.LEASES), adviser_person()):
            with pytest.raises(NotAllowed):
                services.register_adviser(**self.VALUES, actor=actor)

    def test_an_accepted_invitation_links_the_person(self):
        adviser, person = AdviserFactory(), UserFactory()
        for _ in range(2):
            link_adviser(person, adviser.pk, "")
        adviser.refresh_from_db()
        assert adviser.user == person
        with pytest.raises(errors.AdviserTaken):
            link_adviser(UserFactory(), adviser.pk, "")
        with pytest.raises(errors.PersonIsAdviser):
            link_adviser(person, AdviserFactory().pk, "")
        with pytest.raises(UnknownScope):
            link_adviser(person, 0, "")


def test_what_is_kept_has_a_history():
    booking = BookingFactory()
    services.cancel_booking(booking=booking, reason="병환", actor=None, now=NOW + timedelta(hours=1))
    assert list(booking.events.order_by("pgh_id").values_list("state", flat=True)) == ["booked", "cancelled"]
