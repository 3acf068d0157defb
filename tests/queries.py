"""How many statements a page costs where it runs: without those that only a test's outer transaction needs."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# Inside another transaction a role is a savepoint that is taken back at its end; a request's own transaction is neither.
_NESTING = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    "ROLLBACK TO SAVEPOINT",
    "SELECT current_setting",
    "SELECT set_config",
)
# The settings row is asked for once a minute; the suite's cache keeps nothing.
_CACHED = 'FROM "common_campsettings"'
TAKING_THE_ROLE = 1


def counted(queries: CaptureQueriesContext) -> list[str]:
    """The captured statements that a request would send outside a test, but for the one that takes its role."""
    return [
        query["sql"]
        for query in queries.captured_queries
        if not query["sql"].startswith(_NESTING) and _CACHED not in query["sql"]
    ]


def statements(client: Client, path: str) -> list[str]:
    """The statements of a second visit to the page, which must answer 200."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return counted(queries)


def cost(client: Client, path: str) -> int:
    """How many statements a visit to the page costs, the one that takes the database role included."""
    return len(statements(client, path)) + TAKING_THE_ROLE


def cost_of(request: Callable[[], Any]) -> int:
    """The same for whatever a test asks: `request` makes the visit, which must answer 200."""
    with CaptureQueriesContext(connection) as queries:
        assert request().status_code == 200
    return len(counted(queries)) + TAKING_THE_ROLE
