"""Many founders want the last seat of a programme; a class and a session want one adviser's hour."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from incubator.common.dbroles import Role, database_role
from tenants.consulting import services as consulting
from tenants.consulting.models import Slot, TimeHold
from tenants.programmes import selectors, services
from tenants.programmes.models import Programme, SignUp
from tenants.programmes.services import sign_ups
from tests.concurrency.test_bookings import all_at_once
from tests.factories.consulting import NOW, AdviserFactory, at
from tests.factories.programmes import programme, someone

pytestmark = pytest.mark.django_db(transaction=True)

RUNNERS = 8
PATIENCE = 60


def attempts(found: Programme, *, wait: bool = False) -> list[Callable[[], object]]:
    people = [someone() for _ in range(RUNNERS)]

    def join(company: Any, founder: Any) -> None:
        with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
            services.sign_up(
                programme=found, company=company, person=founder, wait=wait, actor=founder, now=NOW
            )

    return [lambda pair=pair: join(*pair) for pair in people]


def all_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds the programme, and everybody has seen the seat free before anybody takes it."""
    monkeypatch.setattr(sign_ups, "hold", lambda *things: None)
    together, looked = Barrier(RUNNERS), selectors.begins_at

    def begins_at(found: Programme) -> Any:
        together.wait(PATIENCE)
        return looked(found)

    monkeypatch.setattr(sign_ups.selectors, "begins_at", begins_at)


@contextmanager
def without_the_seats() -> Iterator[None]:
    wall = next(each for each in Programme._meta.constraints if each.name == "programmes_seats_suffice")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Programme, wall)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE programmes_programme CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(Programme, wall)


def test_one_of_all_gets_the_last_seat():
    found = programme(seats=1)
    assert all_at_once(attempts(found)) == {"done": 1, "programme_full": RUNNERS - 1}


def test_the_database_alone_keeps_the_seats(monkeypatch):
    found = programme(seats=1)
    all_have_looked(monkeypatch)
    assert all_at_once(attempts(found)) == {"done": 1, "programme_full": RUNNERS - 1}
    assert Programme.objects.get().taken == SignUp.objects.count() == 1


def test_without_lock_and_constraint_all_of_them_do(monkeypatch):
    found = programme(seats=1)
    all_have_looked(monkeypatch)
    with without_the_seats():
        assert all_at_once(attempts(found)) == {"done": RUNNERS}
        assert Programme.objects.get().taken == RUNNERS


def test_those_who_wait_are_all_on_the_list():
    found = programme(seats=3)
    assert all_at_once(attempts(found, wait=True)) == {"done": RUNNERS}
    found.refresh_from_db()
    assert (found.taken, found.waiting) == (3, RUNNERS - 3)


def _class_and_session() -> list[Callable[[], object]]:
    """One time of one adviser, wanted by half for a class and by half for sessions."""
    adviser = AdviserFactory()
    values = {"starts": at(2, 14), "ends": at(2, 15), "actor": None, "now": NOW}
    return [
        lambda: consulting.hold_time(adviser=adviser, room=None, what="강의", **values),
        lambda: consulting.open_slots(adviser=adviser, minutes=60, **values),
    ] * (RUNNERS // 2)


def test_a_class_and_a_session_never_have_one_adviser_both():
    outcome = all_at_once(_class_and_session())
    assert outcome["done"] >= 1
    live = TimeHold.objects.filter(live=True).count(), Slot.objects.filter(state="open").count()
    # A free time that was opened first may have given way to the class.
    assert live in ((1, 0), (0, 1))


def test_without_the_triggers_they_do():
    names = {
        "consulting_slot": "consulting_slot_unheld",
        "consulting_timehold": "consulting_hold_unslotted",
    }

    def switch(verb: str) -> None:
        with connection.cursor() as cursor:
            for table, trigger in names.items():
                cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {trigger}")

    adviser = AdviserFactory()
    values = {"starts": at(2, 14), "ends": at(2, 15), "actor": None, "now": NOW}
    switch("DISABLE")
    try:
        consulting.hold_time(adviser=adviser, room=None, what="강의", **values)
        consulting.open_slots(adviser=adviser, minutes=60, **values)
        assert (TimeHold.objects.count(), Slot.objects.count()) == (1, 1)
    finally:
        switch("ENABLE")
