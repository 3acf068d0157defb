"""Two managers publish two timetables of a day at the same moment; a founder books while one of them does."""

from collections import Counter
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from incubator.accounts.enums import StaffGroup
from tenants.consulting.models import Booking, HoursException
from tenants.consulting.services import book_slot
from tenants.mentordays import services
from tenants.mentordays.models import Arrangement, InvitedAdviser, InvitedCompany, MentorDay
from tenants.mentordays.services import publishing
from tests.factories.accounts import acting_staff
from tests.factories.companies import founder_of
from tests.factories.consulting import SlotFactory
from tests.factories.mentordays import BEGINS, CLOSED, day_of_wishes, drawn_up

from .test_grants import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def publishing_two():
    day = day_of_wishes(companies=2, advisers=2)
    return [
        partial(
            services.publish,
            arrangement=drawn_up(day),
            actor=acting_staff(StaffGroup.CONSULTING),
            now=CLOSED,
        )
        for _manager in range(2)
    ]


def test_of_two_who_publish_one_wins_and_the_other_is_told():
    assert all_at_once(publishing_two()) == {"done": 1, "other_published": 1}
    assert Counter(Arrangement.objects.values_list("state", flat=True)) == {"published": 1, "draft": 1}
    assert HoursException.objects.count() == 2


def test_control_without_lock_and_constraint_both_are_published(monkeypatch):
    both = Barrier(2)

    def unlocked(day_id, actor, *states):
        if not states:
            both.wait(30)
        return MentorDay.objects.get(pk=day_id)

    attempts = publishing_two()
    monkeypatch.setattr(publishing, "managed", unlocked)
    alone = next(each for each in Arrangement._meta.constraints if each.name == "mentordays_one_published")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Arrangement, alone)
    try:
        assert all_at_once(attempts)["done"] == 2
        assert Arrangement.objects.filter(state="published").count() == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE mentordays_arrangement CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(Arrangement, alone)


def test_an_adviser_is_either_booked_or_held():
    """Whoever is first; the other one is refused."""
    day = day_of_wishes(companies=2, advisers=2)
    version = drawn_up(day)
    adviser = InvitedAdviser.objects.filter(day=day).first().adviser
    slot = SlotFactory(adviser=adviser, starts=BEGINS)
    company = InvitedCompany.objects.filter(day=day).first().company
    person = founder_of(company)
    boss = acting_staff(StaffGroup.CONSULTING)
    ended = all_at_once(
        [
            lambda: services.publish(arrangement=version, actor=boss, now=CLOSED),
            lambda: book_slot(
                slot=slot, company=company, attendee=person, topic="특허 상담", actor=boss, now=CLOSED
            ),
        ]
    )
    assert ended["done"] == 1
    assert Booking.objects.live().exists() != HoursException.objects.exists()
