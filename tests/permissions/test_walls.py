"""The walls hold when the code forgets: every `*_for(user)` returns everything, and still nobody sees the others' rows.

The control takes the policies away and finds the marked rows, so the test would notice a wall that is missing.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.sql.where import WhereNode
from django.urls import reverse

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import Role
from tests.factories.accounts import acting_staff

from .matrix import ADVISER_ROWS, API_ROWS, FOUNDER_ROWS, INVESTOR_ROWS, REVIEW_ROWS, Row
from .personas import make_people
from .world import INTERNAL, MARK, World, make_world

PLACES = {
    "outsider": FOUNDER_ROWS,
    "rival": INVESTOR_ROWS,
    "other_adviser": ADVISER_ROWS,
    "other_reviewer": REVIEW_ROWS,
}


def _selector_modules() -> Iterator[Any]:
    for config in apps.get_app_configs():
        if config.name.startswith(("incubator.", "tenants.", "investors.")):
            try:
                package = importlib.import_module(f"{config.name}.selectors")
            except ModuleNotFoundError:
                continue
            yield package
            for found in pkgutil.iter_modules(getattr(package, "__path__", [])):
                yield importlib.import_module(f"{package.__name__}.{found.name}")


def _forgetting(original: Callable[..., Any], anyone: Any) -> Callable[..., Any]:
    """The selector without its filters; one that gives no queryset answers as if the director asked."""

    def selector(user: Any, *args: Any, **kwargs: Any) -> Any:
        found = original(user, *args, **kwargs)
        if not isinstance(found, QuerySet):
            return original(anyone, *args, **kwargs)
        everything = found.all()
        everything.query.where = WhereNode()
        return everything

    return selector


@pytest.fixture
def forgetful(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every selector forgets its filter. Returns their names."""
    anyone = acting_staff(StaffGroup.DIRECTOR)
    replaced = []
    for module in _selector_modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.endswith("_for") and next(iter(inspect.signature(function).parameters), "") == "user":
                monkeypatch.setattr(module, name, _forgetting(function, anyone))
                replaced.append(f"{module.__name__}.{name}")
    return replaced


def _walls_down() -> None:
    """No policies, and every role may read every table."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        for role in Role:
            cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role.value}")


def _urls(rows: list[Row], world: World) -> Iterator[str]:
    """Every page of the place, with the reader's own objects and with the marked ones."""
    for row in [*rows, *API_ROWS]:
        for side in (world.mine, world.theirs):
            seen = replace(world, mine=side)
            yield reverse(row.name, kwargs=dict(row.args(seen)))
    yield reverse("portal:statement") + "?format=csv"


def _names(response: Any) -> bool:
    """Whether a file's name carries the mark: it is sent in pieces of percent signs."""
    return MARK in unquote(response.headers.get("Content-Disposition", ""))


def _leaks(persona: str, world: World) -> dict[str, int]:
    """The addresses whose answer carries the mark, with their status."""
    client = make_people(world).client(persona)
    found = {}
    for url in dict.fromkeys(_urls(PLACES[persona], world)):
        sid = transaction.savepoint()
        response = client.get(url)
        content = b"".join(response) if response.streaming else response.content
        if MARK in content.decode(errors="replace") or _names(response):
            found[url] = response.status_code
        transaction.savepoint_rollback(sid)
    return found


@pytest.mark.parametrize("persona", PLACES)
def test_a_forgotten_filter_leaks_nothing(persona: str, forgetful: list[str]) -> None:
    assert len(forgetful) >= 20
    assert _leaks(persona, make_world(visible=False)) == {}


@pytest.mark.parametrize("persona", PLACES)
def test_control_without_policies_the_leak_is_found(persona: str, forgetful: list[str]) -> None:
    world = make_world(visible=False)
    _walls_down()
    leaks = _leaks(persona, world)
    assert 200 in leaks.values()
    # A reviewer has two pages and no machines.
    assert len(leaks) >= (1 if persona == "other_reviewer" else 5)


@pytest.mark.django_db
def test_without_the_forgetting_and_without_policies_the_selectors_hide_the_rest() -> None:
    """The second wall stands alone as well: the selectors filter what the policies would."""
    world = make_world(visible=False)
    _walls_down()
    assert _leaks("outsider", world) == {}


@pytest.mark.django_db
def test_what_the_camp_office_writes_for_itself_reaches_no_founder_not_even_the_companys_own() -> None:
    """With the control that a manager reads it."""
    world = make_world(visible=False)
    people = make_people(world)
    client = people.client("member")
    for url in dict.fromkeys(_urls(FOUNDER_ROWS, world)):
        sid = transaction.savepoint()
        response = client.get(url)
        content = b"".join(response) if response.streaming else response.content
        assert INTERNAL not in content.decode(errors="replace"), url
        transaction.savepoint_rollback(sid)
    page = reverse("admin:helpdesk_helprequest_change", args=[world.mine.things["help_request"].pk])
    assert INTERNAL in people.client("director").get(page).content.decode()


def test_views_call_selectors_through_their_module() -> None:
    """Otherwise replacing them, as above, would not reach those views."""
    root = Path(__file__).parents[2]
    found = [
        str(path.relative_to(root))
        for place in ("incubator", "tenants", "investors")
        for path in (root / place).rglob("*.py")
        if re.search(r"selectors import .*_for\b", path.read_text())
    ]
    assert found == []
