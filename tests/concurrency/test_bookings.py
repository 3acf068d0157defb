"""Many founders want one slot, one company's last hour, one person's afternoon."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from incubator.accounts.models import User
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError
from incubator.common.models import CampSettings
from tenants.companies.models import Company
from tenants.consulting import services
from tenants.consulting.models import Attendee, Booking, Slot
from tenants.consulting.services import bookings
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import (
    NOW,
    AdviserFactory,
    BookingFactory,
    MeetingRoomFactory,
    SlotFactory,
    adviser_person,
    at,
)

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 32
PATIENCE = 120


def all_at_once(attempts: list[Callable[[], object]]) -> Counter:
    """How the attempts ended, each in a connection of its own: "done", or the code of its refusal."""
    start = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> str:
        try:
            start.wait(PATIENCE)
            attempt()
            return "done"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return Counter(pool.map(run, attempts))


def book(slot: Slot, founder: User, company: Company, attendee: User | None = None) -> None:
    """Book as a request of the founder does: behind her wall."""
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
        services.book_slot(
            slot=slot,
            company=company,
            attendee=attendee or founder,
            topic="특허 범위",
            actor=founder,
            now=NOW,
        )


def bookings_of_one_slot(number: int) -> list[Callable[[], object]]:
    slot = SlotFactory()
    founders = [(founder_of(company), company) for company in CompanyFactory.create_batch(number)]
    return [
        lambda founder=founder, company=company: book(slot, founder, company) for founder, company in founders
    ]


@contextmanager
def without(constraint: str) -> Iterator[None]:
    """The database as it would be without a constraint of bookings; it stands again afterwards, over no booking."""
    model, wall = next(
        (model, found)
        for model in (Booking, Attendee)
        for found in model._meta.constraints
        if found.name == constraint
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, wall)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE consulting_booking CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(model, wall)


def meeting(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let `number` bookings meet right after this step of theirs, so that each has looked before any has written."""
    step, together = getattr(bookings, name), Barrier(number)

    def looked(*args: Any, **kwargs: Any) -> Any:
        result = step(*args, **kwargs)
        together.wait(PATIENCE)
        return result

    monkeypatch.setattr(bookings, name, looked)


class TestOneSlot:
    def test_exactly_one_of_32_wins(self):
        outcome = all_at_once(bookings_of_one_slot(THREADS))
        assert outcome == {"done": 1, "slot_taken": THREADS - 1}
        assert Booking.objects.count() == 1
        assert Slot.objects.values_list("taken", flat=True).get() is True

    def test_exactly_one_wins_when_all_have_seen_it_free(self, monkeypatch):
        meeting(monkeypatch, "bookable", THREADS)
        assert all_at_once(bookings_of_one_slot(THREADS)) == {"done": 1, "slot_taken": THREADS - 1}

    def test_without_the_constraint_all_win(self, monkeypatch):
        meeting(monkeypatch, "bookable", THREADS)
        with without("consulting_one_live_booking"):
            assert all_at_once(bookings_of_one_slot(THREADS)) == {"done": THREADS}


class TestOneHourLeft:
    @pytest.fixture(autouse=True)
    def one_hour(self):
        settings = CampSettings.current()
        settings.consulting_hours_per_quarter = 1
        settings.save()

    def bookings(self, number: int) -> list[Callable[[], object]]:
        company = CompanyFactory()
        slots = SlotFactory.create_batch(number)
        return [
            lambda slot=slot, founder=founder: book(slot, founder, company)
            for slot, founder in zip(slots, [founder_of(company) for _ in slots], strict=True)
        ]

    def test_two_bookings_at_once_cannot_both_use_it(self):
        assert all_at_once(self.bookings(2)) == {"done": 1, "allowance_used_up": 1}

    def test_nor_can_sixteen(self):
        assert all_at_once(self.bookings(16)) == {"done": 1, "allowance_used_up": 15}

    def test_without_the_lock_both_do(self, monkeypatch):
        monkeypatch.setattr(bookings, "hold", lambda *things: None)
        meeting(monkeypatch, "within_allowance", 2)
        assert all_at_once(self.bookings(2)) == {"done": 2}


class TestOneAttendee:
    """A person of several companies, asked for by each of them at the same time."""

    def bookings(self, number: int) -> list[Callable[[], object]]:
        companies = CompanyFactory.create_batch(number)
        person = founder_of(companies[0])
        for company in companies[1:]:
            company.memberships.create(user=person, level="member")
        slots = SlotFactory.create_batch(number)
        return [
            lambda slot=slot, founder=founder, company=company: book(slot, founder, company, person)
            for slot, founder, company in zip(
                slots, [founder_of(each) for each in companies], companies, strict=True
            )
        ]

    def test_comes_to_one_session(self):
        assert all_at_once(self.bookings(8)) == {"done": 1, "attendee_busy": 7}

    def test_without_the_constraint_to_all(self):
        with without("consulting_attendee_once_at_a_time"):
            assert all_at_once(self.bookings(8)) == {"done": 8}


def test_opening_at_once_never_doubles_an_adviser_or_a_room():
    adviser, room, others = AdviserFactory(), MeetingRoomFactory(), AdviserFactory.create_batch(6)
    person = adviser_person(adviser)
    people = [(adviser_person(other), other) for other in others]

    def offer(actor: User, whose: Any, minutes: int) -> Callable[[], object]:
        def attempt() -> None:
            with database_role(Role.ADVISER, user_id=actor.pk, adviser_id=whose.pk):
                services.open_slots(
                    adviser=whose,
                    starts=at(2, 14),
                    ends=at(2, 17),
                    minutes=minutes,
                    room=room,
                    actor=actor,
                    now=NOW,
                )

        return attempt

    attempts = [offer(person, adviser, minutes) for minutes in (30, 60) for _ in range(5)]
    attempts += [offer(actor, other, 45) for actor, other in people]
    outcome = all_at_once(attempts)
    assert outcome["done"] == 1
    assert outcome.keys() <= {"done", "slots_overlap", "room_taken"}
    assert Slot.objects.values("adviser").distinct().count() == 1


def test_booking_and_withdrawing_at_once_leave_no_session_without_its_slot():
    slots = SlotFactory.create_batch(8)
    attempts = []
    for slot in slots:
        company = CompanyFactory()
        founder = founder_of(company)
        attempts.append(lambda slot=slot, founder=founder, company=company: book(slot, founder, company))
        attempts.append(
            lambda slot=slot: services.withdraw_slot(slot=slot, reason="출장", actor=None, now=NOW)
        )
    outcome = all_at_once(attempts)
    assert outcome.keys() <= {"done", "slot_withdrawn", "slot_unknown"}
    assert set(Slot.objects.values_list("state", "taken")) == {("withdrawn", False)}
    assert Booking.objects.live().count() == 0


def test_cancelling_from_both_sides_at_once_counts_once():
    booking = BookingFactory()
    company, founder = booking.company, founder_of(booking.company)
    adviser = adviser_person(booking.adviser)

    def by_founder() -> None:
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            services.cancel_booking(booking=booking, reason="일정 변경", actor=founder, now=NOW)

    def by_adviser() -> None:
        with database_role(Role.ADVISER, user_id=adviser.pk, adviser_id=booking.adviser_id):
            services.cancel_booking(booking=booking, reason="병환", actor=adviser, now=NOW)

    assert all_at_once([by_founder, by_adviser] * 4) == {"done": 1, "already_cancelled": 7}
