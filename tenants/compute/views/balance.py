"""The founder's credits: what is left, how fast it goes, and what each job cost."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from incubator.common.display import MONTHS_EN
from tenants.compute import selectors
from tenants.compute.forms import EstimateForm
from tenants.compute.models import UsageRecord
from tenants.compute.selectors import alerts, estimates, market, storage, who

H100 = "gres/gpu:h100"
PAGE_SIZE = 50
# The data centre is read every quarter of an hour: a day without it is a fault, and what is left is less than it says.
LATE_AFTER = timedelta(days=1)


@require_safe
def home(request: Any) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    found = selectors.credits_of(request.user, today)
    held = storage.storage_of(request.user, today)
    prices = market.prices_on(request.user, today)
    asked = "gpus" in request.GET or "hours" in request.GET
    kinds = estimates.kinds_of(prices)
    # An address of before there was a choice names no kind.
    typed = {"kind": H100, **request.GET.dict()} if asked else None
    form = EstimateForm(typed, initial={"kind": H100, "gpus": 4, "hours": 72}, kinds=kinds)
    context = {
        "credits": found,
        "storage": held,
        "today": today,
        "late": is_late(found.imported_at, now),
        "warnings": alerts.warnings_of(found.balance, found.run_out, held),
        "months": [(_month(month), amount) for month, amount in found.months],
        "form": form,
    }
    if asked and form.is_valid():
        context["estimate"] = estimates.estimate_of(
            found,
            prices,
            code=form.cleaned_data["kind"],
            units=form.cleaned_data["gpus"],
            seconds=form.cleaned_data["hours"] * 3600,
            today=today,
        )
    return render(request, "tenants/compute/home.html", context)


def is_late(imported_at: Any, now: Any) -> bool:
    return imported_at is not None and now - imported_at > LATE_AFTER


def _month(month: Any) -> str:
    korean = (get_language() or "").startswith("ko")
    return f"{month.month}월" if korean else MONTHS_EN[month.month - 1]


@require_safe
def usage(request: HttpRequest) -> HttpResponse:
    """The last thirty days by person, by how jobs ended and by job, and what they would have cost outside."""
    now = timezone.now()
    found = who.who_used(request.user, timezone.localdate(now))
    context = {"who": found, "late": is_late(found.imported_at, now)}
    return render(request, "tenants/compute/usage.html", context)


@require_safe
def stored(request: HttpRequest) -> HttpResponse:
    """Storage: what is held of what was granted, day by day."""
    today = timezone.localdate()
    context = {"found": storage.history_of(request.user, today), "today": today}
    return render(request, "tenants/compute/storage.html", context)


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Every job that was charged, newest first, with how its charge came about."""
    sort = request.GET.get("sort", "")
    # A paginator asks for slices alone.
    found: Any = selectors.Jobs(request.user, sort if sort in selectors.Jobs.ORDERS else "-ended")
    page: Page[UsageRecord] = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    template = "tenants/compute/jobs.html"
    return render(request, template, {"page": page, "jobs": page.object_list})
