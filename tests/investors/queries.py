"""Counting the statements of a request as they would be outside a test's own transaction."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Inside a test's transaction a role is put back at its end, every block has its savepoint, and nothing is cached.
_OF_TESTS = (
    "SAVEPOINT",
    "RELEASE",
    "SELECT current_setting",
    "SELECT set_config",
    'SELECT "common_campsettings"',
)
_ROLE = 1


def statements(request: Callable[[], Any]) -> int:
    """How many statements this request sends, its role's included. It must be answered with 200."""
    with CaptureQueriesContext(connection) as queries:
        assert request().status_code == 200
    return _ROLE + sum(not query["sql"].startswith(_OF_TESTS) for query in queries)
