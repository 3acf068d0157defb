"""Two managers publish a run at once: one wins, the other is told, and one run is published."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from investors.matching import services
from investors.matching.models import MatchRun
from tests.factories.matching import NOW, MatchRunFactory

pytestmark = pytest.mark.django_db(transaction=True)


def published_at_once(runs: list[MatchRun]) -> Counter:
    start = Barrier(len(runs))

    def publish(run: MatchRun) -> str:
        try:
            with acting_as_system():
                start.wait(60)
                services.publish_run(run=run, actor=None, now=NOW)
            return "done"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    attempts: list[Callable[[], str]] = [lambda run=run: publish(run) for run in runs]  # type: ignore[misc]
    with ThreadPoolExecutor(len(attempts)) as pool:
        return Counter(pool.map(lambda attempt: attempt(), attempts))


def test_one_of_two_managers_wins_the_same_run() -> None:
    run = MatchRunFactory()
    assert published_at_once([run, run]) == {"done": 1, "run_not_draft": 1}


def test_of_two_runs_published_at_once_one_is_in_force() -> None:
    ended = published_at_once([MatchRunFactory(), MatchRunFactory(), MatchRunFactory()])
    # Whoever comes after the winner has ended takes its place, as ever; whoever comes at once is told.
    assert ended["done"] >= 1
    assert ended["done"] + ended["published_meanwhile"] == 3
    assert MatchRun.objects.filter(state="published").count() == 1
