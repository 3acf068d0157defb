"""A founder's lease: how long, where, what it is worth, and asking to stay."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.display import day
from incubator.common.errors import DomainError

from . import selectors, services
from .forms import ExtensionForm
from .models import Lease

MONTHS_SHOWN = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    overview = selectors.founder_overview(request.user, today)
    months = overview.months
    chart = [(date_format(part.month, "M"), part.total_krw) for part in reversed(months[:MONTHS_SHOWN])]
    context = {
        "today": today,
        "overview": overview,
        "first": overview.live[0] if overview.live else None,
        "months": months,
        "chart": chart if len(chart) > 1 and all(amount is not None for _label, amount in chart) else [],
    }
    return render(request, "tenants/leases/home.html", context)


def _own_lease(request: Any, lease_id: int) -> Lease:
    return get_object_or_404(selectors.leases_for(request.user), pk=lease_id)


@require_http_methods(["GET", "POST"])
def extension(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease, now = _own_lease(request, lease_id), timezone.now()
    card = selectors.lease_card(request.user, lease, timezone.localdate(now))
    form = ExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.request_extension(lease=lease, actor=request.user, now=now, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            text = _("You have asked to stay until %(day)s. We will tell you what was decided.")
            messages.success(request, text % {"day": day(asked.until)})
            return redirect("leases:home")
    return render(request, "tenants/leases/extension.html", {"card": card, "lease": lease, "form": form})


@require_POST
def withdraw(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = get_object_or_404(selectors.extension_requests_for(request.user), pk=request_id)
    try:
        services.withdraw_extension(request=asked, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request is withdrawn. You can ask again."))
    return redirect("leases:home")
