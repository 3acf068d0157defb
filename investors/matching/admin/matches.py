"""Matches: why each pair, and what a manager makes of it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.verbs import verb_page
from investors.matching import selectors, services
from investors.matching.enums import DisclosureItem, MatchState, RunState
from investors.matching.models import MESSAGE_LIMIT, REASON_LIMIT, Match
from investors.matching.words import missing_labels, reasons_of, shown_score

_COLOURS = {
    MatchState.PROPOSED: "info",
    MatchState.INTRODUCED: "success",
    MatchState.DISMISSED: "default",
}
_RUNS_TO_CHOOSE = 12


class RunFilter(admin.SimpleListFilter):
    """The run in force unless another is chosen: the published one, or the newest while none is."""

    title = _("run")
    parameter_name = "run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        runs = selectors.runs_for(request.user).order_by("-run_at", "-pk")
        self.runs = list(runs.values_list("pk", "state", "run_at")[:_RUNS_TO_CHOOSE])
        chosen = [(str(pk), f"{moment(run_at)} · {RunState(state).label}") for pk, state, run_at in self.runs]
        return [*chosen, ("all", _("All runs"))]

    def choices(self, changelist: Any) -> Any:
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": _("In force")} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Match]) -> QuerySet[Match]:
        if self.value() == "all":
            return queryset
        known = [pk for pk, _state, _at in self.runs]
        published = [pk for pk, state, _at in self.runs if state == RunState.PUBLISHED]
        value = self.value() or ""
        chosen = int(value) if value.isdecimal() else next(iter([*published, *known]), None)
        return queryset.filter(run_id=chosen)


class IntroduceForm(forms.Form):
    items = forms.MultipleChoiceField(
        label=_("Items asked for"),
        choices=DisclosureItem.choices,
        initial=[DisclosureItem.CONTACT],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What the firm may see beyond the public profile, if the company agrees."),
    )
    until = forms.DateField(
        label=_("Shown until"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Half a year from today when it is left empty."),
    )
    message = forms.CharField(
        label=_("To the company"),
        required=False,
        max_length=MESSAGE_LIMIT,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The company's owners read it in the e-mail and on their page."),
    )


class DismissForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=REASON_LIMIT, widget=UnfoldAdminTextareaWidget)


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.MATCHING,)
    list_display = (
        "company",
        "firm",
        "shown_score",
        "shown_best",
        "shown_state",
        "published",
        "shown_visibility",
    )
    list_display_links = ("company",)
    list_filter = (RunFilter, "state", "published", "firm__kind")
    search_fields = ("company__name", "company__name_en", "firm__name")
    fields = readonly_fields = (
        "company",
        "firm",
        "shown_score",
        "shown_reasons",
        "shown_missing",
        "state",
        "published",
        "shown_visibility",
        "decided_by",
        "decided_at",
        "decision_reason",
    )
    actions_row = ("introduce", "dismiss")
    actions_detail = ("introduce", "dismiss")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        return selectors.matches_for(request.user).order_by("-score", "pk")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("score"), ordering="score")
    def shown_score(self, match: Match) -> str:
        return f"{shown_score(match.score):.3f}"

    @display(description=_("best reason"))
    def shown_best(self, match: Match) -> str:
        reasons = sorted(reasons_of(match.score, match.components), key=lambda reason: -reason.points)
        return reasons[0].note if reasons else "–"

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, match: Match) -> tuple[str, str]:
        return match.state, match.get_state_display()

    @display(
        description=_("company agreed to be seen"), boolean=True, ordering="company__visible_to_investors"
    )
    def shown_visibility(self, match: Match) -> bool:
        return match.company.visible_to_investors

    @display(description=_("reasons"))
    def shown_reasons(self, match: Match) -> str:
        context = {
            "reasons": reasons_of(match.score, match.components),
            "total": shown_score(match.score),
        }
        return render_to_string("admin/matching/reasons.html", context)

    @display(description=_("not known, so not counted"))
    def shown_missing(self, match: Match) -> str:
        return ", ".join(map(str, missing_labels(match.missing))) or "–"

    @action(description=_("Introduce"), url_path="introduce", permissions=["verb"], icon="handshake")
    def introduce(self, request: HttpRequest, object_id: int) -> HttpResponse:
        match = get_object_or_404(selectors.matches_for(request.user), pk=object_id)
        explanation = _(
            "The company's owners are asked by e-mail. The firm learns of it only when the company agrees."
        )
        if not match.company.visible_to_investors:
            explanation = _(
                "This company has not agreed to be seen by investors: it has to do so before it can agree to the"
                " introduction. Its owners are asked by e-mail; the firm learns of it only when the company agrees."
            )
        return verb_page(
            self,
            request,
            obj=match,
            form_class=IntroduceForm,
            title=_("Introduce %(company)s to %(firm)s") % {"company": match.company, "firm": match.firm},
            explanation=explanation,
            button=_("Ask the company"),
            done=_("The company is asked for its consent."),
            perform=lambda values: services.introduce(
                match=match,
                **values,
                actor=request.user,
                now=timezone.now(),
            ),
        )

    @action(description=_("Dismiss"), url_path="dismiss", permissions=["verb"], icon="close")
    def dismiss(self, request: HttpRequest, object_id: int) -> HttpResponse:
        match = get_object_or_404(selectors.matches_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=match,
            form_class=DismissForm,
            title=_("Dismiss the match of %(company)s and %(firm)s")
            % {"company": match.company, "firm": match.firm},
            explanation=_("Neither side sees it any more. The reason is kept for the camp office."),
            button=_("Dismiss the match"),
            done=_("The match is dismissed."),
            perform=lambda values: services.dismiss_match(
                match=match, **values, actor=request.user, now=timezone.now()
            ),
        )
