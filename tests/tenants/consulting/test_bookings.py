"""Booking and cancelling: what is refused, what is kept, what the others see."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import Invalid, NotAllowed
from incubator.common.models import CampSettings
from tenants.consulting import errors, selectors, services
from tenants.consulting.enums import BookingState, Side, SlotState
from tenants.consulting.models import Booking, Slot
from tenants.consulting.quarters import Quarter
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, MembershipFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    AttendanceFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    adviser_person,
    at,
    cancelled,
    lasting,
)

pytestmark = pytest.mark.django_db


def book(slot, founder, company, *, attendee=None, topic="특허 범위", now=NOW, actor=None):
    return services.book_slot(
        slot=slot, company=company, attendee=attendee or founder, topic=topic, actor=actor or founder, now=now
    )


def refusal(name, make):
    """The name of the constraint that refuses what `make` writes."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    assert caught.value.__cause__.diag.constraint_name == name


class TestConstraints:
    def test_slots_of_one_adviser_are_apart(self):
        slot = SlotFactory()
        refusal(
            "consulting_adviser_slots_apart", lambda: SlotFactory(adviser=slot.adviser, starts=at(2, 14, 30))
        )
        SlotFactory(adviser=slot.adviser, starts=at(2, 15))

    def test_a_withdrawn_slot_leaves_its_time_free(self):
        slot = SlotFactory(state=SlotState.WITHDRAWN, withdrawn_at=NOW, withdrawn_reason="출장")
        assert SlotFactory(adviser=slot.adviser).state == SlotState.OPEN

    def test_a_room_is_never_double(self):
        room = MeetingRoomFactory()
        SlotFactory(room=room)
        refusal("consulting_room_once_at_a_time", lambda: SlotFactory(room=room, starts=at(2, 14, 59)))

    def test_a_slot_has_one_live_booking(self):
        slot = SlotFactory()
        cancelled(slot=slot)
        BookingFactory(slot=slot)
        refusal("consulting_one_live_booking", lambda: BookingFactory(slot=slot))

    def test_an_attendee_is_in_one_session_at_a_time(self):
        first = BookingFactory()
        same_time = {"company": first.company, "attendee": first.attendee}
        refusal("consulting_attendee_once_at_a_time", lambda: BookingFactory(**same_time))
        assert cancelled(**same_time).state == BookingState.CANCELLED

    def test_a_booking_is_as_its_slot(self):
        slot = SlotFactory()
        refusal("consulting_booking_as_slot", lambda: BookingFactory(slot=slot, period=lasting(at(3, 9))))
        refusal("consulting_booking_as_slot", lambda: BookingFactory(slot=slot, adviser=AdviserFactory()))

    def test_a_cancellation_says_why_and_from_which_side(self):
        refusal("consulting_cancellation_whole", lambda: BookingFactory(state="cancelled", cancelled_at=NOW))

    def test_a_withdrawn_slot_is_free(self):
        slot = BookingFactory().slot

        def withdraw():
            Slot.objects.filter(pk=slot.pk).update(
                state="withdrawn", withdrawn_at=NOW, withdrawn_reason="출장"
            )

        refusal("consulting_withdrawn_slot_is_free", withdraw)

    def test_nothing_is_deleted_and_a_cancelled_booking_stays(self):
        booking = cancelled()
        with pytest.raises(ProgrammingError), transaction.atomic():
            Booking.objects.filter(pk=booking.pk)._raw_delete("default")
        with pytest.raises(ProgrammingError), transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(topic="다른 말")
        with pytest.raises(ProgrammingError), transaction.atomic():
            SlotFactory().delete()


class TestTaken:
    def taken(self, slot):
        return Slot.objects.values_list("taken", flat=True).get(pk=slot.pk)

    def test_follows_the_bookings(self):
        slot = SlotFactory()
        assert self.taken(slot) is False
        booking = BookingFactory(slot=slot)
        assert self.taken(slot) is True
        Booking.objects.filter(pk=booking.pk).update(
            state="cancelled", cancelled_at=NOW, cancelled_side="adviser", cancel_reason="병환"
        )
        assert self.taken(slot) is False

    def test_cannot_be_written(self):
        free, booked = SlotFactory(), BookingFactory().slot
        Slot.objects.filter(pk=free.pk).update(taken=True)
        Slot.objects.filter(pk=booked.pk).update(taken=False)
        assert (self.taken(free), self.taken(booked)) == (False, True)


