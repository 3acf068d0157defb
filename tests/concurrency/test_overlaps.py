"""64 at once want overlapping hours of one adviser, of one room and of one person: by service, by page and by API."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from datetime import date, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incubator.accounts.models import User
from incubator.common.dbroles import Role, database_role
from incubator.common.errors import DomainError
from tenants.companies.models import Company
from tenants.consulting import services
from tenants.consulting.models import Adviser, Attendee, Booking, BookingTerms, Slot
from tenants.consulting.services import bookings, placing
from tenants.consulting.times import Time, Wanted, times_for
from tests.factories.accounts import acting, sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import AdviserFactory, AvailabilityFactory, MeetingRoomFactory

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 64
PATIENCE = 240
CONSTRAINTS = (
    (Slot, "consulting_adviser_slots_apart"),
    (Slot, "consulting_room_once_at_a_time"),
    (Attendee, "consulting_attendee_once_at_a_time"),
)
# What a page, the API and a service may answer: done, or refused in words.
ANSWERED = {"done", "refused"}


def in_ten_days() -> date:
    return timezone.localdate() + timedelta(days=10)


def hours(adviser: Adviser, starts: time, minutes: int, **more: Any) -> None:
    AvailabilityFactory(
        adviser=adviser,
        weekday=str(in_ten_days().isoweekday()),
        starts=starts,
        ends=time(17),
        minutes=minutes,
        period=DateRange(date(2026, 1, 1), None),
        on_holidays=True,
        **more,
    )


def times_of(adviser: Adviser) -> list[Time]:
    day = in_ten_days()
    return times_for(None, now=timezone.now(), first=day, last=day, wanted=Wanted(adviser=adviser.pk)).found


def by_service(time_: Time, founder: User, company: Company) -> str:
    founder = copy(founder)  # one person of several companies acts for one of them at a time
    try:
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            services.book_slot(
                slot=time_,
                company=company,
                attendee=founder,
                topic="특허",
                actor=acting(founder, "founder", company.pk, "owner"),
                now=timezone.now(),
            )
    except DomainError:
        return "refused"
    return "done"


def _signed_in(founder: User, company: Company) -> Client:
    client = sign_in(Client(raise_request_exception=False), founder)
    session = client.session
    session["acting"] = f"founder:{company.pk}"
    session.save()
    return client


def by_page(time_: Time, founder: User, company: Company) -> str:
    client = _signed_in(founder, company)
    address = reverse("consulting:book_time", args=[time_.key])
    answer = client.post(address, {"attendee": founder.pk, "topic": "특허", "weeks": "1"})
    return {302: "done", 422: "refused"}.get(answer.status_code, f"page {answer.status_code}")


def by_api(time_: Time, founder: User, company: Company) -> str:
    client = _signed_in(founder, company)
    values = {"slot": time_.key, "topic": "특허", "company": company.pk}
    answer = client.post(reverse("api:booking-list"), values, content_type="application/json")
    return {201: "done", 409: "refused"}.get(answer.status_code, f"api {answer.status_code}")


WAYS = (by_service, by_page, by_api)


def attempts(
    wanted: list[Time], people: list[tuple[User, Company]], ways: tuple[Any, ...] = WAYS
) -> list[Callable[[], str]]:
    return [
        lambda n=n, who=who: ways[n % len(ways)](wanted[n % len(wanted)], *who)
        for n, who in enumerate(people)
    ]


def all_at_once(calls: list[Callable[[], str]]) -> Counter[str]:
    start = Barrier(len(calls))

    def run(call: Callable[[], str]) -> str:
        try:
            start.wait(PATIENCE)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


def overlaps() -> dict[str, int]:
    """Pairs of live sessions of one adviser, one room, one person whose times (with buffers) meet."""
    pairs = """SELECT count(*) FROM consulting_slot a JOIN consulting_slot b ON a.id < b.id AND a.held && b.held
      AND a.{0} = b.{0} WHERE a.taken AND b.taken AND a.state = 'open' AND b.state = 'open'"""
    people = """SELECT count(*) FROM consulting_attendee a JOIN consulting_attendee b ON a.id < b.id
      AND a.held && b.held AND a.person_id = b.person_id WHERE a.live AND b.live"""
    with connection.cursor() as cursor:
        found = {}
        for name, query in (
            ("adviser", pairs.format("adviser_id")),
            ("room", pairs.format("room_id")),
            ("person", people),
        ):
            cursor.execute(query)
            found[name] = cursor.fetchone()[0]
        return found


NONE = {"adviser": 0, "room": 0, "person": 0}


@contextmanager
def without_constraints() -> Iterator[None]:
    """The database as it would be without the three walls; they stand again afterwards, over no session."""
    walls = [
        (model, next(each for each in model._meta.constraints if each.name == name))
        for model, name in CONSTRAINTS
    ]
    with connection.schema_editor() as editor:
        for model, wall in walls:
            editor.remove_constraint(model, wall)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE consulting_booking, consulting_slot CASCADE")
        with connection.schema_editor() as editor:
            for model, wall in walls:
                editor.add_constraint(model, wall)


def nobody_holds(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Take the locks away and let all look before any writes."""
    look, together = placing.time_for, Barrier(number)

    def looked(*args: Any, **values: Any) -> Any:
        found = look(*args, **values)
        together.wait(PATIENCE)
        return found

    monkeypatch.setattr(placing, "time_for", looked)
    monkeypatch.setattr(bookings, "hold", lambda *things: None)


