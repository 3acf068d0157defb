"""Applications: what came in, how it is judged, and each step a manager takes with it."""

from datetime import datetime, time
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from incubator.audit.services import note_access
from incubator.common.display import business_number, moment
from incubator.common.downloads import csv_response, xlsx_response
from incubator.common.uploads import stored_response
from incubator.common.verbs import verb_page
from tenants.intake import exports, selectors, services
from tenants.intake.enums import ApplicationState, LetterKind, ReviewState
from tenants.intake.models import Application
from tenants.leases import selectors as leases

from . import deciding
from .base import IntakeAdmin, letter_preview, once

_COLOURS = {
    ApplicationState.DRAFT: "default",
    ApplicationState.SUBMITTED: "info",
    ApplicationState.ELIGIBLE: "info",
    ApplicationState.INELIGIBLE: "danger",
    ApplicationState.ACCEPTED: "success",
    ApplicationState.WAITING: "warning",
    ApplicationState.REJECTED: "danger",
    ApplicationState.DECLINED: "default",
    ApplicationState.WITHDRAWN: "default",
}
_VERBS: dict[str, tuple[str, ...]] = {
    ApplicationState.SUBMITTED: ("_screen", "_documents"),
    ApplicationState.ELIGIBLE: ("_accept", "_wait", "_reject", "_assign_one", "_documents", "_screen"),
    ApplicationState.INELIGIBLE: ("_screen",),
    ApplicationState.WAITING: ("_accept", "_reject"),
    ApplicationState.ACCEPTED: ("_undo",),
}


