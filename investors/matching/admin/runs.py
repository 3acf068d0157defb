"""Runs: start one, read its proof in words, publish it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.models import CampSettings
from incubator.common.verbs import verb_page
from investors.matching import selectors, services
from investors.matching.enums import RunState
from investors.matching.models import MatchRun
from investors.matching.words import CAUSES

_COLOURS = {RunState.DRAFT: "info", RunState.PUBLISHED: "success", RunState.ARCHIVED: "default"}
_POINTS = 10_000


@admin.register(MatchRun)
class MatchRunAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.MATCHING,)
    list_display = (
        "shown_moment",
        "shown_state",
        "shown_matches",
        "shown_objective",
        "shown_proof",
        "shown_below",
        "started_by",
    )
    list_display_links = ("shown_moment",)
    list_filter = ("state",)
    fields = readonly_fields = (
        "shown_moment",
        "state",
        "started_by",
        "published_at",
        "shown_size",
        "shown_matches",
        "shown_objective",
        "shown_bound",
        "shown_proof",
        "minimum",
        "shown_shortfalls",
        "weights_version",
        "solver",
        "input_hash",
        "result_hash",
    )
    actions_list = ("run",)
    actions_detail = ("publish",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatchRun]:
        return (
            selectors.runs_for(request.user)
            .select_related("started_by")
            .annotate(pairs=Count("matches"))
            .order_by("-run_at", "-pk")
        )

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        run = self.get_object(request, str(object_id))
        draft = run is not None and run.state == RunState.DRAFT
        return super().get_actions_detail(request, object_id) if draft else []

    @display(description=_("run"), ordering="run_at")
    def shown_moment(self, run: MatchRun) -> str:
        return moment(run.run_at)

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, run: MatchRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("matches"), ordering="pairs")
    def shown_matches(self, run: Any) -> int:
        return int(run.pairs)

    @display(description=_("sum of scores"), ordering="objective")
    def shown_objective(self, run: MatchRun) -> str:
        return f"{run.objective / _POINTS:,.4f}"

    @display(description=_("no choice can reach more than"))
    def shown_bound(self, run: MatchRun) -> str:
        return f"{run.bound / _POINTS:,.4f}"

    @display(description=_("proof"))
    def shown_proof(self, run: MatchRun) -> str:
        if not run.gap:
            return str(_("Optimal: no other choice of pairs scores more."))
        return _("At most %(gap)s more would be possible.") % {"gap": f"{run.gap / _POINTS:,.4f}"}

    @display(description=_("below the minimum"))
    def shown_below(self, run: MatchRun) -> str:
        below = len(run.shortfalls)
        if not below:
            return str(_("none"))
        return ngettext("%(count)s company", "%(count)s companies", below) % {"count": below}

    @display(description=_("took part"))
    def shown_size(self, run: MatchRun) -> str:
        return _("%(companies)s companies and %(firms)s firms") % {
            "companies": len(run.problem.get("companies", ())),
            "firms": len(run.problem.get("firms", ())),
        }

    @display(description=_("companies below the minimum, and why"))
    def shown_shortfalls(self, run: MatchRun) -> str:
        if not run.shortfalls:
            return str(_("none: every company has at least the guaranteed introductions"))
        names = selectors.company_names(short["company"] for short in run.shortfalls)
        rows = [
            {
                "company": names.get(short["company"], short["company"]),
                "missing": short["missing"],
                "cause": CAUSES.get(short["cause"], short["cause"]),
            }
            for short in run.shortfalls
        ]
        return render_to_string("admin/matching/shortfalls.html", {"rows": rows})

    @action(
        description=_("Run the matching"),
        url_path="run",
        permissions=["verb"],
        icon="play_arrow",
    )
    def run(self, request: HttpRequest) -> HttpResponse:
        return verb_page(
            self,
            request,
            form_class=forms.Form,
            title=_("Run the matching"),
            explanation=_(
                "All companies in residence are matched with all active firms, by what both say today. Conflicts of"
                " interest are left out, every company gets at least %(minimum)s introductions where that is possible,"
                " and the result is kept as a draft that nobody else sees before you publish it."
            )
            % {"minimum": CampSettings.current().minimum_introductions},
            button=_("Run now"),
            done=_("The run is kept as a draft. Look at it, then publish it."),
            perform=lambda values: services.run_matching(actor=request.user, now=timezone.now()),
        )

    @action(description=_("Publish"), url_path="publish", permissions=["verb"], icon="publish")
    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        run = get_object_or_404(self.get_queryset(request), pk=object_id)
        return verb_page(
            self,
            request,
            obj=run,
            form_class=forms.Form,
            title=_("Publish the run of %(moment)s") % {"moment": moment(run.run_at)},
            explanation=_(
                "Companies and firms see their matches and the reasons at once. The matches of the run published before"
                " disappear; introductions that are under way go on."
            ),
            button=_("Publish the matches"),
            done=_("The matches are published."),
            perform=lambda values: services.publish_run(run=run, actor=request.user, now=timezone.now()),
        )
