"""What every test may rely on: a database of its own worker, and a browser that the machine has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoDbBlocker

from incubator.running.prepare import browser_path
from tests.database import test_database
from tests.seeded import keep_seeded_rows

# The browser tests drive Chromium through an event loop in the very thread in which they ask the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM_FLAGS = [
    "--no-sandbox",  # a container's root may not make one
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """pytest-django's hook between settings and the making of the database."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", f"alone_{os.getpid()}")
    with django_db_blocker.unblock(), test_database(worker):
        django_db_blocker.block()
        yield
        django_db_blocker.unblock()
        django_db_blocker.restore()


@pytest.fixture(scope="session", autouse=True)
def seeded_rows(request: pytest.FixtureRequest) -> None:
    """Tests that really commit leave the rows of the migrations as they were."""
    if any(
        item.get_closest_marker("django_db") or "db" in item.fixturenames for item in request.session.items
    ):
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            keep_seeded_rows()


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A test client that reads English leaves its thread speaking it."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright's own download of a browser is not needed: the system's Chromium does."""
    path = browser_path()
    if path is None:
        pytest.fail("no Chromium on this machine: run `make e2e`, which installs it or says how")
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_FLAGS}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, or one worker ends the run alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
