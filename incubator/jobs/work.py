"""What can be computed: each app registers its Work in AppConfig.ready."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incubator.common.dbroles import acting_as_system

from .enums import JobState
from .errors import Stopped
from .models import Job

Finish = Callable[[Job], Mapping[str, Any]]

# Seconds between two looks at the row: a person who waits sees it move, and the database is left alone.
EVERY = 0.4


class Progress:
    """How a computation says how far it is, and hears that it is to end. Both outside of any transaction, so that
    others see what it says at once."""

    def __init__(self, job: Job, clock: Callable[[], datetime]) -> None:
        self._job = job
        self._clock = clock
        self._looked = float("-inf")
        self._stop = False

    def __call__(self, done: int, total: int, stage: str = "") -> None:
        """`done` of `total` steps of `stage` (an English text that `gettext_noop` has marked). Raises Stopped."""
        self._look(done=min(done, total), total=total, stage=stage)
        if self._stop:
            raise Stopped

    def stop_asked(self) -> bool:
        """For solvers that ask often and then return the best they know: follow it with a call, which raises."""
        self._look()
        return self._stop

    def _look(self, **values: Any) -> None:
        if self._stop or time.monotonic() - self._looked < EVERY:
            return
        self._looked = time.monotonic()
        with acting_as_system():
            mine = Job.objects.filter(pk=self._job.pk, attempt=self._job.attempt, state=JobState.RUNNING)
            heard = mine.filter(stop_asked_at=None).update(beat_at=self._clock(), **values)
        self._stop = not heard


@dataclass(frozen=True)
class Work:
    """A kind of computation.

    `compute` reads in short transactions of its own (`acting_as_system`), computes outside of any, and returns what
    writes the result. That is called in one transaction together with the job's end, so a job that was stopped, that
    failed or whose worker was killed has written nothing. What it returns is kept as the job's `result`.
    `groups` may start and stop it; `page` is the address of the result of a finished job.
    """

    kind: str
    title: Any
    compute: Callable[[Job, Progress], Finish]
    groups: tuple[str, ...]
    page: Callable[[Job], str]


_works: dict[str, Work] = {}


def register_work(work: Work) -> None:
    _works[work.kind] = work


def work_of(kind: str) -> Work:
    """The work of a kind. One that the program no longer knows is shown by its name, and nobody can run it."""
    return _works.get(kind) or Work(kind, kind, _forgotten, (), lambda job: "")


def _forgotten(job: Job, progress: Progress) -> Finish:
    raise Stopped
