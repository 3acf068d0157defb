"""A camp that a browser can visit: a database of its own, the people of the permission matrix, and a server.

Copying the migrated database takes a moment where emptying one would lose what migrations put there, so every
camp starts as the world of tests/permissions and no test sees what another one did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from incubator.accounts.models import User
from tests.factories.accounts import PASSWORD, sign_in
from tests.permissions.matrix import Row
from tests.permissions.personas import People, make_people
from tests.permissions.world import World, make_world

LOCALES = {"ko": "ko-KR", "en": "en-US"}
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds, for a machine that does much else
expect.set_options(timeout=PATIENCE)


@dataclass
class Camp:
    """A camp behind `url`; `world.mine` is what its people see, `people` who they are."""

    url: str
    world: World
    people: People
    browser: Browser
    open_contexts: ExitStack

    def context(
        self, persona: str | None = None, *, language: str = "ko", contrast: str = "", **options: Any
    ) -> BrowserContext:
        """A browser of its own, signed in as `persona` when one is given."""
        context = self.browser.new_context(
            base_url=self.url, locale=LOCALES[language], **{"viewport": DESKTOP, **options}
        )
        context.set_default_timeout(PATIENCE)
        self.open_contexts.callback(context.close)
        user = self.people.users[persona] if persona else None
        if user is not None:
            client = sign_in(Client(), user)
            self._cookie(context, settings.SESSION_COOKIE_NAME, client.session.session_key)
        if contrast:
            self._cookie(context, "contrast", contrast)
        return context

    def page(self, persona: str | None = None, **options: Any) -> Page:
        return self.context(persona, **options).new_page()

    def path(self, row: Row) -> str:
        return reverse(row.name, kwargs=dict(row.args(self.world)))

    def _cookie(self, context: BrowserContext, name: str, value: str) -> None:
        context.add_cookies([{"name": name, "value": value, "url": self.url}])


@contextmanager
def _database(name: str) -> Iterator[None]:
    """Point Django at a fresh copy of the migrated database, and back."""
    original, template = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["TEMPLATE"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _served(browser: Browser, blocker: DjangoDbBlocker) -> Iterator[Camp]:
    with ExitStack() as stack:
        stack.enter_context(blocker.unblock())
        stack.enter_context(_database(f"{connection.settings_dict['TEST']['NAME']}_e2e"))
        cache.clear()
        with translation.override("ko"):
            world = make_world()
            people = make_people(world)
        server = LiveServer("127.0.0.1")
        stack.callback(server.stop)
        # Closed before the server stops: it would wait for connections that a browser keeps open.
        contexts = stack.enter_context(ExitStack())
        yield Camp(server.url, world, people, browser, contexts)


@pytest.fixture
def camp(browser: Browser, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Camp]:
    """A camp for one story, which may change it."""
    with _served(browser, django_db_blocker) as served:
        yield served


@pytest.fixture(scope="module")
def quiet_camp(browser: Browser, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Camp]:
    """A camp for all tests of a module, which only read it."""
    with _served(browser, django_db_blocker) as served:
        yield served


SignIn = Callable[..., Page]


@pytest.fixture
def enter(camp: Camp) -> SignIn:
    """`enter(persona, language)` fills the form of the sign-in page and gives the first page behind it."""

    def fill(persona: str, language: str, **options: Any) -> Page:
        user = camp.people.users[persona]
        assert user is not None
        User.objects.filter(pk=user.pk).update(language=language)
        page = camp.page(language=language, **options)
        page.goto("/accounts/login/")
        page.locator("[name=login]").fill(user.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
        return page

    return fill
