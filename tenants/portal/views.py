"""The founder's pages that join several domains: everything at a glance, and all support received."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.display import MONTHS_EN, WEEKDAYS_KO, clock, day, day_short, korean
from incubator.common.downloads import csv_response
from investors.matching import words

from . import selectors
from .forms import WindowForm
from .statement import rows, statement_of

WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _big_day(moment: datetime) -> tuple[str, str]:
    """A day large, its weekday and hour small: 11. 24. and (화) 14:00; 24 Nov and Tue 14:00."""
    local = timezone.localtime(moment)
    if korean():
        return f"{local.month}. {local.day}.", f"({WEEKDAYS_KO[local.weekday()]}) {clock(local)}"
    return f"{local.day} {MONTHS_EN[local.month - 1]}", f"{WEEKDAYS_EN[local.weekday()]} {clock(local)}"


def _plain_day(value: date) -> str:
    """A day beside a large number, where the weekday would not fit: 2027. 1. 3.; 3 Jan 2027."""
    return f"{value.year}. {value.month}. {value.day}." if korean() else day(value)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    glance = selectors.glance(request.user, now, timezone.localdate(now))
    context: dict[str, Any] = {"glance": glance, "now": now}
    if glance.lease and glance.lease.card.lease.last_day:
        context["lease_end"] = _plain_day(glance.lease.card.lease.last_day)
    if read := glance.credits.imported_at:
        # Of today the hour is enough.
        context["read_at"] = clock(read) if timezone.localdate(read) == glance.today else day_short(read)
    if glance.session:
        context["session_day"], context["session_hour"] = _big_day(glance.session.starts)
    if glance.match:
        reasons = words.reasons_of(glance.match.score, glance.match.components)
        best = max(reasons, key=lambda reason: reason.points, default=None)
        context |= {
            "reasons": [
                {"label": each.label, "points": each.points, "share": each.share} for each in reasons
            ],
            "score": words.shown_score(glance.match.score),
            "best": best,
        }
    return render(request, "tenants/portal/home.html", context)


@require_safe
def statement(request: Any) -> HttpResponse:
    """All support the company has had, ever or in `?from=&to=`; `?format=csv` gives it as a file."""
    today = timezone.localdate()
    asked = {name: request.GET.get(name, "") for name in ("from", "to")}
    form = WindowForm(asked, today=today)
    valid = form.is_valid()
    first = form.cleaned_data["from"] if valid else None
    last = form.cleaned_data["to"] if valid else today
    found = statement_of(request.user, request.acting.scope_id, first=first, last=last)
    if found is None:
        raise Http404
    if valid and request.GET.get("format") == "csv":
        name = _("support-%(first)s-%(last)s") % {"first": found.first, "last": found.last}
        return csv_response(name, rows(found))
    asked = {name: text for name, text in asked.items() if text}
    context = {
        "statement": found,
        "form": form,
        "today": today,
        "choices": _windows(request, today),
        "csv_query": urlencode({**asked, "format": "csv"}),
        "paper_query": urlencode(asked),
    }
    return render(request, "tenants/portal/statement.html", context)


def _windows(request: HttpRequest, today: date) -> list[dict[str, Any]]:
    """The windows most asked for: everything, this year, the year before."""
    this, before = today.year, today.year - 1
    queries = [
        (_("Everything"), ""),
        (str(this), urlencode({"from": date(this, 1, 1), "to": date(this, 12, 31)})),
        (str(before), urlencode({"from": date(before, 1, 1), "to": date(before, 12, 31)})),
    ]
    chosen = request.META.get("QUERY_STRING", "")
    return [{"label": label, "url": f"?{query}", "current": query == chosen} for label, query in queries]
