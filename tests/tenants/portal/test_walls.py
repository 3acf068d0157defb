"""What one company has is not on another's pages, even when every selector forgets whom it works for."""

import importlib
import inspect
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from incubator.accounts.acting import Acting
from incubator.accounts.enums import Kind
from tenants.companies.models import Company
from tests.factories.accounts import sign_in
from tests.factories.support import Supported, due_period, supported

pytestmark = pytest.mark.django_db
PAGES = ("/portal/", "/portal/statement/", "/portal/statement/?format=csv")


class _OfAll(Acting):
    """A founder of every company there is."""

    @property
    def company_ids(self) -> tuple[int, ...]:
        return tuple(self.groups)  # type: ignore[return-value, arg-type]


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch, two: tuple[Supported, Supported]) -> None:
    """Every `*_for(user)` of every domain answers as if the person were a founder of all companies."""
    everyone = frozenset(Company.objects.values_list("pk", flat=True))
    for config in apps.get_app_configs():
        if not config.name.startswith(("tenants.", "investors.")):
            continue
        try:
            module = importlib.import_module(f"{config.name}.selectors")
        except ModuleNotFoundError:
            continue
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.endswith("_for") and "user" in inspect.signature(function).parameters:
                monkeypatch.setattr(module, name, _forgetting(function, everyone))


def _forgetting(function: Any, everyone: frozenset[Any]) -> Any:
    person = SimpleNamespace(acting=_OfAll(Kind.FOUNDER, groups=everyone))
    return lambda user, *args, **kwargs: function(person, *args, **kwargs)


@pytest.fixture
def two(now: datetime) -> tuple[Supported, Supported]:
    due_period(now)
    return supported("AAA", now, extension=True), supported("BBB", now, extension=True)


@pytest.fixture
def now() -> datetime:
    return timezone.now() - timedelta(minutes=1)


def _shown(client: Client, who: Supported, path: str) -> str:
    page = sign_in(client, who.founder).get(path)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_each_company_sees_its_own(client: Client, two: tuple[Supported, Supported], path: str) -> None:
    first, second = two
    text = _shown(client, second, path)
    assert "BBB" in text
    assert "AAA" not in text
    assert "AAA" in _shown(Client(), first, path)


@pytest.mark.parametrize("path", PAGES)
def test_the_database_holds_when_selectors_forget(
    client: Client, two: tuple[Supported, Supported], forgetful: None, path: str
) -> None:
    _first, second = two
    text = _shown(client, second, path)
    assert "BBB" in text
    assert "AAA" not in text


def test_without_the_walls_they_would_show_it(
    client: Client, two: tuple[Supported, Supported], forgetful: None
) -> None:
    """The control: the same pages, the walls of three tables taken down."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("consulting_sessionreport", "matching_introduction", "firms_firm"):
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    assert "AAA" in _shown(client, two[1], "/portal/")