def strangers(number: int) -> list[tuple[User, Company]]:
    return [(founder_of(company), company) for company in CompanyFactory.create_batch(number)]


@pytest.fixture
def one_of_each() -> list[Time]:
    """The times of one adviser whose hours overlap, with buffers."""
    adviser = AdviserFactory()
    BookingTerms.objects.create(adviser=adviser, minutes_after=10, horizon_days=30)
    hours(adviser, time(9), 60)
    hours(adviser, time(9, 25), 45)
    return times_of(adviser)


def sharing_a_room(number: int) -> list[Time]:
    room = MeetingRoomFactory()
    found = []
    for each in range(number):
        adviser = AdviserFactory()
        hours(adviser, time(13, each * 7 % 60), 60, place="room", room=room)
        found.append(times_of(adviser)[0])
    return found


def one_person(number: int) -> list[tuple[User, Company]]:
    companies = CompanyFactory.create_batch(number)
    person = founder_of(companies[0])
    for company in companies[1:]:
        company.memberships.create(user=person, level="member")
    return [(person, company) for company in companies]


def at_any_adviser(number: int) -> list[Time]:
    found = []
    for each in range(number):
        adviser = AdviserFactory()
        hours(adviser, time(10, each * 5 % 60), 60)
        found.append(times_of(adviser)[0])
    return found


def test_64_at_once_make_no_overlap_and_lose_no_booking(one_of_each):
    wanted = one_of_each
    calls = [
        *attempts(wanted, strangers(24)),
        *attempts(sharing_a_room(8), strangers(20)),
        *attempts(at_any_adviser(20), one_person(20)),
    ]
    assert len(calls) == THREADS
    outcome = all_at_once(calls)
    assert outcome.keys() <= ANSWERED
    assert overlaps() == NONE
    assert Booking.objects.live().count() == outcome["done"]
    # Each of the three had something to give.
    assert outcome["done"] >= 3
    assert Slot.objects.filter(state="open", taken=False).count() == 0


def test_the_constraints_alone_are_enough(monkeypatch, one_of_each):
    nobody_holds(monkeypatch, 12)
    calls = [
        *attempts(one_of_each[:2], strangers(4), (by_service,)),
        *attempts(sharing_a_room(4), strangers(4), (by_service,)),
        *attempts(at_any_adviser(4), one_person(4), (by_service,)),
    ]
    outcome = all_at_once(calls)
    assert outcome.keys() <= ANSWERED
    assert overlaps() == NONE
    assert Booking.objects.live().count() == outcome["done"] == 3


def test_without_the_constraints_there_are_overlaps(monkeypatch, one_of_each):
    with without_constraints():
        nobody_holds(monkeypatch, 12)
        calls = [
            *attempts(one_of_each[:2], strangers(4), (by_service,)),
            *attempts(sharing_a_room(4), strangers(4), (by_service,)),
            *attempts(at_any_adviser(4), one_person(4), (by_service,)),
        ]
        assert all_at_once(calls) == {"done": 12}
        found = overlaps()
        assert all(found.values()), found


def test_the_same_click_from_five_windows_books_once(one_of_each):
    ((founder, _company),) = strangers(1)
    time_ = one_of_each[0]

    def click() -> str:
        client = sign_in(Client(raise_request_exception=False), founder)
        values = {"attendee": founder.pk, "topic": "특허", "weeks": "1", "click": "a" * 32}
        answer = client.post(reverse("consulting:book_time", args=[time_.key]), values)
        return {302: "done"}.get(answer.status_code, f"page {answer.status_code}")

    assert all_at_once([click] * 5) == {"done": 5}
    assert Booking.objects.count() == 1


def test_group_seats_are_given_once_each_and_all_of_them():
    adviser = AdviserFactory()
    hours(adviser, time(9), 60, seats=5)
    first = times_of(adviser)[0]
    ((founder, company), *others) = strangers(13)
    assert by_service(first, founder, company) == "done"
    slot = Slot.objects.get()

    def join(who: tuple[User, Company]) -> Callable[[], str]:
        founder, company = who

        def attempt() -> str:
            try:
                with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
                    services.book_slot(
                        slot=slot,
                        company=company,
                        attendee=founder,
                        topic="모임",
                        actor=founder,
                        now=timezone.now(),
                    )
            except DomainError:
                return "refused"
            return "done"

        return attempt

    assert all_at_once([join(who) for who in others]) == {"done": 4, "refused": 8}
    assert sorted(Booking.objects.values_list("seat", flat=True)) == [1, 2, 3, 4, 5]


def test_cancelling_and_booking_at_once_never_leave_a_time_for_two(one_of_each):
    time_ = one_of_each[0]
    ((founder, company), *others) = strangers(9)
    assert by_service(time_, founder, company) == "done"
    booking = Booking.objects.get()

    def cancel() -> str:
        services.cancel_booking(booking=booking, reason="변경", actor=None, now=timezone.now())
        return "done"

    outcome = all_at_once([cancel, *attempts([time_], others, (by_service,))])
    assert outcome.keys() <= ANSWERED
    assert overlaps() == NONE
    assert Booking.objects.live().count() == outcome["done"] - 1
