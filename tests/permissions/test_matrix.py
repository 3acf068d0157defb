"""Who gets what, for every URL there is."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from .matrix import ROWS, Row, admin_rows
from .personas import PERSONAS, People, make_people
from .resolver import url_names
from .world import World, make_world

LABELS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
ALL_ROWS: list[Row] = [*ROWS, *admin_rows(LABELS)]


def test_the_matrix_names_every_url_once() -> None:
    named = [row.name for row in ALL_ROWS]
    assert sorted(set(named) ^ url_names()) == []
    assert len(named) == len(set(named))


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def people(world: World) -> People:
    return make_people(world)


@pytest.mark.parametrize("persona", PERSONAS)
def test_everyone_gets_what_the_matrix_says(persona: str, world: World, people: People) -> None:
    client = people.client(persona)
    wrong: dict[str, Any] = {}
    known = url_names()
    for row in ALL_ROWS:
        if row.name not in known:
            continue
        url = reverse(row.name, kwargs=dict(row.args(world)))
        sid = transaction.savepoint()
        status = client.get(url).status_code
        transaction.savepoint_rollback(sid)
        if status != row.status[persona]:
            wrong[row.name] = {"got": status, "expected": row.status[persona]}
    assert wrong == {}
