"""Runs: start one, read its proof in words, publish it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.models import CampSettings
from incubator.common.verbs import verb_page
from incubator.jobs.models import Job
from incubator.jobs.services import start_job
from investors.matching import selectors, services
from investors.matching.enums import EditKind, RunState
from investors.matching.jobs import KIND
from investors.matching.limit_words import LIMITS
from investors.matching.models import MatchRun
from investors.matching.reading import Names, edits_of, loads_of, named, points
from investors.matching.words import CAUSES

from .run_pages import RunPages

_COLOURS = {RunState.DRAFT: "info", RunState.PUBLISHED: "success", RunState.ARCHIVED: "default"}
_POINTS = 10_000
_OF_DRAFTS = ("matching_matchrun_publish", "matching_matchrun_change_pair")
_RUNS_TO_CHOOSE = 12


def _once(run: MatchRun, name: str, make: Callable[[], str]) -> str:
    """The page asks for each of its fields several times."""
    known: dict[str, str] = run.__dict__.setdefault("_shown", {})
    if name not in known:
        known[name] = make()
    return known[name]


class RunForm(forms.Form):
    only_seen = forms.BooleanField(
        label=_("Only companies that have agreed to be seen by investors"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Without it the others are proposed as well; no firm sees them before they agree."),
    )
    keep_locks_of = forms.ModelChoiceField(
        label=_("Keep the locked pairs of"),
        queryset=MatchRun.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(MatchRun)
class MatchRunAdmin(RunPages, ReadOnlyAdmin):
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
        "shown_figures",
        "weights_version",
        "solver",
        "code_version",
        "input_hash",
        "result_hash",
    )
    actions_list = ("run",)
    actions_detail = ("publish", "change_pair", "pairs", "compare", "repeat")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatchRun]:
        return (
            selectors.runs_for(request.user)
            .select_related("started_by")
            .annotate(pairs=Count("matches"))
            .order_by("-run_at", "-pk")
        )

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> MatchRun | None:
        """Asked for by the page and by each of its buttons: looked up once a request."""
        known: dict[str, MatchRun | None] = request.__dict__.setdefault("_camp_runs", {})
        if request.method != "GET" or str(object_id) not in known:
            known[str(object_id)] = super().get_object(request, object_id, from_field)
        return known[str(object_id)]

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        run = self.get_object(request, str(object_id))
        verbs = super().get_actions_detail(request, object_id)
        if run is not None and run.state == RunState.DRAFT:
            return verbs
        return [verb for verb in verbs if verb.action_name not in _OF_DRAFTS]

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
        return _once(run, "shortfalls", lambda: self._shortfalls(run))

    def _shortfalls(self, run: MatchRun) -> str:
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

    @display(description=_("figures"))
    def shown_figures(self, run: MatchRun) -> str:
        if not run.figures:
            return "–"
        return _once(run, "figures", lambda: self._figures(run))

    def _figures(self, run: MatchRun) -> str:
        names = Names.of(run)
        context = {
            "run": run,
            "figures": run.figures,
            "gini": run.figures["introductions"]["gini"] / _POINTS,
            "price": points(run.figures["minimum"]["price"]),
            "stable": points(run.figures["stable"]["objective"]),
            "loads": loads_of(run, names),
            "limits": [(LIMITS.get(code, code), count) for code, count in run.figures["limits"].items()],
            "edits": edits_of(run, names, dict(EditKind.choices)),
            "by_hand": points((run.optimum or run.objective) - run.objective),
            "let_go": named(run.figures.get("let_go", ()), names),
        }
        return render_to_string("admin/matching/figures.html", context)

    @action(
        description=_("Run the matching"),
        url_path="run",
        permissions=["verb"],
        icon="play_arrow",
    )
    def run(self, request: HttpRequest) -> HttpResponse:
        began: list[Job] = []

        class Asked(RunForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                runs = selectors.runs_for(request.user).order_by("-run_at", "-pk")[:_RUNS_TO_CHOOSE]
                self.fields["keep_locks_of"].queryset = (  # type: ignore[attr-defined]
                    selectors.runs_for(request.user).filter(pk__in=[run.pk for run in runs])
                )

        def start(values: Any) -> None:
            locks = values["keep_locks_of"]
            params = {"only_seen": values["only_seen"], "keep_locks_of": locks.pk if locks else None}
            began.append(start_job(kind=KIND, params=params, actor=request.user, now=timezone.now()))

        page = verb_page(
            self,
            request,
            form_class=Asked,
            title=_("Run the matching"),
            explanation=_(
                "All companies in residence are matched with all active firms, by what both say today. Conflicts of"
                " interest are left out, every company gets at least %(minimum)s introductions where that is possible,"
                " and the result is kept as a draft that nobody else sees before you publish it."
            )
            % {"minimum": CampSettings.current().minimum_introductions},
            button=_("Run now"),
            done=_("The run has begun. Its result is kept as a draft: look at it, then publish it."),
            perform=start,
        )
        return redirect("admin:jobs_job_change", began[0].pk) if began else page

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
