"""Computations: how far each is, its stop, and the way to its result."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.errors import DomainError

from . import selectors, services
from .enums import JobState
from .models import Job
from .work import work_of

COLOURS = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.STOPPED: "warning",
    JobState.FAILED: "danger",
}


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("title", "shown_state", "started_by", "asked", "ended", "problem")
    list_filter = ("state",)
    ordering = ("-asked_at", "-pk")
    list_select_related = ("started_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return selectors.jobs_for(request.user)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", view(require_safe(self.progress)), name="jobs_job_progress"),
            path("<int:pk>/stop/", view(require_POST(self.stop)), name="jobs_job_stop"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is, alive while it runs. Without JavaScript the page asks again by itself."""
        job = get_object_or_404(self.get_queryset(request), pk=object_id)
        context = {
            **self.admin_site.each_context(request),
            **progress_context(request, job),
            "opts": self.opts,
            "title": job.title,
        }
        return TemplateResponse(request, "admin/jobs/job.html", context)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The fragment that asks for itself once a second."""
        job = get_object_or_404(self.get_queryset(request), pk=pk)
        return TemplateResponse(request, "admin/jobs/progress.html", progress_context(request, job))

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            services.stop_job(job=job, actor=request.user, now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), "ERROR")
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))

    @display(description=gettext_lazy("what"))
    def title(self, job: Job) -> Any:
        return job.title

    @display(description=gettext_lazy("state"), label=COLOURS)
    def shown_state(self, job: Job) -> tuple[str, str]:
        return job.state, str(job.get_state_display())

    @display(description=gettext_lazy("asked for"), ordering="asked_at")
    def asked(self, job: Job) -> str:
        return moment(job.asked_at)

    @display(description=gettext_lazy("ended"), ordering="ended_at")
    def ended(self, job: Job) -> str:
        return moment(job.ended_at)


def progress_context(request: HttpRequest, job: Job) -> dict[str, Any]:
    """What admin/jobs/progress.html needs, for any page that shows a job."""
    return {
        "job": job,
        "may_stop": job.is_live and not job.stop_asked_at and selectors.may_run(request.user, job.kind),
        "stage": _(job.stage) if job.stage else "",
        "result_page": work_of(job.kind).page(job) if job.state == JobState.DONE else "",
    }
