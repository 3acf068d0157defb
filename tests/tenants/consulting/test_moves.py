"""Another time for a session, at once or proposed; and who waits for a freed one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import NotAllowed
from incubator.common.models import CampSettings
from tenants.consulting import errors, selectors, services
from tenants.consulting.enums import (
    BookingState,
    Ending,
    OfferState,
    ProposalState,
    SlotState,
    WaitingState,
)
from tenants.consulting.models import Booking, BookingTerms, Offer, Proposal, Slot, WaitingEntry
from tests.factories.accounts import acting_staff
from tests.factories.companies import CompanyFactory, founder_of
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


def as_founder(founder, company):
    return database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk])


def book(slot, founder, company, now=NOW):
    with as_founder(founder, company):
        return services.book_slot(
            slot=slot, company=company, attendee=founder, topic="특허 범위", actor=founder, now=now
        )


@pytest.fixture
def adviser():
    return AvailabilityFactory().adviser


@pytest.fixture
def booking(adviser, founder, company):
    return book(hour_of(adviser, at(2, 14)), founder, company)


class TestMoving:
    def test_keeps_uid_question_and_history_and_frees_the_old_time(self, booking, adviser, founder, company):
        with as_founder(founder, company):
            moved = services.reschedule_booking(
                booking=booking, slot=hour_of(adviser, at(2, 16)), reason="회의", actor=founder, now=NOW
            )
        booking.refresh_from_db()
        assert (booking.state, booking.ended_as, booking.cancelled_by, booking.cancel_reason) == (
            BookingState.CANCELLED,
            Ending.MOVED,
            founder,
            "회의",
        )
        assert (moved.uid, moved.moved_from, moved.topic) == (booking.uid, booking, booking.topic)
        assert moved.sequence > 0
        assert Slot.objects.get(pk=booking.slot_id).state == SlotState.RELEASED
        assert selectors.allowance_of(company.pk, at=NOW).used == 60
        assert not booking.late

    def test_the_adviser_moves_it_too(self, booking, adviser):
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            moved = services.reschedule_booking(
                booking=booking, slot=hour_of(adviser, at(2, 15)), reason="재판", actor=person, now=NOW
            )
        assert (moved.state, moved.attendee_id) == (BookingState.BOOKED, booking.attendee_id)

    def test_to_a_time_that_overlaps_it(self, adviser, founder, company):
        slot = SlotFactory(adviser=adviser, starts=at(3, 9))
        booking = book(slot, founder, company)
        services.add_hours(
            adviser=adviser,
            weekday="4",
            starts=at(4, 9).time(),
            ends=at(4, 11).time(),
            first=NOW.date(),
            actor=None,
            now=NOW,
        )
        other = CompanyFactory()
        first = book(hour_of(adviser, at(4, 9)), founder_of(other), other)
        assert first.starts == at(4, 9)
        moved = services.reschedule_booking(
            booking=booking, slot=hour_of(adviser, at(4, 10)), reason="겹침", actor=founder, now=NOW
        )
        assert moved.starts == at(4, 10)

    def test_an_adviser_who_agrees_first_is_asked_again(self, adviser, founder, company):
        BookingTerms.objects.create(adviser=adviser, needs_approval=True)
        booking = book(hour_of(adviser, at(2, 14)), founder, company)
        services.approve_request(booking=booking, actor=None, now=NOW)
        booking.refresh_from_db()
        moved = services.reschedule_booking(
            booking=booking, slot=hour_of(adviser, at(2, 16)), reason="회의", actor=founder, now=NOW
        )
        assert moved.state == BookingState.REQUESTED

    def test_nothing_changes_where_the_new_time_is_taken(self, booking, adviser, founder):
        time = hour_of(adviser, at(2, 16))
        other = CompanyFactory()
        book(hour_of(adviser, at(2, 16)), founder_of(other), other)
        with pytest.raises(errors.SlotTaken):
            services.reschedule_booking(booking=booking, slot=time, reason="회의", actor=founder, now=NOW)
        booking.refresh_from_db()
        assert (booking.state, Slot.objects.get(pk=booking.slot_id).taken) == (BookingState.BOOKED, True)

    def test_refusals(self, booking, adviser, founder):
        def move(expected, *, slot=None, actor=founder, now=NOW, reason="회의"):
            with pytest.raises(expected):
                services.reschedule_booking(
                    booking=booking,
                    slot=slot or hour_of(adviser, at(2, 16)),
                    reason=reason,
                    actor=actor,
                    now=now,
                )

        move(errors.OtherAdviser, slot=SlotFactory())
        move(NotAllowed, actor=founder_of(CompanyFactory()))
        move(errors.ReasonMissing, reason=" ")
        move(errors.SessionBegun, now=at(2, 14))
        services.cancel_booking(booking=booking, reason="변경", actor=founder, now=NOW)
        move(errors.AlreadyCancelled)


class TestProposing:
    def propose(self, booking, actor, starts=None, now=NOW):
        return services.propose_time(
            booking=booking, starts=starts or at(3, 18, 30), reason="출장", actor=actor, now=now
        )

    def test_the_company_accepts_what_the_adviser_proposes(self, booking, adviser, founder, company):
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            proposal = self.propose(booking, person)
        with as_founder(founder, company):
            moved = services.answer_proposal(proposal=proposal, accept=True, actor=founder, now=NOW)
        assert (moved.starts, moved.uid, moved.move_reason) == (at(3, 18, 30), booking.uid, "출장")
        assert Proposal.objects.get().state == ProposalState.ACCEPTED
        assert Booking.objects.get(pk=booking.pk).ended_as == Ending.MOVED

    def test_the_adviser_accepts_what_the_company_proposes(self, booking, adviser, founder, company):
        with as_founder(founder, company):
            proposal = self.propose(booking, founder)
        person = adviser_person(adviser)
        with database_role(Role.ADVISER, user_id=person.pk, adviser_id=adviser.pk):
            moved = services.answer_proposal(proposal=proposal, accept=True, actor=person, now=NOW)
        assert moved.starts == at(3, 18, 30)

    def test_declined_nothing_changes(self, booking, adviser, founder):
        proposal = self.propose(booking, adviser_person(adviser))
        kept = services.answer_proposal(proposal=proposal, accept=False, actor=founder, now=NOW)
        assert (kept.pk, kept.starts, kept.state) == (booking.pk, at(2, 14), BookingState.BOOKED)
        with pytest.raises(errors.ProposalOver):
            services.answer_proposal(proposal=proposal, accept=True, actor=founder, now=NOW)

    def test_a_time_that_is_taken_by_then_changes_nothing(self, booking, adviser, founder):
        proposal = self.propose(booking, adviser_person(adviser))
        SlotFactory(adviser=adviser, starts=at(3, 19))
        with pytest.raises(errors.ProposedTaken):
            services.answer_proposal(proposal=proposal, accept=True, actor=founder, now=NOW)
        booking.refresh_from_db()
        assert booking.state == BookingState.BOOKED
        assert Proposal.objects.get().state == ProposalState.OPEN

    def test_nobody_answers_their_own(self, booking, founder):
        proposal = self.propose(booking, founder)
        for actor in (founder, founder_of(CompanyFactory()), acting_staff(StaffGroup.LEASES)):
            with pytest.raises(NotAllowed):
                services.answer_proposal(proposal=proposal, accept=True, actor=actor, now=NOW)

    def test_one_at_a_time_and_only_to_come(self, booking, founder):
        self.propose(booking, founder)
        with pytest.raises(errors.ProposalStands):
            self.propose(booking, founder, at(4, 9))
        with pytest.raises(errors.ProposedPast):
            self.propose(booking, founder, at(1, 9))

    def test_ends_without_an_answer(self, booking, founder, adviser):
        proposal = self.propose(booking, founder)
        assert proposal.expires_at == booking.starts
        with pytest.raises(errors.ProposalOver):
            services.answer_proposal(
                proposal=self.later(proposal), accept=True, actor=adviser_person(adviser), now=at(2, 13)
            )
        assert [services.expire_proposals(now=at(2, 13)) for _ in range(2)] == [1, 0]

    def later(self, proposal):
        Proposal.objects.filter(pk=proposal.pk).update(expires_at=at(2, 12))
        return proposal


class TestWaiting:
    def waits(self, company, **values):
        founder = founder_of(company)
        with as_founder(founder, company):
            return services.join_waiting_list(
                company=company, week=at(2, 0).date(), actor=founder, now=values.pop("now", NOW), **values
            )

    def cancel(self, booking, now=NOW):
        services.cancel_booking(booking=booking, reason="변경", actor=booking.attendee, now=now)

    def test_whoever_waits_longest_is_offered_the_freed_time(self, booking, adviser):
        second, first = CompanyFactory(), CompanyFactory()
        entry = self.waits(first, adviser=adviser)
        self.waits(second, now=NOW + timedelta(minutes=1))
        self.cancel(booking)
        offer = Offer.objects.get()
        assert (offer.entry, offer.slot_id, offer.expires_at) == (
            entry,
            booking.slot_id,
            NOW + timedelta(hours=12),
        )
        assert Slot.objects.get().taken
        other = CompanyFactory()
        with pytest.raises(errors.SlotTaken):
            book(Slot.objects.get(), founder_of(other), other)

    def test_the_database_keeps_it_for_them(self, booking, adviser, company):
        self.waits(CompanyFactory())
        self.cancel(booking)
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            Booking.objects.create(
                slot_id=booking.slot_id,
                adviser=adviser,
                period=booking.period,
                company=company,
                attendee=booking.attendee,
                topic="끼어들기",
                booked_at=NOW,
            )
        assert caught.value.__cause__.diag.constraint_name == "consulting_time_is_offered"

    def test_accepted_it_is_theirs(self, booking, adviser):
        company = CompanyFactory()
        entry = self.waits(company)
        self.cancel(booking)
        founder = entry.person
        with as_founder(founder, company):
            booked = services.accept_offer(
                offer=Offer.objects.get(), attendee=founder, topic="기다린 질문", actor=founder, now=NOW
            )
        assert (booked.slot_id, booked.company, booked.topic) == (booking.slot_id, company, "기다린 질문")
        assert (Offer.objects.get().state, WaitingEntry.objects.get().state) == (
            OfferState.ACCEPTED,
            WaitingState.BOOKED,
        )

    def test_unanswered_it_passes_on_and_at_last_is_everyones(self, booking):
        companies = CompanyFactory.create_batch(2)
        for number, company in enumerate(companies):
            self.waits(company, now=NOW + timedelta(minutes=number))
        self.cancel(booking)
        # The time lies 28 hours ahead: two half days of holding, then an hour before it nobody is asked any more.
        seen = []
        for hours in (11, 12, 12, 24, 28):
            services.expire_offers(now=NOW + timedelta(hours=hours))
            open_ = Offer.objects.filter(state=OfferState.OPEN).first()
            seen.append(open_ and companies.index(open_.company))
        assert seen == [0, 1, 1, None, None]
        assert Slot.objects.get().state == SlotState.RELEASED
        assert {entry.state for entry in WaitingEntry.objects.all()} == {WaitingState.WAITING}

    def test_who_lets_it_go_waits_on_and_is_not_asked_twice(self, booking):
        entry = self.waits(CompanyFactory())
        self.cancel(booking)
        services.pass_offer(offer=Offer.objects.get(), actor=entry.person, now=NOW)
        assert Offer.objects.get().state == OfferState.PASSED
        assert WaitingEntry.objects.get().state == WaitingState.WAITING
        with pytest.raises(errors.OfferOver):
            services.pass_offer(offer=Offer.objects.get(), actor=entry.person, now=NOW)

    def test_too_late_to_accept(self, booking):
        entry = self.waits(CompanyFactory())
        self.cancel(booking)
        with pytest.raises(errors.OfferOver):
            services.accept_offer(
                offer=Offer.objects.get(),
                attendee=entry.person,
                topic="늦음",
                actor=entry.person,
                now=NOW + timedelta(hours=12),
            )

    def test_only_what_was_waited_for_is_offered(self, booking, adviser):
        adviser.fields, adviser.languages = ["patents"], ["ko"]
        adviser.save()
        for values in ({"adviser": AdviserFactory()}, {"field": "ai"}, {"language": "en"}):
            self.waits(CompanyFactory(), **values)
        entry = self.waits(CompanyFactory(), field="patents", language="ko")
        self.cancel(booking)
        assert Offer.objects.get().entry == entry

    def test_a_company_without_hours_is_passed_over(self, booking, company):
        poor, rich = CompanyFactory(), CompanyFactory()
        self.waits(poor)
        self.waits(rich, now=NOW + timedelta(minutes=1))
        settings = CampSettings.current()
        settings.consulting_hours_per_quarter = 1
        settings.save()
        book(SlotFactory(starts=at(3, 9)), founder_of(poor), poor)
        self.cancel(booking)
        assert Offer.objects.get().company == rich

    def test_leaving_gives_the_held_time_to_the_next(self, booking):
        first, second = CompanyFactory(), CompanyFactory()
        entry = self.waits(first)
        self.waits(second, now=NOW + timedelta(minutes=1))
        self.cancel(booking)
        with as_founder(entry.person, first):
            services.leave_waiting_list(entry=entry, actor=entry.person, now=NOW)
        assert WaitingEntry.objects.get(pk=entry.pk).state == WaitingState.LEFT
        assert Offer.objects.get(state=OfferState.OPEN).company == second

    def test_a_withdrawn_time_is_offered_to_nobody(self, booking):
        self.waits(CompanyFactory())
        self.cancel(booking)
        services.withdraw_slot(slot=Slot.objects.get(), reason="출장", actor=None, now=NOW)
        assert Offer.objects.get().state == OfferState.TAKEN_BACK
        assert WaitingEntry.objects.get().state == WaitingState.WAITING

    def test_waits_once_for_the_same_and_for_coming_weeks_only(self, adviser, company):
        self.waits(company, adviser=adviser)
        with pytest.raises(errors.WaitsAlready):
            self.waits(company, adviser=adviser)
        founder = founder_of(company)
        for week in (at(31, 0, month=1).date(), at(1, 0, month=9).date()):
            with pytest.raises(errors.NotForWaiting):
                services.join_waiting_list(company=company, week=week, actor=founder, now=NOW)

    def test_a_week_that_is_over_has_no_list(self, company):
        self.waits(company)
        services.expire_offers(now=at(8, 1))
        assert WaitingEntry.objects.get().state == WaitingState.OVER

    def test_who_waits_is_seen_by_their_company_alone(self, booking, company):
        other = CompanyFactory()
        self.waits(other)
        self.cancel(booking)
        founder = founder_of(company)
        with as_founder(founder, company):
            assert (WaitingEntry.objects.count(), Offer.objects.count()) == (0, 0)
        person = adviser_person(booking.adviser)
        assert list(selectors.waiting_for(person)) == list(selectors.offers_for(person)) == []
