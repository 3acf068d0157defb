"""The founder's outcome reports: which are due, what was said, and saying it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incubator.common.errors import DomainError
from tenants.companies import selectors as companies

from . import selectors, services
from .forms import ReportForm
from .models import KpiReport, KpiValue


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    page = Paginator(selectors.periods_for(request.user), 50).get_page(request.GET.get("page"))
    reports = selectors.reports_for(request.user).filter(period__in=list(page.object_list))
    statuses = selectors.statuses_of(page.object_list, reports, today=today)
    due = [
        each
        for each in statuses
        if each.open and each.submitted is None and each.period.period.upper <= today
    ]
    return render(
        request,
        "tenants/outcomes/home.html",
        {"page": page, "statuses": statuses, "due": due, "today": today},
    )


@require_http_methods(["GET", "POST"])
def report(request: Any, pk: int) -> HttpResponse:
    period = get_object_or_404(selectors.periods_for(request.user), pk=pk)
    company = get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)
    reports = list(
        selectors.reports_for(request.user)
        .filter(company=company, period__period__startswith__lte=period.period.lower)
        .select_related("period", "submitted_by")
        .prefetch_related(Prefetch("values", KpiValue.objects.select_related("definition")))
        .order_by("-period__period", "-revision")[:40]
    )
    of_period = [each for each in reports if each.period_id == period.pk]
    earlier = next(
        (each for each in reports if each.period_id != period.pk and each.state == "submitted"), None
    )
    current = of_period[0] if of_period else None
    form = _form(request, current, earlier)
    if request.method == "POST" and form.is_valid():
        submit = request.POST.get("submit") == "yes"
        try:
            services.save_report(
                company=company,
                period=period,
                values=form.values,
                note=form.cleaned_data["note"],
                submit=submit,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The report is submitted.") if submit else _("The draft is saved."))
            return redirect("outcomes:home")
    context = {
        "period": period,
        "form": form,
        "current": current,
        "submitted": [each for each in of_period if each.state == "submitted"],
        "today": timezone.localdate(),
    }
    return render(request, "tenants/outcomes/report.html", context)


def _form(request: HttpRequest, current: KpiReport | None, earlier: KpiReport | None) -> ReportForm:
    """Filled with what the company said last: of this period, else of the one before."""
    before = current or earlier
    values = {value.definition.code: value.value for value in before.values.all()} if before else {}
    return ReportForm(
        request.POST or None,
        initial={**values, "note": current.note if current else ""},
        definitions=selectors.definitions_for(request.user).filter(active=True),
        draft=request.method == "POST" and request.POST.get("submit") != "yes",
        earlier={value.definition_id: value.value for value in earlier.values.all()} if earlier else {},
    )
