"""Two managers publish at the same moment: one timetable is in force, and the other is looked at again."""

from contextlib import contextmanager

import pytest
from django.db import connection

from investors.demoday import services
from investors.demoday.models import DemoDay, Plan
from tests.factories.demoday import NOW, computed, make_day, planner, rank_all

from .test_grants import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

MANAGERS = 4


def publishing():
    """Each manager publishes a draft of their own."""
    day = make_day(companies=2, firms=2)
    rank_all(day)
    drafts = [(computed(day), planner()) for _number in range(MANAGERS)]
    return [
        lambda draft=draft, who=who: services.publish_plan(plan=draft, actor=who, now=NOW)
        for draft, who in drafts
    ]


def test_of_many_at_once_exactly_one_is_published():
    assert all_at_once(publishing()) == {"done": 1, "published_meanwhile": MANAGERS - 1}
    assert Plan.objects.filter(state="published").count() == 1


@contextmanager
def without_the_walls(monkeypatch):
    """No lock on the day, and no constraint that says one."""
    wall = next(found for found in Plan._meta.constraints if found.name == "demoday_one_published")
    with monkeypatch.context() as patch:
        patch.setattr(
            "investors.demoday.services.plans.locked_day", lambda day: DemoDay.objects.get(pk=day.pk)
        )
        with connection.schema_editor() as editor:
            editor.remove_constraint(Plan, wall)
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE demoday_plan CASCADE")
            with connection.schema_editor() as editor:
                editor.add_constraint(Plan, wall)


def test_control_without_lock_and_constraint_several_are(monkeypatch):
    attempts = publishing()
    with without_the_walls(monkeypatch):
        assert all_at_once(attempts)["done"] > 1
        assert Plan.objects.filter(state="published").count() > 1
