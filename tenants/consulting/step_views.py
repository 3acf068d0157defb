"""What follows sessions, on either side: the steps that are open, the advice ledger, and the files of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.audit.services import note_access
from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import rules, selectors, services
from .enums import BookingState, StepState
from .forms import show_refusal
from .ledger import MOST_REPORTS, Ledger, ledger_of
from .models import NextStep
from .report_forms import DropForm

PAGE = 50


@dataclass(frozen=True)
class ShownStep:
    """A step with what its reader may do about it."""

    step: NextStep
    overdue: bool
    may_close: bool


def shown_steps(request: Any, steps: Sequence[NextStep]) -> list[ShownStep]:
    today = timezone.localdate()
    return [
        ShownStep(step, step.is_overdue(today), step.is_open and rules.may_close_step(request.user, step))
        for step in steps
    ]


def read_ledger(request: Any, company_id: int) -> Ledger:
    """What every adviser said to a company, as far as the person may read it."""
    reports = selectors.reports_for(request.user).filter(company_id=company_id).whole()
    return ledger_of(reports.order_by("-session_on", "-booking_id")[:MOST_REPORTS])


@require_safe
def ledger(request: Any) -> HttpResponse:
    """The founder's advice ledger."""
    found = read_ledger(request, request.acting.scope_id)
    context = {"ledger": found, "steps": shown_steps(request, found.steps), "place": "consulting"}
    return render(request, "tenants/consulting/ledger.html", context)


@require_safe
def founders_steps(request: Any) -> HttpResponse:
    """All next steps of the company, over all advisers. Parameters: state (open or closed), page."""
    return _page(request, "consulting", selectors.steps_for(request.user), "tenants/consulting/steps.html")


@require_safe
def advisers_steps(request: Any) -> HttpResponse:
    """Next steps of the adviser's own sessions, and of the companies that come next. Parameters: state, page."""
    coming = selectors.bookings_for(request.user).filter(
        state=BookingState.BOOKED, period__endswith__gt=timezone.now()
    )
    wanted = Q(adviser_id=request.acting.adviser_id) | Q(company__in=coming.values("company"))
    steps = selectors.steps_for(request.user).filter(wanted).with_company()
    return _page(request, "advise", steps, "tenants/consulting/advise/steps.html")


def _page(request: Any, place: str, steps: Any, template: str) -> HttpResponse:
    closed = request.GET.get("state") == "closed"
    over = steps.exclude(state=StepState.OPEN).in_full().order_by("-closed_at", "-pk")
    found = over if closed else steps.open().in_full()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = shown_steps(request, list(page))
    if place == "advise":
        note_access(request, "company", {each.step.company_id for each in shown}, task="next steps")
    context = {
        "page": page,
        "steps": shown,
        "closed": closed,
        "overdue": sum(each.overdue for each in shown),
        "place": place,
    }
    return render(request, template, context)


@require_POST
def founders_done(request: Any, pk: int) -> HttpResponse:
    return _done(request, pk, "consulting")


@require_POST
def advisers_done(request: Any, pk: int) -> HttpResponse:
    return _done(request, pk, "advise")


def _done(request: Any, pk: int, place: str) -> HttpResponse:
    step = get_object_or_404(selectors.steps_for(request.user), pk=pk)
    try:
        services.finish_step(step=step, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The step is done."))
    return redirect(f"{place}:steps")


@require_http_methods(["GET", "POST"])
def founders_drop(request: Any, pk: int) -> HttpResponse:
    return _drop(request, pk, "consulting")


@require_http_methods(["GET", "POST"])
def advisers_drop(request: Any, pk: int) -> HttpResponse:
    return _drop(request, pk, "advise")


def _drop(request: Any, pk: int, place: str) -> HttpResponse:
    step = get_object_or_404(selectors.steps_for(request.user).in_full(), pk=pk)
    form = DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.drop_step(
                step=step, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The step is dropped, and the reason kept."))
            return redirect(f"{place}:steps")
    context = {"step": step, "form": form, "place": place, "home": f"{place}:home", "back": f"{place}:steps"}
    status = 422 if form.errors and not request.htmx else 200
    return render(request, "tenants/consulting/drop.html", context, status=status)


@require_safe
def report_file(request: Any, pk: int) -> HttpResponseBase:
    """A file of a report that the reader may read, on either side."""
    found = get_object_or_404(selectors.report_files_for(request.user), pk=pk)
    return stored_response(found.file, name=found.name, content_type=found.content_type)
