"""Versions of a timetable: the grid, what is unmet and why, what a repair moves, and publishing."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import action, display

from incubator.common import display as shown
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.errors import DomainError
from incubator.common.verbs import NoForm, verb_page
from investors.demoday import selectors, services
from investors.demoday.enums import PlanState
from investors.demoday.grids import grid_of, tidings_of
from investors.demoday.models import Plan
from investors.demoday.rules import PLANNERS

from .pages import page

_COLOURS = {PlanState.DRAFT: "warning", PlanState.PUBLISHED: "success", PlanState.REPLACED: "default"}
MOST_UNMET = 300


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    write_groups = PLANNERS
    list_display = ("day", "number", "shown_state", "met", "wished", "shown_gap", "shown_made")
    list_filter = ("state",)
    actions_detail = ("publish",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return selectors.plans_for(request.user).defer("input", "proof", "unmet").order_by("-made_at", "-pk")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/hold/", view(require_POST(self.hold)), name="demoday_plan_hold"),
            *super().get_urls(),
        ]

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, plan: Plan) -> tuple[str, str]:
        return plan.state, str(plan.get_state_display())

    @display(description=_("proof"))
    def shown_gap(self, plan: Plan) -> str:
        return gettext("proven best") if not plan.gap else gettext("not proven")

    @display(description=_("made"), ordering="made_at")
    def shown_made(self, plan: Plan) -> str:
        return shown.moment(plan.made_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The grid: slots down, tables across."""
        plan = get_object_or_404(selectors.plans_for(request.user).defer("input", "proof"), pk=object_id)
        meetings = list(selectors.meetings_for(request.user).filter(plan=plan))
        tidings = tidings_of(plan)
        return page(
            self,
            request,
            "plan",
            plan.day,
            "plan",
            title=gettext("Timetable, version %(number)s") % {"number": plan.number},
            plan=plan,
            grid=grid_of(plan.day, meetings),
            called_off=[each for each in meetings if each.state == "cancelled"],
            tidings=tidings,
            unmet=tidings.unmet[:MOST_UNMET],
            share=round(100 * (plan.met / plan.wished)) if plan.wished else 0,
            may_publish=plan.is_draft and self._writes(request),
        )

    def hold(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hold the ticked meetings where they are, or free them."""
        plan = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            count = services.lock_meetings(
                plan=plan,
                meetings=[int(each) for each in request.POST.getlist("meeting") if each.isdecimal()],
                locked=request.POST.get("act") != "free",
                actor=request.user,
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("%(count)s meetings changed.") % {"count": count})
        return HttpResponseRedirect(reverse("admin:demoday_plan_change", args=[plan.pk]))

    @action(description=_("Publish"), url_path="publish", permissions=["verb"], icon="publish")
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        plan = get_object_or_404(self.get_queryset(request), pk=object_id)
        return verb_page(
            self,
            request,
            obj=plan,
            form_class=NoForm,
            title=gettext("Publish version %(number)s of %(day)s") % {"number": plan.number, "day": plan.day},
            explanation=_(
                "It is checked once more by a program that shares nothing with the one that found it. Then it takes the place "
                "of the timetable in force, and everybody whose meetings change is told by e-mail."
            ),
            button=_("Publish it"),
            done=_("The timetable is in force."),
            perform=lambda values: services.publish_plan(plan=plan, actor=request.user, now=timezone.now()),
        )
