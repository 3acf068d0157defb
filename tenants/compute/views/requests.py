"""A founder asks for credits, follows the request, answers a notice, and reads the rules."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.display import day, month, petaflop_hours, pfh
from incubator.common.errors import DomainError
from incubator.common.periods import last_day
from tenants.companies import selectors as companies
from tenants.compute import selectors, services
from tenants.compute.models import Resource
from tenants.compute.planning import month_after, months_of
from tenants.compute.request_forms import CreditRequestForm, ExemptionForm, RequestPeriodForm

MONTHS_ASKED = 3


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    found = selectors.requests.asking_of(request.user, today)
    context = {
        "asking": found,
        "waiting": [each for each in found.requests if each.is_open],
        "today": today,
    }
    return render(request, "tenants/compute/requests.html", context)


def _default_period(today: date) -> Any:
    """The next months, from the first of them on."""
    return DateRange(month_after(today), month_after(today, 1 + MONTHS_ASKED))


@require_http_methods(["GET", "POST"])
def new_request(request: Any) -> HttpResponse:
    """Two steps in one page: the period by GET, then all the rest, with a field for each of its months."""
    now = timezone.now()
    typed = request.POST if request.method == "POST" else request.GET
    chosen = "first_day" in typed or "last_day" in typed
    period = _default_period(timezone.localdate(now))
    initial = {"first_day": period.lower, "last_day": last_day(period)}
    period_form = RequestPeriodForm(typed if chosen else None, initial=initial)
    if chosen and period_form.is_valid():
        period = period_form.cleaned_data["period"]
    form = CreditRequestForm(
        request.POST if request.method == "POST" else None,
        months=months_of(period.lower, period.upper),
        codes=list(Resource.objects.order_by("code").values_list("code", flat=True)),
        initial={"key": uuid4().hex},
    )
    if request.method == "POST" and period_form.is_valid() and form.is_valid():
        company = get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id)
        try:
            asked = services.ask_for_credits(
                company=company, period=period, actor=request.user, now=now, **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            text = _("You have asked for %(amount)s PF·h. We will tell you what was decided.")
            messages.success(request, text % {"amount": pfh(asked.amount_gflop)})
            return redirect("compute:request", pk=asked.pk)
    context = {"form": form, "period_form": period_form, "period": period, "last": last_day(period)}
    return render(request, "tenants/compute/request_new.html", context)


@require_safe
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(selectors.requests.grant_requests_for(request.user), pk=pk)
    plan = list(selectors.requests.plans_for(request.user).filter(request=asked).order_by("month"))
    chart = [(month(each.month), petaflop_hours(each.gflop)) for each in plan]
    context = {"asked": asked, "plan": plan, "chart": chart}
    return render(request, "tenants/compute/request.html", context)


@require_POST
def withdraw_request(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(selectors.requests.grant_requests_for(request.user), pk=pk)
    try:
        services.withdraw_request(request=asked, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request is withdrawn. You can ask again."))
    return redirect("compute:requests")


@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        selectors.requests.notices_for(request.user).select_related("lot", "policy"), pk=pk
    )
    now = timezone.now()
    form = ExemptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_exemption(
                notice=found, reason=form.cleaned_data["reason"], actor=request.user, now=now
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, _("You have asked for an exemption. We will tell you what was decided.")
            )
            return redirect("compute:notice", pk=found.pk)
    context = {
        "notice": found,
        "form": form,
        "may_ask": found.state == "open" and not found.asked_at and timezone.localdate(now) <= found.deadline,
        "compared_until": day(found.checkpoint),
    }
    return render(request, "tenants/compute/notice.html", context)


@require_safe
def credit_rules(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    policies = selectors.requests.policies_for(request.user)
    context = {
        "policy": policies.filter(starts_on__lte=today).order_by("-starts_on", "-pk")[0],
        "coming": policies.filter(starts_on__gt=today).order_by("starts_on", "-pk").first(),
    }
    return render(request, "tenants/compute/rules.html", context)