class TestBooking:
    def test_keeps_who_when_and_what(self, founder, company):
        slot = SlotFactory()
        booking = book(slot, founder, company, topic="  특허 범위  ")
        booking.refresh_from_db()
        assert (booking.company, booking.attendee, booking.booked_by) == (company, founder, founder)
        assert (booking.adviser, booking.period, booking.topic) == (slot.adviser, slot.period, "특허 범위")
        assert (booking.state, booking.booked_at) == (BookingState.BOOKED, NOW)

    def test_works_behind_the_founders_wall(self, founder, company):
        slot = SlotFactory()
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            booking = book(slot, founder, company)
        assert Booking.objects.get() == booking

    def test_a_slot_that_has_begun_is_refused(self, founder, company):
        slot = SlotFactory()
        with pytest.raises(errors.SlotPast):
            book(slot, founder, company, now=slot.starts)

    def test_a_taken_slot_is_refused(self, founder, company):
        with pytest.raises(errors.SlotTaken):
            book(BookingFactory().slot, founder, company)

    def test_a_slot_taken_since_the_look_is_refused_by_the_constraint(self, founder, company, monkeypatch):
        slot = SlotFactory()
        monkeypatch.setattr("tenants.consulting.services.bookings.bookable", lambda slot, **_: slot)
        BookingFactory(slot=slot)
        with pytest.raises(errors.SlotTaken):
            book(slot, founder, company)

    def test_a_slot_withdrawn_since_the_look_is_refused_by_the_constraint(
        self, founder, company, monkeypatch
    ):
        slot = SlotFactory(state=SlotState.WITHDRAWN, withdrawn_at=NOW, withdrawn_reason="출장")
        monkeypatch.setattr("tenants.consulting.services.bookings.bookable", lambda slot, **_: slot)
        with pytest.raises(errors.SlotWithdrawn):
            book(slot, founder, company)

    def test_a_withdrawn_slot_does_not_exist_for_founders(self, founder, company):
        slot = SlotFactory(state=SlotState.WITHDRAWN, withdrawn_at=NOW, withdrawn_reason="출장")
        with pytest.raises(errors.SlotUnknown):
            book(slot, founder, company)
        with pytest.raises(errors.SlotWithdrawn):
            book(slot, founder, company, actor=acting_staff(StaffGroup.CONSULTING))

    def test_only_for_the_own_company(self, founder):
        other = MembershipFactory()
        with pytest.raises(NotAllowed):
            book(SlotFactory(), other.user, other.company, actor=founder)

    def test_only_members_attend(self, founder, company):
        with pytest.raises(errors.AttendeeNotMember):
            book(SlotFactory(), founder, company, attendee=MembershipFactory().user)

    def test_an_attendee_elsewhere_at_that_time_is_refused(self, founder, company):
        book(SlotFactory(), founder, company)
        with pytest.raises(errors.AttendeeBusy):
            book(SlotFactory(starts=at(2, 14, 30)), founder, company)

    def test_a_topic_is_needed(self, founder, company):
        with pytest.raises(Invalid) as caught:
            book(SlotFactory(), founder, company, topic=" ")
        assert caught.value.field == "topic"

    @pytest.mark.parametrize("group", [StaffGroup.CONSULTING, StaffGroup.DIRECTOR])
    def test_the_office_books_for_a_company(self, founder, company, group):
        manager = acting_staff(group)
        assert book(SlotFactory(), founder, company, actor=manager).booked_by == manager

    @pytest.mark.parametrize("group", [StaffGroup.LEASES, StaffGroup.AUDITOR])
    def test_other_staff_do_not(self, founder, company, group):
        with pytest.raises(NotAllowed):
            book(SlotFactory(), founder, company, actor=acting_staff(group))

    def test_an_adviser_does_not(self, founder, company):
        slot = SlotFactory()
        with pytest.raises(NotAllowed):
            book(slot, founder, company, actor=adviser_person(slot.adviser))


class TestListAndAction:
    """Who may see a slot may book it, and nobody else."""

    def test_what_is_listed_can_be_booked_and_the_rest_cannot(self, founder, company):
        slots = [
            SlotFactory(starts=at(2, 9)),
            SlotFactory(starts=at(1, 9)),
            BookingFactory(slot__starts=at(2, 11)).slot,
            SlotFactory(starts=at(2, 12), state="withdrawn", withdrawn_at=NOW, withdrawn_reason="출장"),
            SlotFactory(starts=at(2, 13), adviser__active=False),
            SlotFactory(starts=at(9, 9)),
        ]
        listed = set(selectors.slots_for(founder).bookable(NOW))
        booked = set()
        for slot in slots:
            try:
                booked.add(book(slot, founder, company).slot)
            except (errors.SlotUnknown, errors.SlotPast, errors.SlotTaken):
                continue
        assert listed == booked == {slots[0], slots[5]}


