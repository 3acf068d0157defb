"""Versions of the weights, and what others would change before they are used."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.errors import DomainError
from investors.matching import selectors, services
from investors.matching.enums import RunState
from investors.matching.models import MatchRun, WeightSet
from investors.matching.scoring import KEYS
from investors.matching.weight_sets import active_weights
from investors.matching.what_if import Changed, WhatIf, what_if
from investors.matching.words import COMPONENTS, FULL

MOST = 1_000
_SHOWN = 20


class WeightsForm(forms.Form):
    """Other weights to look at: relative whole numbers, empty for a component that shall not be part of the score."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in KEYS:
            self.fields[key] = forms.IntegerField(
                label=COMPONENTS[key],
                min_value=0,
                max_value=MOST,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.values()):
            raise forms.ValidationError(_("At least one component must count."))
        return values


class ReasonForm(forms.Form):
    note = forms.CharField(label=_("Why these weights"), max_length=400, widget=UnfoldAdminTextareaWidget)


@admin.register(WeightSet)
class WeightSetAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.MATCHING,)
    list_display = ("version", "shown_numbers", "active", "note", "made_by", "made_at")
    list_display_links = ("version",)
    fields = readonly_fields = ("version", "shown_numbers", "active", "note", "made_by", "made_at")
    actions_list = ("what_if",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WeightSet]:
        return selectors.weight_sets_for(request.user).select_related("made_by").order_by("-made_at", "-pk")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    @display(description=_("weights"))
    def shown_numbers(self, weights: WeightSet) -> str:
        return ", ".join(f"{COMPONENTS[key]} {number}" for key, number in weights.values.numbers.items())

    @action(description=_("Try other weights"), url_path="what-if", permissions=["verb"], icon="tune")
    def what_if(self, request: HttpRequest) -> HttpResponse:
        """Asked with weights it shows what they would change, and keeps nothing; a POST with a reason puts them in force."""
        if not self._writes(request):
            raise PermissionDenied
        in_force = active_weights()
        asked = request.POST if request.method == "POST" else request.GET
        tried = any(key in asked for key in KEYS)
        form = WeightsForm(asked if tried else None, initial=in_force.numbers)
        reason = ReasonForm(request.POST if request.method == "POST" else None)
        context: dict[str, Any] = {}
        if tried and form.is_valid():
            if request.method == "POST" and reason.is_valid():
                try:
                    with transaction.atomic():
                        made = services.use_weights(
                            numbers=form.cleaned_data,
                            note=reason.cleaned_data["note"],
                            instead_of=request.POST.get("instead_of", ""),
                            actor=request.user,
                            now=timezone.now(),
                        )
                except DomainError as error:
                    reason.add_error(None, str(error))
                else:
                    said = gettext("Version %(version)s is in force. The next run uses it.")
                    messages.success(request, said % {"version": made.version})
                    return redirect("admin:matching_weightset_changelist")
            try:
                context = self._compared(request, form.cleaned_data, in_force)
            except DomainError as error:
                form.add_error(None, str(error))
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Try other weights"),
            "form": form,
            "reason": reason,
            "in_force": in_force,
            "back": reverse("admin:matching_weightset_changelist"),
        }
        return TemplateResponse(request, "admin/matching/what_if.html", context)

    def _compared(self, request: HttpRequest, numbers: dict[str, Any], in_force: Any) -> dict[str, Any]:
        run = self._run(request)
        stored = None
        if run is not None:
            rows = run.matches.order_by().values_list("company_id", "firm_id", "score")
            stored = {(company, firm): score for company, firm, score in rows}
        found = what_if(
            weights=services.proposed(numbers),
            in_force=in_force,
            today=timezone.localdate(),
            stored=stored,
        )
        names = selectors.names_of_pairs(
            [change.pair for part in (found.entering, found.leaving, found.staying) for change in part]
        )
        return {"found": found, "run": run, "lists": _lists(found, names), "sums": _sums(found)}

    def _run(self, request: HttpRequest) -> MatchRun | None:
        """The published run, or the newest draft while none is; `?draft=1` asks for the newest draft."""
        asked = request.POST if request.method == "POST" else request.GET
        wanted = RunState.DRAFT if asked.get("draft") else RunState.PUBLISHED
        runs = selectors.runs_for(request.user).filter(state__in=(RunState.PUBLISHED, RunState.DRAFT))
        newest = list(runs.order_by("-run_at", "-pk").only("id", "state", "run_at")[:20])
        return next((run for run in newest if run.state == wanted), newest[0] if newest else None)


def _lists(found: WhatIf, names: tuple[dict[int, str], dict[int, str]]) -> list[dict[str, Any]]:
    parts = (
        (gettext("Pairs that would enter"), found.entering),
        (gettext("Pairs that would leave"), found.leaving),
        (gettext("Pairs that would stay"), found.staying),
    )
    return [
        {
            "title": title,
            "count": len(changes),
            "more": max(len(changes) - _SHOWN, 0),
            "rows": [_row(change, names) for change in changes[:_SHOWN]],
        }
        for title, changes in parts
    ]


def _row(change: Changed, names: tuple[dict[int, str], dict[int, str]]) -> dict[str, Any]:
    def points(score: int | None) -> str:
        return "–" if score is None else f"{score / FULL:.3f}"

    difference = change.difference
    return {
        "company": names[0].get(change.pair[0], change.pair[0]),
        "firm": names[1].get(change.pair[1], change.pair[1]),
        "before": points(change.before),
        "after": points(change.after),
        "difference": "–" if difference is None else f"{difference / FULL:+.3f}".replace("-", "−"),
    }


def _sums(found: WhatIf) -> dict[str, str]:
    return {
        "now": f"{found.objective_now / FULL:,.4f}",
        "then": f"{found.objective / FULL:,.4f}",
        "gap": f"{(found.bound - found.objective) / FULL:,.4f}",
    }
