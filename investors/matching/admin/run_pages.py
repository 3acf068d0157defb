"""Pages of one run: why a pair or why not, beside another run, and a change of a draft with its price."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from incubator.common.display import moment
from incubator.common.errors import DomainError
from investors.matching import selectors, services
from investors.matching.enums import EditKind, RunState
from investors.matching.models import MatchRun
from investors.matching.reading import Names, compare_runs, named, pair_rows, points
from investors.matching.services.planning import components_of
from investors.matching.words import missing_labels, reasons_of, shown_score

_PAGE = 50
FATES = (
    ("", _("All")),
    ("matched", _("Matched")),
    ("unmatched", _("Not matched")),
    ("apart", _("Kept apart")),
)


class PairForm(forms.Form):
    """Narrow the pairs of a run, or name one."""

    company = forms.TypedChoiceField(
        label=_("Company"), coerce=int, empty_value=None, required=False, widget=UnfoldAdminSelectWidget
    )
    firm = forms.TypedChoiceField(
        label=_("Firm"), coerce=int, empty_value=None, required=False, widget=UnfoldAdminSelectWidget
    )
    fate = forms.ChoiceField(
        label=_("Which pairs"), choices=FATES, required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, names: Names, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, known in (("company", names.companies), ("firm", names.firms)):
            listed = sorted(known.items(), key=lambda each: each[1])
            self.fields[field].choices = [("", "–"), *listed]  # type: ignore[attr-defined]


class ChangeForm(PairForm):
    kind = forms.ChoiceField(label=_("Change"), choices=EditKind.choices, widget=UnfoldAdminSelectWidget)

    def __init__(self, names: Names, *args: Any, **kwargs: Any) -> None:
        super().__init__(names, *args, **kwargs)
        del self.fields["fate"]
        self.fields["company"].required = self.fields["firm"].required = True


class RunPages:
    """Mixed into the admin of runs."""

    def _whole(self, request: HttpRequest, object_id: Any) -> MatchRun:
        """The run with everything that is kept of it."""
        found = selectors.runs_for(request.user).defer(None).filter(pk=object_id).first()
        if found is None:
            raise Http404
        return found

    def _page(self, request: HttpRequest, template: str, run: MatchRun, **context: Any) -> HttpResponse:
        site: Any = self.admin_site  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            template,
            {
                **site.each_context(request),
                "opts": self.opts,  # type: ignore[attr-defined]
                "run": run,
                "back": reverse("admin:matching_matchrun_change", args=[run.pk]),
                "draft": run.state == RunState.DRAFT,
                "writes": self._writes(request),  # type: ignore[attr-defined]
                **context,
            },
        )

    @action(description=_("Why, and why not"), url_path="pairs", permissions=["view"], icon="help")
    def pairs(self, request: HttpRequest, object_id: int) -> HttpResponse:
        run = self._whole(request, object_id)
        names = Names.of(run)
        form = PairForm(names, request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        rows = pair_rows(
            run, names, company=asked.get("company"), firm=asked.get("firm"), fate=asked.get("fate") or ""
        )
        page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
        one = rows[0] if asked.get("company") and asked.get("firm") and rows else None
        parts = components_of(run, (one.company, one.firm)) if one else []
        known = {part["key"] for part in parts}
        missing = [key for key in run.problem.get("weights", ()) if key != "version" and key not in known]
        query = request.GET.copy()
        query.pop("page", None)
        return self._page(
            request,
            "admin/matching/pairs.html",
            run,
            title=_("Pairs of the run of %(moment)s") % {"moment": moment(run.run_at)},
            form=form,
            page=page,
            total=len(rows),
            query=query.urlencode(),
            one=one,
            reasons=reasons_of(one.fit, parts) if one else [],
            fit=shown_score(one.fit) if one else None,
            missing=missing_labels(missing) if parts else [],
        )

    @action(
        description=_("Compare with another run"), url_path="compare", permissions=["view"], icon="compare"
    )
    def compare(self, request: HttpRequest, object_id: int) -> HttpResponse:
        run = self._whole(request, object_id)
        listed = selectors.runs_for(request.user).exclude(pk=run.pk).order_by("-run_at", "-pk")
        choices = [
            (pk, f"{moment(run_at)} · {RunState(state).label}")
            for pk, run_at, state in listed.values_list("pk", "run_at", "state")[:_PAGE]
        ]
        asked = request.GET.get("other", "")
        chosen = int(asked) if asked.isdecimal() else next((pk for pk, _label in choices), None)
        other = self._whole(request, chosen) if chosen else None
        everything = request.GET.get("everything") == "yes"
        comparison = compare_runs(run, other, Names.of(run, other), everything=everything) if other else None
        page = Paginator(comparison.rows if comparison else [], _PAGE).get_page(request.GET.get("page"))
        query = request.GET.copy()
        query.pop("page", None)
        return self._page(
            request,
            "admin/matching/compare.html",
            run,
            title=_("Two runs beside each other"),
            choices=choices,
            other=other,
            comparison=comparison,
            everything=everything,
            page=page,
            query=query.urlencode(),
            objective=points(run.objective),
            other_objective=points(other.objective) if other else "",
        )

    @action(description=_("Change a pair"), url_path="change-pair", permissions=["verb"], icon="edit")
    def change_pair(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Asked by GET it shows what the change costs; by POST it saves exactly what was shown."""
        if not self._writes(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        run = self._whole(request, object_id)
        names = Names.of(run)
        posted = request.method == "POST"
        data = request.POST if posted else request.GET
        form = ChangeForm(names, data if "kind" in data else None, initial=request.GET.dict())
        preview = None
        if form.is_valid():
            values = form.cleaned_data
            change = {"kind": values["kind"], "company_id": values["company"], "firm_id": values["firm"]}
            try:
                if posted:
                    with transaction.atomic():
                        services.edit_run(
                            run=run,
                            **change,
                            before=data.get("before", ""),
                            actor=request.user,
                            now=timezone.now(),
                        )
                    self.message_user(request, _("The draft is changed."))  # type: ignore[attr-defined]
                    return HttpResponseRedirect(reverse("admin:matching_matchrun_change", args=[run.pk]))
                preview = services.preview_edit(run=run, **change, actor=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
        return self._page(
            request,
            "admin/matching/change_pair.html",
            run,
            title=_("Change a pair of the draft"),
            form=form,
            preview=preview,
            loss=points(preview.loss) if preview else "",
            wins=bool(preview and preview.loss < 0),
            entering=named(preview.entering, names) if preview else [],
            leaving=named(preview.leaving, names) if preview else [],
        )

    @action(description=_("Repeat and compare"), url_path="repeat", permissions=["verb"], icon="replay")
    def repeat(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Solve the kept input again, by the code of today, and lay the hashes side by side."""
        if not self._writes(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        run = self._whole(request, object_id)
        repeated, refusal = None, ""
        if request.method == "POST":
            try:
                repeated = services.repeat_run(run=run, actor=request.user)
            except DomainError as error:
                refusal = str(error)
        return self._page(
            request,
            "admin/matching/repeat.html",
            run,
            title=_("Repeat the run of %(moment)s") % {"moment": moment(run.run_at)},
            repeated=repeated,
            refusal=refusal,
        )