class ToScreenFilter(admin.SimpleListFilter):
    title = _("waits")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("screening", _("To be screened")), ("place", _("A place is free"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "screening":
            waits = selectors.to_screen_for(request.user, timezone.now())
        elif self.value() == "place":
            waits = selectors.places_free_for(request.user)
        else:
            return queryset
        return queryset.filter(pk__in=waits.order_by().values("pk"))


@admin.register(Application)
class ApplicationAdmin(IntakeAdmin):
    may_add = False
    list_display = ("shown_number", "who", "call", "shown_state", "shown_submitted", "shown_reviews_done")
    list_display_links = ("shown_number", "who")
    list_filter = (ToScreenFilter, "call", "state", "stage", "region")
    search_fields = (
        "applicant__name",
        "applicant__email",
        "applicant__business_number",
        "applicant__representative",
    )
    actions = ("export_csv", "export_xlsx")
    actions_detail = ("screen", "documents", "assign_one", "accept", "wait", "reject", "undo")
    readonly_fields: ClassVar = (
        "shown_call",
        "shown_state",
        "shown_facts",
        "shown_team",
        "shown_answers",
        "shown_files",
        "shown_reviews",
        "shown_steps",
        "shown_letters",
    )
    fields = readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return selectors.with_people(selectors.applications_for(request.user)).order_by(
            "-submitted_at", "-pk"
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.reader = request.user
        return found

    def has_change_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """An application is the applicant's own words; it changes by its verbs only."""
        return False

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> list[Any]:
        found = self.get_object(request, str(object_id))
        fitting = _VERBS.get(found.state, ()) if found else ()
        return [
            verb
            for verb in super().get_actions_detail(request, object_id)
            if verb.action_name.endswith(fitting or "–")
        ]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.file_view)
        own = path("<int:object_id>/files/<int:pk>/", view, name="intake_application_file")
        return [own, *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: int, pk: int) -> HttpResponseBase:
        found = get_object_or_404(selectors.own_files_for(request.user), pk=pk, application_id=object_id)
        note_access(request, "application", [object_id], task="file of an application")
        return stored_response(found.file, name=found.name, content_type=found.content_type)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id and str(object_id).isdigit():
            note_access(request, "application", [int(object_id)], task="application in the admin")
        return super().changeform_view(request, object_id, form_url, extra_context)

    # --- columns and facts

    @display(description=_("number"), ordering="number")
    def shown_number(self, application: Application) -> str:
        return application.shown_number

    @display(description=_("applicant"), ordering="applicant__name")
    def who(self, application: Application) -> str:
        return str(application.applicant)

    @display(description=_("call"))
    @once
    def shown_call(self, application: Application) -> SafeString:
        url = reverse("admin:intake_call_ranking", args=[application.call_id])
        return format_html(
            '{} · <a class="underline" href="{}">{}</a>', application.call, url, gettext("Ranking")
        )

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, application: Application) -> tuple[str, str]:
        return application.state, application.get_state_display()

    @display(description=_("submitted"), ordering="submitted_at")
    def shown_submitted(self, application: Application) -> str:
        return moment(application.submitted_at) if application.submitted_at else "–"

    @display(description=_("reviews"))
    def shown_reviews_done(self, application: Any) -> str:
        return f"{application.reviews_done} / {application.reviews_due}" if application.reviews_due else "–"

    @display(description=_("facts"))
    @once
    def shown_facts(self, application: Application) -> SafeString:
        who = application.applicant
        facts = (
            (gettext("Name"), " / ".join(filter(None, [who.name, who.name_en])) or "–"),
            (gettext("Representative"), who.representative or "–"),
            (gettext("E-mail"), who.contact_email or who.email),
            (
                gettext("Business registration number"),
                business_number(who.business_number) if who.business_number else "–",
            ),
            (gettext("Founded"), application.founded_on or "–"),
            (gettext("Stage"), application.get_stage_display() or "–"),
            (gettext("Region"), application.get_region_display() or "–"),
            (gettext("Sectors"), ", ".join(application.sector_labels) or "–"),
            (gettext("What it does"), application.summary or "–"),
        )
        return format_html_join(
            "", '<div class="mb-1"><span class="font-semibold">{}</span>: {}</div>', facts
        )

    @display(description=_("team"))
    @once
    def shown_team(self, application: Application) -> SafeString | str:
        team = ((member.name, member.email) for member in application.team.all())
        return format_html_join("", "<div>{} {}</div>", team) or "–"

    @display(description=_("answers"))
    @once
    def shown_answers(self, application: Application) -> SafeString | str:
        said = (
            (answer.question, ", ".join(answer.value) if isinstance(answer.value, list) else answer.value)
            for answer in application.answers.select_related("question")
        )
        line = '<div class="mb-2"><div class="font-semibold">{}</div><div class="whitespace-pre-line">{}</div></div>'
        return format_html_join("", line, said) or "–"

    @display(description=_("files"))
    @once
    def shown_files(self, application: Any) -> SafeString | str:
        files = (
            (reverse("admin:intake_application_file", args=[application.pk, each.pk]), each.name)
            for each in selectors.own_files_for(application.reader).filter(application=application)
        )
        return format_html_join("", '<div><a class="underline" href="{}">{}</a></div>', files) or "–"

    @display(description=_("reviews"))
    @once
    def shown_reviews(self, application: Any) -> SafeString | str:
        reviews = (
            selectors.reviews_for(application.reader)
            .filter(application=application)
            .annotate(given=ArrayAgg("scores__value", order_by="scores__criterion__order", default=[]))
        )
        lines = (
            (
                each.reviewer,
                each.get_state_display(),
                " · ".join(map(str, filter(None, each.given))) if each.state == ReviewState.SUBMITTED else "",
                each.comment if each.state == ReviewState.SUBMITTED else "",
            )
            for each in reviews
        )
        return format_html_join("", '<div class="mb-1">{} – {} {} <em>{}</em></div>', lines) or "–"

    @display(description=_("steps"))
    @once
    def shown_steps(self, application: Application) -> SafeString:
        steps = application.steps.select_related("actor").order_by("pk")
        lines = (
            (moment(each.at), each.get_to_state_display(), each.actor or "", each.note) for each in steps
        )
        return format_html_join("", "<div>{} · {} · {} {}</div>", lines)

    @display(description=_("letters"))
    @once
    def shown_letters(self, application: Application) -> SafeString | str:
        lines = (
            (each.subject, moment(each.sent_at) if each.sent_at else gettext("not sent yet"), each.body)
            for each in application.letters.all()
        )
        line = '<details class="mb-1"><summary>{} ({})</summary><div class="whitespace-pre-line">{}</div></details>'
        return format_html_join("", line, lines) or "–"

    # --- export

    @admin.action(description=_("Export the chosen as CSV"))
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return csv_response(gettext("applications"), self._exported(request, queryset))

    @admin.action(description=_("Export the chosen as XLSX"))
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        return xlsx_response(gettext("applications"), self._exported(request, queryset))

    def _exported(self, request: HttpRequest, queryset: QuerySet[Application]) -> list[Any]:
        rows = exports.applications(queryset)
        note_access(
            request, "application", list(queryset.values_list("pk", flat=True)), task="export of applications"
        )
        return rows

    # --- verbs

    def _page(self, request: HttpRequest, application: Application, **given: Any) -> HttpResponse:
        return verb_page(self, request, obj=application, **given)

    @action(description=_("Screen"), url_path="screen", permissions=["verb"], icon="fact_check")
    def screen(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        return self._page(
            request,
            application,
            form_class=deciding.ScreenForm,
            title=gettext("Screen: %(who)s") % {"who": application.applicant},
            explanation=letter_preview(application, LetterKind.INELIGIBLE),
            button=_("Record the result"),
            done=_("The result is recorded."),
            perform=lambda values: services.screen_application(
                application=application, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Ask for documents"), url_path="documents", permissions=["verb"], icon="note_add")
    def documents(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        return self._page(
            request,
            application,
            form_class=deciding.DocumentsForm,
            title=gettext("Ask %(who)s for more") % {"who": application.applicant},
            explanation=letter_preview(application, LetterKind.DOCUMENTS, until=timezone.now()),
            button=_("Ask for it"),
            done=_("The applicant is asked."),
            perform=lambda values: services.ask_for_documents(
                application=application,
                what=values["what"],
                until=timezone.make_aware(datetime.combine(values["last_day"], time(23, 59, 59))),
                actor=request.user,
                now=timezone.now(),
            ),
        )

    @action(description=_("Assign a reviewer"), url_path="assign", permissions=["verb"], icon="group_add")
    def assign_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        return self._page(
            request,
            application,
            form_class=deciding.assign_form(application),
            title=gettext("Assign a reviewer to %(who)s") % {"who": application.applicant},
            button=_("Assign"),
            done=_("The reviewer has the application now."),
            perform=lambda values: services.assign_reviewer(
                application=application, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Accept"), url_path="accept", permissions=["verb"], icon="check")
    def accept(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        spaces = leases.spaces_for(request.user).filter(active=True).select_related("building")
        return self._page(
            request,
            application,
            form_class=deciding.accept_form(spaces),
            title=gettext("Accept %(who)s") % {"who": application.applicant},
            explanation=letter_preview(application, LetterKind.ACCEPTED),
            button=_("Accept, and offer the lease"),
            done=_("Accepted: the company, its stay, its invitations and the offered lease are there."),
            perform=lambda values: services.accept_application(
                application=application,
                **values,
                base_url=request.build_absolute_uri("/"),
                actor=request.user,
                now=timezone.now(),
            ),
        )

    @action(description=_("Waiting list"), url_path="wait", permissions=["verb"], icon="hourglass_empty")
    def wait(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        return self._page(
            request,
            application,
            form_class=deciding.NoteForm,
            title=gettext("Put %(who)s on the waiting list") % {"who": application.applicant},
            explanation=letter_preview(application, LetterKind.WAITING, place="…"),
            button=_("Put on the waiting list"),
            done=_("The application waits."),
            perform=lambda values: services.put_on_waiting_list(
                application=application, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Reject"), url_path="reject", permissions=["verb"], icon="close")
    def reject(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        return self._page(
            request,
            application,
            form_class=deciding.ReasonForm,
            title=gettext("Reject %(who)s") % {"who": application.applicant},
            explanation=letter_preview(application, LetterKind.REJECTED),
            button=_("Reject, and write to the applicant"),
            done=_("The application is rejected."),
            perform=lambda values: services.reject_application(
                application=application, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Take the acceptance back"), url_path="undo", permissions=["verb"], icon="undo")
    def undo(self, request: HttpRequest, object_id: int) -> HttpResponse:
        application = self.found(request, object_id)
        return self._page(
            request,
            application,
            form_class=deciding.UndoForm,
            title=gettext("Take back the acceptance of %(who)s") % {"who": application.applicant},
            explanation=_(
                "Possible until the contract is signed. The stay and the memberships are deleted, invitations stop working, the "
                "lease is terminated without a day, and the applicant is told. The company's entry in the register, the lease "
                "and the acceptance stay as history."
            ),
            button=_("Take it all back"),
            done=_("The acceptance is taken back."),
            perform=lambda values: services.undo_acceptance(
                application=application, **values, actor=request.user, now=timezone.now()
            ),
        )