class TestAllowance:
    def hours(self, number):
        settings = CampSettings.current()
        settings.consulting_hours_per_quarter = number
        settings.save()

    def test_exactly_used_up_is_allowed_and_a_minute_more_is_not(self, founder, company):
        self.hours(2)
        book(SlotFactory(starts=at(2, 9), minutes=90), founder, company)
        book(SlotFactory(starts=at(2, 11), minutes=30), founder, company)
        allowance = selectors.allowance_of(company.pk, at=NOW)
        assert (allowance.total, allowance.used, allowance.left, allowance.is_full) == (120, 120, 0, True)
        with pytest.raises(errors.AllowanceUsedUp):
            book(SlotFactory(starts=at(2, 13), minutes=1), founder, company)

    def test_all_members_and_all_advisers_count(self, founder, company):
        self.hours(1)
        book(SlotFactory(), founder, company)
        colleague = MembershipFactory(company=company).user
        with pytest.raises(errors.AllowanceUsedUp):
            book(SlotFactory(), founder, company, attendee=colleague)

    def test_every_quarter_has_its_own_by_seouls_calendar(self, founder, company):
        self.hours(1)
        book(SlotFactory(starts=at(31, 23, month=3)), founder, company)
        book(SlotFactory(starts=at(1, 0, month=4)), founder, company)
        allowances = selectors.allowances_of(company.pk, since=NOW)
        assert [allowances.of(Quarter(2027, n)).left for n in (1, 2, 3)] == [0, 0, 60]

    def test_a_cancelled_session_and_one_without_its_adviser_give_the_hours_back(self, founder, company):
        cancelled(company=company, slot__starts=at(1, 8))
        stood_up = BookingFactory(company=company, slot__starts=at(1, 9), state=BookingState.MISSED)
        AttendanceFactory(booking=stood_up, adviser_came=False)
        stayed_away = BookingFactory(company=company, slot__starts=at(1, 10), state=BookingState.MISSED)
        AttendanceFactory(booking=stayed_away, company_came=False)
        assert selectors.allowance_of(company.pk, at=NOW).used == 60


class TestCancelling:
    @pytest.mark.parametrize("side", list(Side))
    def test_keeps_who_when_why_and_the_slot_is_free_again(self, founder, company, side):
        slot = SlotFactory()
        booking = book(slot, founder, company)
        actor = {
            Side.COMPANY: founder,
            Side.ADVISER: adviser_person(slot.adviser),
            Side.OFFICE: acting_staff(StaffGroup.CONSULTING),
        }[side]
        services.cancel_booking(
            booking=booking, reason=" 일정 변경 ", actor=actor, now=NOW + timedelta(hours=1)
        )
        booking.refresh_from_db()
        assert (booking.state, booking.cancelled_by, booking.cancelled_at, booking.cancelled_side) == (
            BookingState.CANCELLED,
            actor,
            NOW + timedelta(hours=1),
            side,
        )
        assert (booking.cancel_reason, booking.topic) == ("일정 변경", "특허 범위")
        again = book(slot, founder, company, topic="다시")
        assert list(slot.bookings.order_by("pk")) == [booking, again]

    def test_works_behind_both_walls(self, founder, company):
        first, second = (
            book(SlotFactory(), founder, company),
            book(SlotFactory(starts=at(3, 9)), founder, company),
        )
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            services.cancel_booking(booking=first, reason="일정 변경", actor=founder, now=NOW)
        adviser = adviser_person(second.adviser)
        with database_role(Role.ADVISER, user_id=adviser.pk, adviser_id=second.adviser_id):
            services.cancel_booking(booking=second, reason="병환", actor=adviser, now=NOW)
        assert set(Booking.objects.values_list("state", "slot__taken")) == {(BookingState.CANCELLED, False)}

    def test_the_office_may_say_for_whom(self):
        booking = BookingFactory()
        manager = acting_staff(StaffGroup.CONSULTING)
        services.cancel_booking(
            booking=booking, reason="전화로 알림", side=Side.COMPANY, actor=manager, now=NOW
        )
        booking.refresh_from_db()
        assert (booking.cancelled_side, booking.cancelled_by) == (Side.COMPANY, manager)

    def test_refusals(self, founder, company):
        booking = book(SlotFactory(), founder, company)

        def cancel(expected, *, actor=founder, reason="일정 변경", now=NOW, side=None):
            with pytest.raises(expected):
                services.cancel_booking(booking=booking, reason=reason, actor=actor, now=now, side=side)

        cancel(NotAllowed, actor=founder_of(CompanyFactory()))
        cancel(NotAllowed, actor=adviser_person())
        cancel(NotAllowed, actor=acting_staff(StaffGroup.AUDITOR))
        cancel(NotAllowed, side=Side.ADVISER)
        cancel(errors.ReasonMissing, reason="  ")
        cancel(Invalid, reason="가" * 401)
        cancel(errors.SessionBegun, now=booking.starts)
        services.cancel_booking(booking=booking, reason="일정 변경", actor=founder, now=NOW)
        cancel(errors.AlreadyCancelled)
