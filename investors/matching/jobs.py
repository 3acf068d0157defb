"""The run as a computation that shows how far it is and can be stopped."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incubator.accounts.enums import StaffGroup
from incubator.common.dbroles import acting_as_system
from incubator.jobs.models import Job
from incubator.jobs.work import Finish, Progress, Work, register_work

KIND = "match_firms"


def compute(job: Job, progress: Progress) -> Finish:
    """Of the moment at which it was asked for; stored as a draft by whoever asked."""
    from .models import MatchRun
    from .services.planning import plan_run, read_input, store_run
    from .solving import STEPS, gettext_noop

    progress(0, STEPS, gettext_noop("Reading both sides"))
    with acting_as_system():
        locks = job.params.get("keep_locks_of")
        made = read_input(
            job.asked_at,
            only_seen=bool(job.params.get("only_seen")),
            keep_locks_of=MatchRun.objects.get(pk=locks) if locks else None,
        )
    planned = plan_run(made, progress)

    def finish(current: Job) -> Mapping[str, Any]:
        return {"run": store_run(planned, actor=current.started_by, now=current.asked_at).pk}

    return finish


def page(job: Job) -> str:
    return reverse("admin:matching_matchrun_change", args=[job.result["run"]])


def register() -> None:
    register_work(Work(KIND, _("Matching run"), compute, (StaffGroup.MATCHING,), page))
