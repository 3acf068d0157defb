"""The computation of a timetable as a job: read, solved with its progress told, written in one piece or not at all."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import acting_as_system
from incubator.jobs.work import Finish, Work
from incubator.jobs.work import Progress as Told

# The stages of the solver, with the share of a hundred that each begins and ends at.
STAGES: Mapping[str, tuple[int, int, str]] = {
    "select": (0, 5, gettext_noop("choosing who should meet")),
    "place": (5, 20, gettext_noop("finding a slot for each meeting")),
    "improve": (20, 40, gettext_noop("fitting in what is missing")),
    "compact": (40, 100, gettext_noop("shortening waits and long runs")),
}


def compute(job: Any, progress: Told) -> Finish:
    from .models import MentorDay
    from .services.computing import KIND, read_day, solve, write_timetable

    assert job.kind == KIND
    with acting_as_system():
        day = MentorDay.objects.get(pk=job.params["day"])
        snapshot = read_day(day=day, actor=None, now=timezone.now())

    def report(step: Any) -> None:
        begins, ends, stage = STAGES[step.stage]
        done = begins + (ends - begins) * step.done // max(step.total, 1)
        progress(done, 100, stage)

    timetable = solve(snapshot, report=report, stop=progress.stop_asked)
    progress(100, 100)

    def finish(current: Any) -> Mapping[str, Any]:
        written = write_timetable(
            day=day, snapshot=snapshot, timetable=timetable, actor=current.started_by, now=timezone.now()
        )
        return {"arrangement": written.pk}

    return finish


def page(job: Any) -> str:
    return reverse("mentordays_office:version", args=[job.result["arrangement"]])


WORK = Work(
    kind="mentordays.compute",
    title=_("Timetable of a mentor day"),
    compute=compute,
    groups=(StaffGroup.CONSULTING,),
    page=page,
)
