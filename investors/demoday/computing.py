"""The timetable as a computation that shows how far it is, can be stopped, and writes a draft at its end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from incubator.common.dbroles import acting_as_system
from incubator.jobs.models import Job
from incubator.jobs.work import Finish, Progress, Work, register_work
from incubator.optimise.solver import SolverError
from incubator.optimise.timetable import arrange
from incubator.optimise.timetable_types import Progress as Step
from incubator.optimise.timetable_types import Timetable, TimetableError

from .collecting import Collected, collect
from .errors import ComputationFailed
from .models import DemoDay

KIND = "demoday"
_STAGES = {
    "select": (0, 5, gettext_noop("Choosing the meetings")),
    "place": (5, 15, gettext_noop("Finding a slot for each")),
    "improve": (15, 60, gettext_noop("Fitting in what is missing")),
    "compact": (60, 100, gettext_noop("Shortening waits and long runs")),
}


def solved(collected: Collected, **watch: Any) -> Timetable:
    """The best timetable, in no transaction. Raises ComputationFailed."""
    try:
        return arrange(collected.day, **watch)
    except (TimetableError, SolverError) as error:
        raise ComputationFailed(detail=str(error)) from error


def compute(job: Job, progress: Progress) -> Finish:
    from . import services

    day_id = job.params["day"]
    today = timezone.localdate(job.asked_at)
    with acting_as_system():
        collected = collect(DemoDay.objects.get(pk=day_id), today)

    def report(step: Step) -> None:
        first, last, stage = _STAGES[step.stage]
        progress(first + (last - first) * min(step.done, step.total) // max(step.total, 1), 100, stage)

    timetable = solved(collected, report=report, stop=progress.stop_asked)
    progress(100, 100)

    def finish(current: Job) -> Mapping[str, Any]:
        now: datetime = timezone.now() if current.beat_at is None else current.beat_at
        plan = services.keep_plan(
            demo_day=DemoDay.objects.get(pk=day_id),
            collected=collected,
            timetable=timetable,
            parent_id=job.params["parent"],
            actor=current.started_by,
            now=now,
        )
        return {"plan": plan.pk}

    return finish


def _page(job: Job) -> str:
    return reverse("admin:demoday_plan_change", args=[job.result["plan"]]) if job.result.get("plan") else ""


def register() -> None:
    from .rules import PLANNERS

    register_work(Work(KIND, _("Demo day timetable"), compute, PLANNERS, _page))
