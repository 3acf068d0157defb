"""Who may see and stop which computation."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .models import Job
from .work import work_of


def jobs_for(user: Any) -> QuerySet[Job]:
    """All of them for staff, none for anyone else."""
    return Job.objects.all() if acting_of(user).kind == Kind.STAFF else Job.objects.none()


def may_run(user: Any, kind: str) -> bool:
    """Start and stop computations of a kind."""
    acting = acting_of(user)
    return not acting.read_only and acting.in_group(*work_of(kind).groups)
