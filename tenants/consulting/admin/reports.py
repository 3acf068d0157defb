from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from incubator.audit.services import note_access
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.verbs import NoForm, verb_page
from tenants.companies import selectors as companies
from tenants.consulting import rules, selectors, services, step_views
from tenants.consulting.models import NextStep, SessionReport

from .parts import WRITERS, ReasonForm

_STEP_COLOURS = {"open": "info", "done": "success", "dropped": "danger"}


@admin.register(SessionReport)
class SessionReportAdmin(ReadOnlyAdmin):
    """What advisers wrote, read by all managers; notes to the camp office and ratings by those of consulting."""

    write_groups = WRITERS
    list_display = ("session_on", "company", "adviser", "shown_field", "advice_begins", "shown_ledger")
    list_filter = ("field", "adviser__affiliation")
    list_select_related = ("company", "adviser")
    search_fields = ("company__name", "adviser__name", "advice")
    actions_detail = ("ledger_of_company",)
    fields = (
        "session_on",
        "company",
        "adviser",
        "shown_field",
        "advice",
        "differs_from",
        "shown_steps",
        "shown_files",
        "shown_note",
        "shown_rating",
        "written_by",
        "written_at",
        "corrected_at",
    )
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("ledger/<int:company_id>/", view(self.ledger), name="consulting_report_ledger"),
            path("files/<int:pk>/", view(self.file), name="consulting_report_file"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SessionReport]:
        self._reader = request.user
        found = (
            selectors.reports_for(request.user)
            .select_related("company", "adviser", "written_by", "note", "booking__rating")
            .prefetch_related("steps", "files")
        )
        return found.order_by("-session_on", "-booking_id")

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if object_id and request.method == "GET":
            report = self.get_object(request, object_id)
            note_access(request, "company", [report.company_id] if report else [], task="session report")
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_fields(self, request: HttpRequest, obj: SessionReport | None = None) -> Any:
        """Who may not read notes and ratings does not see that there are any."""
        kept = {
            "shown_note": rules.may_read_notes(request.user),
            "shown_rating": rules.may_read_ratings(request.user),
        }
        return [name for name in self.fields if kept.get(name, True)]

    @display(description=_("topic"), ordering="field")
    def shown_field(self, report: SessionReport) -> str:
        return str(report.field_in_words)

    @display(description=_("advice"))
    def advice_begins(self, report: SessionReport) -> str:
        return report.advice[:60]

    @display(description=_("all advice"))
    def shown_ledger(self, report: SessionReport) -> SafeString:
        address = reverse("admin:consulting_report_ledger", args=[report.company_id])
        return format_html('<a class="underline" href="{}">{}</a>', address, _("All advice"))

    @display(description=_("next steps"))
    def shown_steps(self, report: SessionReport) -> SafeString:
        steps = sorted(report.steps.all(), key=lambda step: step.pk)
        rows = [
            (
                reverse("admin:consulting_nextstep_change", args=[step.pk]),
                step.text,
                step.get_state_display(),
                step.get_owner_display(),
                step.due_on or "–",
            )
            for step in steps
        ]
        line = '<p><a class="underline" href="{}">{}</a> · {} · {} · {}</p>'
        return format_html_join("", line, rows) or SafeString("–")

    @display(description=_("files"))
    def shown_files(self, report: SessionReport) -> SafeString:
        rows = [
            (reverse("admin:consulting_report_file", args=[file.pk]), file.name)
            for file in sorted(report.files.all(), key=lambda file: file.pk)
        ]
        return format_html_join("", '<p><a class="underline" href="{}">{}</a></p>', rows) or SafeString("–")

    @display(description=_("note to the camp office"))
    def shown_note(self, report: SessionReport) -> str:
        note = getattr(report, "note", None)
        return note.text if note and note.text else "–"

    @display(description=_("rating by the company"))
    def shown_rating(self, report: SessionReport) -> str:
        return rating_of(getattr(report.booking, "rating", None))

    @action(description=_("All advice to this company"), url_path="all", permissions=["view"], icon="forum")
    def ledger_of_company(self, request: HttpRequest, object_id: int) -> HttpResponse:
        report = get_object_or_404(self.get_queryset(request), pk=object_id)
        return self.ledger(request, report.company_id)

    def ledger(self, request: HttpRequest, company_id: int) -> HttpResponse:
        """What every adviser said to one company."""
        company = get_object_or_404(companies.companies_for(request.user), pk=company_id)
        note_access(request, "company", [company.pk], task="advice ledger")
        ledger = step_views.read_ledger(request, company.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("All advice to %(company)s") % {"company": company},
            "ledger": ledger,
            "steps": step_views.shown_steps(request, ledger.steps),
            "place": "admin",
        }
        return TemplateResponse(request, "admin/consulting/ledger.html", context)

    def file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return step_views.report_file(request, pk)


def rating_of(rating: Any) -> str:
    return " · ".join(filter(None, [str(rating), rating.words])) if rating else "–"


@admin.register(NextStep)
class NextStepAdmin(ReadOnlyAdmin):
    """What was agreed to be done, by whom. Managers may say of any step what became of it."""

    write_groups = WRITERS
    list_display = ("text_begins", "company", "adviser", "owner", "due_on", "shown_state")
    list_filter = ("state", "owner")
    list_select_related = ("company", "adviser")
    search_fields = ("company__name", "adviser__name", "text")
    actions_detail = ("done", "drop")
    fields = (
        "company",
        "adviser",
        "report",
        "text",
        "owner",
        "due_on",
        "shown_state",
        "closed_by",
        "closed_at",
        "reason",
        "agreed_at",
        "reminded_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[NextStep]:
        found = selectors.steps_for(request.user).select_related("company", "adviser", "report", "closed_by")
        return found.order_by("due_on", "pk")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("next step"))
    def text_begins(self, step: NextStep) -> str:
        return step.text[:80]

    @display(description=_("state"), label=_STEP_COLOURS, ordering="state")
    def shown_state(self, step: NextStep) -> tuple[str, str]:
        return step.state, step.get_state_display()

    @action(description=_("Mark as done"), url_path="done", permissions=["verb"], icon="task_alt")
    def done(self, request: HttpRequest, object_id: int) -> HttpResponse:
        step = get_object_or_404(self.get_queryset(request), pk=object_id)
        return verb_page(
            self,
            request,
            obj=step,
            form_class=NoForm,
            title=_("Is this step done?"),
            explanation=step.text,
            button=_("Mark as done"),
            done=_("The step is done."),
            perform=lambda values: services.finish_step(step=step, actor=request.user, now=timezone.now()),
        )

    @action(description=_("Drop it"), url_path="drop", permissions=["verb"], icon="block")
    def drop(self, request: HttpRequest, object_id: int) -> HttpResponse:
        step = get_object_or_404(self.get_queryset(request), pk=object_id)

        def perform(values: Mapping[str, Any]) -> None:
            services.drop_step(step=step, reason=values["reason"], actor=request.user, now=timezone.now())

        return verb_page(
            self,
            request,
            obj=step,
            form_class=ReasonForm,
            title=_("Why is this step dropped?"),
            explanation=step.text,
            button=_("Drop it"),
            done=_("The step is dropped, and the reason kept."),
            perform=perform,
        )


class LateReportFilter(admin.SimpleListFilter):
    """Sessions whose report is missing."""

    title = _("report")
    parameter_name = "report"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("late", _("missing for a week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return selectors.report_missing(queryset, timezone.now()) if self.value() == "late" else queryset
