"""The founder's credits: what is left, how fast it goes, and what each job cost."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from incubator.common.display import MONTHS_EN
from tenants.compute import selectors, services
from tenants.compute.forms import EstimateForm

H100 = "gres/gpu:h100"
PAGE_SIZE = 50
SORTS = {
    "ended": ("ended_at", "pk"),
    "-ended": ("-ended_at", "-pk"),
    "charge": ("charge_gflop", "pk"),
    "-charge": ("-charge_gflop", "-pk"),
}


@require_safe
def home(request: Any) -> HttpResponse:
    today = timezone.localdate()
    found = selectors.credits_of(request.user, today)
    asked = "gpus" in request.GET or "hours" in request.GET
    form = EstimateForm(request.GET if asked else None, initial={"gpus": 4, "hours": 72})
    context = {
        "credits": found,
        "today": today,
        "months": [(_month(month), amount) for month, amount in found.months],
        "form": form,
    }
    if asked and form.is_valid():
        context["estimate"] = services.estimate_cost(
            units={H100: form.cleaned_data["gpus"]}, seconds=form.cleaned_data["hours"] * 3600, on=today
        )
    return render(request, "tenants/compute/home.html", context)


def _month(month: Any) -> str:
    korean = (get_language() or "").startswith("ko")
    return f"{month.month}월" if korean else MONTHS_EN[month.month - 1]


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Every job that was charged, newest first, with how its charge came about."""
    sort = request.GET.get("sort", "")
    records = selectors.usage_records_for(request.user).order_by(*SORTS.get(sort, SORTS["-ended"]))
    page = Paginator(records, PAGE_SIZE).get_page(request.GET.get("page"))
    template = "tenants/compute/jobs.html"
    return render(request, template, {"page": page, "jobs": page.object_list})
