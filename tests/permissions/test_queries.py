"""No page asks the database more when the camp grows, and none asks it more than a dozen times."""

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.queries import TAKING_THE_ROLE, counted

from .crowd import make_crowd
from .matrix import Row
from .personas import People, make_people
from .test_matrix import ALL_ROWS
from .world import World, make_world

pytestmark = pytest.mark.django_db

MOST = 12
READERS = ("anonymous", "owner", "director", "investor", "adviser", "reviewer")
# What reads no table: the state of the migrations is the database's own business and asked by machines alone.
NOT_A_PAGE = {"readyz"}


def _rows(persona: str) -> list[Row]:
    return [row for row in ALL_ROWS if row.status[persona] == 200 and row.name not in NOT_A_PAGE]


def _queries(people: People, persona: str, world: World) -> dict[str, int]:
    client = people.client(persona)
    costs = {}
    for row in _rows(persona):
        path = reverse(row.name, kwargs=dict(row.args(world)))
        sid = transaction.savepoint()
        reset_queries()  # Django keeps the last 9,000 only
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, row.name
        transaction.savepoint_rollback(sid)
        costs[row.name] = len(counted(captured)) + TAKING_THE_ROLE
    return costs


@pytest.mark.long
def test_every_page_asks_as_often_with_73_companies_as_with_2000() -> None:
    world = make_world()
    people = make_people(world)
    # A process asks for each content type once in its life.
    ContentType.objects.get_for_models(*apps.get_models())
    make_crowd(world, 2, 73)
    small = {persona: _queries(people, persona, world) for persona in READERS}
    make_crowd(world, 73, 2000)
    large = {persona: _queries(people, persona, world) for persona in READERS}
    grown = {
        (persona, name): (count, large[persona][name])
        for persona, counts in small.items()
        for name, count in counts.items()
        if large[persona][name] != count
    }
    assert grown == {}
    assert {
        key: count for persona, counts in large.items() for key, count in counts.items() if count > MOST
    } == {}
