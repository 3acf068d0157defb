import functools

import pytest

from incubator.optimise.timetable import arrange
from tenants.mentordays.services import computing


@pytest.fixture(autouse=True)
def short_search(monkeypatch):
    """A hundredth of the steps that lessen waits: the days here are small, and waits are not what is asked of them."""
    monkeypatch.setattr(computing, "arrange", functools.partial(arrange, compact_steps=2_000))
