"""The adviser's report of a session, and what an adviser reads before the next one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incubator.audit.services import note_access
from incubator.common.errors import DomainError

from . import rules, selectors, services
from .enums import AdviceField, BookingState
from .forms import show_refusal
from .models import Booking, SessionReport
from .report_forms import ReportForm, StepRows
from .step_views import read_ledger, shown_steps

EARLIER_SHOWN = 30
# The last sessions whose steps an adviser looks at before the next one.
LAST_SHOWN = 3


def _booking(request: Any, pk: int) -> Booking:
    found: Booking = get_object_or_404(selectors.bookings_for(request.user).in_full().with_company(), pk=pk)
    note_access(request, "company", [found.company_id], task="consulting session")
    return found


def _initial(request: Any, booking: Booking, written: SessionReport | None) -> dict[str, Any]:
    if written is None:
        # Who advises on one thing was asked about it.
        fields = booking.adviser.fields
        return {"field": fields[0] if fields else AdviceField.values[0]}
    note = selectors.office_notes_for(request.user).filter(report=written).first()
    names = ("field", "advice", "differs_from_id")
    values = {name.removesuffix("_id"): getattr(written, name) for name in names}
    return {**values, "note": note.text if note else ""}


@require_http_methods(["GET", "POST"])
def report(request: Any, pk: int) -> HttpResponse:
    """Write or correct the report of a session that has begun. `more` in what is sent adds a row for another step."""
    found, today = _booking(request, pk), timezone.localdate()
    if found.state not in (BookingState.BOOKED, BookingState.HELD) or found.starts > timezone.now():
        raise Http404
    written = getattr(found, "report", None)
    others = selectors.reports_for(request.user).filter(company_id=found.company_id).exclude(booking=found)
    earlier = others.with_adviser()[:EARLIER_SHOWN]
    initial = _initial(request, found, written)
    if request.method == "POST" and "more" in request.POST:
        typed = {name: request.POST.get(name, "") for name in ReportForm.base_fields}
        form = ReportForm(earlier=earlier, initial=typed)
        rows = StepRows.typed(request.POST, today, more=True)
    elif request.method == "POST":
        form = ReportForm(request.POST, request.FILES, earlier=earlier)
        rows = StepRows.typed(request.POST, today)
        # Both are looked at, so that all that is wrong is said at once.
        if all([form.is_valid(), rows.is_valid()]) and _write(request, found, form, rows):
            messages.success(request, _("The report is kept. The company can read it now."))
            return redirect("advise:booking", found.pk)
    else:
        form = ReportForm(earlier=earlier, initial=initial)
        steps = selectors.steps_for(request.user).filter(report_id=found.pk).open()
        rows = StepRows.of(steps.order_by("pk"), today)
    context = {"booking": found, "written": written, "form": form, "rows": rows}
    status = 422 if (form.errors or rows.errors) and not request.htmx else 200
    return render(request, "tenants/consulting/advise/report.html", context, status=status)


def _write(request: Any, booking: Booking, form: ReportForm, rows: StepRows) -> bool:
    try:
        services.write_report(
            booking=booking, steps=rows.drafts, actor=request.user, now=timezone.now(), **form.given
        )
    except DomainError as error:
        show_refusal(form, error)
        return False
    return True


@require_safe
def prepare(request: Any, pk: int) -> HttpResponse:
    """One page before a session: the company's question, what the last sessions were to bring, and all advice so far."""
    found = _booking(request, pk)
    if found.state not in rules.AGREED:
        raise Http404
    ledger = read_ledger(request, found.company_id)
    said = [each for topic in ledger.topics for voice in topic.voices for each in voice.said]
    last = sorted((each.report for each in said), key=lambda each: (each.session_on, each.pk), reverse=True)
    last = [each for each in last if each.pk != found.pk][:LAST_SHOWN]
    steps = {each.pk: shown_steps(request, list(each.steps.all())) for each in last}
    context = {
        "booking": found,
        "ahead": found.starts > timezone.now(),
        "files": list(selectors.files_for(request.user).filter(booking=found).order_by("pk")),
        "attendees": selectors.attendees_of(found),
        "ledger": ledger,
        "steps": shown_steps(request, ledger.steps),
        "last": [(each, steps[each.pk]) for each in last],
        "place": "advise",
    }
    return render(request, "tenants/consulting/advise/prepare.html", context)
