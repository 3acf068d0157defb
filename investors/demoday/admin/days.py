"""Demo days: set up here, and every page of one day hangs below its address."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from incubator.common import display as shown
from incubator.common.admin import ServiceModelAdmin
from incubator.common.verbs import NoForm, ReasonForm, verb_page
from investors.demoday import selectors, services
from investors.demoday.enums import DayState
from investors.demoday.models import DemoDay
from investors.demoday.rules import PLANNERS
from investors.demoday.services.days import FIELDS

from . import desk, happenings, papers, participants, timetable, wishes
from .pages import places

_COLOURS = {
    DayState.DRAFT: "default",
    DayState.RANKING: "info",
    DayState.PUBLISHED: "success",
    DayState.OVER: "default",
    DayState.CALLED_OFF: "danger",
}


class DayForm(forms.ModelForm):
    class Meta:
        model = DemoDay
        fields = FIELDS
        widgets: ClassVar = {"breaks": UnfoldAdminTextInputWidget}


@admin.register(DemoDay)
class DemoDayAdmin(ServiceModelAdmin):
    write_groups = PLANNERS
    form = DayForm
    list_display = ("title", "shown_day", "shown_state", "shown_companies", "shown_firms")
    list_filter = ("state",)
    search_fields = ("title", "title_en")
    change_form_outer_before_template = "admin/demoday/places.html"
    actions_detail = ("open_ranking", "close", "call_off")
    fieldsets = (
        (None, {"fields": (("title", "title_en"), "place")}),
        (
            _("Slots and breaks"),
            {
                "fields": (
                    ("day", "starts"),
                    ("minutes", "slot_count"),
                    ("breaks", "break_minutes"),
                )
            },
        ),
        (_("Tables and wishes"), {"fields": (("table_count", "in_a_row"), "ranking_closes_at")}),
    )

    class Media:
        css: ClassVar = {"all": ("css/demoday.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[DemoDay]:
        counts = {
            "company_count": Count("companies", distinct=True),
            "firm_count": Count("firms", distinct=True),
        }
        return selectors.days_for(request.user).annotate(**counts).order_by("-day", "-pk")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = get_object_or_404(self.get_queryset(request), pk=object_id)
        more = {"places": places(found, "change"), "day": found, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, more)

    def save_model(self, request: Any, obj: DemoDay, form: ModelForm, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in form.cleaned_data}
        if change:
            stored = DemoDay.objects.get(pk=obj.pk)
            saved = services.change_day(day=stored, actor=request.user, **values)
        else:
            saved = services.plan_day(actor=request.user, **values)
        obj.pk = saved.pk

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def found(self, request: HttpRequest, pk: int) -> DemoDay:
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def demand_writer(self, request: HttpRequest) -> None:
        if not self._writes(request):
            raise PermissionDenied

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        both = require_http_methods(["GET", "HEAD", "POST"])

        def at(route: str, of: Any, name: str, only: Any = require_safe) -> URLPattern:
            return path(f"<int:pk>/{route}", view(only(_bound(self, of))), name=f"demoday_demoday_{name}")

        return [
            at("participants/<str:side>/", participants.page_of, "participants", both),
            at("wishes/", wishes.list_page, "wishes"),
            at("wishes/<str:side>/<int:party>/", wishes.order_page, "wish", both),
            at("timetable/", timetable.newest, "plan"),
            at("compute/", timetable.compute, "compute", require_POST),
            at("repair/", happenings.page_of, "repair", both),
            at("desk/", desk.page_of, "desk"),
            at("desk/act/", desk.act, "act", require_POST),
            at("board/", desk.board, "board"),
            at("cards.pdf", papers.cards, "cards"),
            at("sheets.pdf", papers.sheets, "sheets"),
            at("sheets/<str:side>/<int:party>.pdf", papers.sheet, "sheet"),
            *super().get_urls(),
        ]

    @display(description=_("day"), ordering="day")
    def shown_day(self, day: DemoDay) -> str:
        return shown.day(day.day)

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, day: DemoDay) -> tuple[str, str]:
        return day.state, str(day.get_state_display())

    @display(description=_("companies"))
    def shown_companies(self, day: DemoDay) -> int:
        return day.company_count  # type: ignore[attr-defined]

    @display(description=_("firms"))
    def shown_firms(self, day: DemoDay) -> int:
        return day.firm_count  # type: ignore[attr-defined]

    @action(
        description=_("Collect wishes"), url_path="open-ranking", permissions=["verb"], icon="how_to_vote"
    )
    def open_ranking(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=found,
            form_class=NoForm,
            title=_("Collect wishes for %(day)s") % {"day": found},
            explanation=_(
                "From now on the companies that take part see the day and put the firms in their order, until %(moment)s. The "
                "times of the slots stand from then on. You record the wishes of firms, and of companies that ask you to."
            )
            % {"moment": shown.moment(found.ranking_closes_at)},
            button=_("Begin to collect"),
            done=_("Wishes are being collected."),
            perform=lambda values: services.open_ranking(day=found, actor=request.user, now=timezone.now()),
        )

    @action(description=_("Close the day"), url_path="close", permissions=["verb"], icon="event_available")
    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=found,
            form_class=NoForm,
            title=_("Close %(day)s") % {"day": found},
            explanation=_("The timetable stands as it is. Verdicts can still be recorded at the desk."),
            button=_("Close the day"),
            done=_("The day is over."),
            perform=lambda values: services.close_day(day=found, actor=request.user),
        )

    @action(description=_("Call off"), url_path="call-off", permissions=["verb"], icon="block")
    def call_off(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self.found(request, object_id)
        return verb_page(
            self,
            request,
            obj=found,
            form_class=ReasonForm,
            title=_("Call off %(day)s") % {"day": found},
            explanation=_("Everybody with a meeting is told by e-mail, with the reason."),
            button=_("Call it off"),
            done=_("The day is called off."),
            perform=lambda values: services.call_off_day(
                day=found, reason=values["reason"], actor=request.user, now=timezone.now()
            ),
        )


def _bound(model_admin: DemoDayAdmin, of: Any) -> Any:
    """A page's function, given the admin and the day, as a view."""

    def view(request: HttpRequest, pk: int, **named: Any) -> HttpResponse:
        return of(model_admin, request, model_admin.found(request, pk), **named)

    return view
