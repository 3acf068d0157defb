"""Asking for a timetable, and the way to the newest version."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.errors import DomainError
from incubator.jobs.enums import LIVE
from incubator.jobs.models import Job
from investors.demoday import selectors, services
from investors.demoday.computing import KIND
from investors.demoday.enums import PlanState
from investors.demoday.models import DemoDay
from investors.demoday.services.plans import begun

from .pages import page


def newest(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    """The versions of the day, the one in force first, and the button that computes another."""
    versions = (
        selectors.plans_for(request.user)
        .filter(day=day)
        .defer("input", "proof", "unmet")
        .select_related("made_by", "published_by")
        .order_by("-number")
    )
    running = Job.objects.filter(kind=KIND, subject=str(day.pk), state__in=LIVE).first()
    return page(
        model_admin,
        request,
        "plans",
        day,
        "plan",
        title=_("Timetable"),
        versions=list(versions),
        job=running,
        begun=bool(begun(day, timezone.now())),
        draft=PlanState.DRAFT,
    )


def compute(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    model_admin.demand_writer(request)
    try:
        job = services.ask_for_plan(day=day, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:demoday_demoday_plan", args=[day.pk]))
    return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))
