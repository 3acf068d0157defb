"""Ask for a computation, run it, stop it, and give up those whose worker is gone."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError, NotAllowed, refusing

from . import selectors, tasks
from .enums import JobState
from .errors import JobEnded, JobUnderway, Stopped
from .models import LOST_AFTER, Job
from .work import Progress, work_of

logger = logging.getLogger(__name__)


@transaction.atomic
def start_job(
    *, kind: str, actor: Any, now: datetime, subject: str = "", params: Mapping[str, Any] | None = None
) -> Job:
    """Queue a computation, begun once this is committed. `params` is plain JSON.

    Raises NotAllowed, and JobUnderway: one of this kind and subject has not ended yet.
    """
    if not selectors.may_run(actor, kind):
        raise NotAllowed
    job = Job(
        kind=kind,
        subject=subject,
        params=dict(params or {}),
        started_by=actor if getattr(actor, "pk", None) else None,
        asked_at=now,
    )
    with refusing({"jobs_one_under_way": JobUnderway}):
        job.save()
    transaction.on_commit(partial(tasks.run.delay, job.pk), robust=True)
    return job


def run_job(*, job_id: int, clock: Callable[[], datetime]) -> Job | None:
    """Compute a job and write its result; None where another worker has it. Outside of any transaction.

    However often and wherever it is called, the result of a job is written once.
    """
    job = _claim(job_id, clock())
    if job is None:
        return None
    try:
        finish = work_of(job.kind).compute(job, Progress(job, clock))
        with acting_as_system():
            current = _held(job)
            result = finish(current)
            _end(current, JobState.DONE, clock(), result=dict(result))
        return current
    except Stopped:
        return _ended(job, JobState.STOPPED, clock())
    except DomainError as error:
        problem: Any = error
    except Exception:
        logger.exception("Computation %s (%s) failed.", job.pk, job.kind)
        problem = _("An error of the program. It is in the log; nothing was written.")
    with translation.override(job.started_by.language if job.started_by else "ko"):
        return _ended(job, JobState.FAILED, clock(), problem=str(problem)[:400])


def _claim(job_id: int, now: datetime) -> Job | None:
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, beat_at__lt=now - LOST_AFTER)
    with acting_as_system():
        taken = Job.objects.filter(free, pk=job_id).update(
            state=JobState.RUNNING, beat_at=now, attempt=F("attempt") + 1, done=0, total=0, stage=""
        )
        return Job.objects.select_related("started_by").get(pk=job_id) if taken else None


def _held(job: Job) -> Job:
    """The row, locked until the transaction ends, so that a stop comes before the result or after it. Raises Stopped."""
    current = Job.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=job.pk)
    if current.attempt != job.attempt or current.state != JobState.RUNNING or current.stop_asked_at:
        raise Stopped
    return current


def _end(job: Job, state: JobState, now: datetime, **values: Any) -> None:
    for name, value in {"state": state, "ended_at": now, **values}.items():
        setattr(job, name, value)
    job.save()


def _ended(job: Job, state: JobState, now: datetime, **values: Any) -> Job | None:
    """The job at its end without a result; None where another worker has taken it over."""
    with acting_as_system():
        current = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if current.attempt != job.attempt or not current.is_live:
            return None
        _end(current, state, now, **values)
        return current


@transaction.atomic
def stop_job(*, job: Job, actor: Any, now: datetime) -> Job:
    """Ask a computation to end without a result. One that waits ends at once. Raises NotAllowed, JobEnded."""
    if not selectors.may_run(actor, job.kind):
        raise NotAllowed
    current = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not current.is_live:
        raise JobEnded
    current.stop_asked_by, current.stop_asked_at = actor, now
    if current.state == JobState.QUEUED or current.is_lost(now):
        _end(current, JobState.STOPPED, now)
    else:
        current.save(update_fields=["stop_asked_by", "stop_asked_at"])
    return current


@transaction.atomic
def give_up_lost(*, now: datetime) -> int:
    """End as failed what nobody has been computing for long, and queue what the queue has lost; how many ended."""
    lost = Job.objects.filter(state=JobState.RUNNING, beat_at__lt=now - 5 * LOST_AFTER)
    ended = lost.update(
        state=JobState.FAILED,
        ended_at=now,
        problem=_("The worker that computed it is gone. Nothing was written: start it again."),
    )
    waiting = list(
        Job.objects.filter(state=JobState.QUEUED, asked_at__lt=now - LOST_AFTER).values_list("pk", flat=True)
    )
    for job_id in waiting:
        transaction.on_commit(partial(tasks.run.delay, job_id), robust=True)
    return ended
