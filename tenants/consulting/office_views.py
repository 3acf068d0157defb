"""The payment sheet of a month for the managers of consulting and the director, and its own month for an adviser."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incubator.common.display import month as month_name
from incubator.common.downloads import csv_response, xlsx_response
from incubator.common.errors import DomainError

from . import honoraria, rules, services

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
_TABLES = {"payments": honoraria.payment_rows, "sessions": honoraria.session_rows}
FIRST_YEAR = 2020


def _month(text: str, today: date) -> date:
    """The month asked for as 2026-11; the last whole one for anything that is none, or lies ahead."""
    last = honoraria.months_earlier(today, 1)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return last
    return asked if date(FIRST_YEAR, 1, 1) <= asked <= today else last


def _refuse_others(request: Any) -> None:
    if not rules.may_see_honoraria(request.user):
        raise PermissionDenied


@require_safe
def sheet(request: Any) -> HttpResponse:
    """Parameter: month, as 2026-11."""
    _refuse_others(request)
    today = timezone.localdate()
    month = _month(request.GET.get("month", ""), today)
    found = honoraria.sheet_of(request.user, month)
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": _("Honoraria"),
        "sheet": found,
        "differences": [
            (payment, [honoraria.difference_words(line) for line in payment.earlier(month)])
            for payment in found.payments
            if payment.earlier(month)
        ],
        "before": honoraria.months_earlier(month, 1),
        "after": honoraria.next_month(month) if honoraria.next_month(month) <= today else None,
        "may_close": found.closed is None
        and honoraria.next_month(month) <= today
        and rules.may_settle_honoraria(request.user),
    }
    return TemplateResponse(request, "admin/honoraria/sheet.html", context)


@require_safe
def file(request: Any, name: str, kind: str) -> HttpResponse:
    """`name` is payments or sessions, `kind` csv or xlsx."""
    _refuse_others(request)
    if name not in _TABLES or kind not in _FORMATS:
        raise Http404
    month = _month(request.GET.get("month", ""), timezone.localdate())
    rows = _TABLES[name](honoraria.sheet_of(request.user, month))
    return _FORMATS[kind](f"honoraria-{name}-{month:%Y-%m}", rows)


@require_POST
def close(request: Any) -> HttpResponse:
    _refuse_others(request)
    month = _month(request.POST.get("month", ""), timezone.localdate())
    try:
        with transaction.atomic():
            services.close_month(
                month=month,
                without_missing="without_missing" in request.POST,
                actor=request.user,
                now=timezone.now(),
            )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(month)s is closed.") % {"month": month_name(month)})
    return redirect(f"{reverse('honoraria:sheet')}?month={month:%Y-%m}")


@require_safe
def own(request: Any) -> HttpResponse:
    """An adviser's own month. Parameter: month, as 2026-11."""
    today = timezone.localdate()
    month = _month(request.GET.get("month", ""), today)
    found = honoraria.sheet_of(request.user, month)
    context = {
        "sheet": found,
        "before": honoraria.months_earlier(month, 1),
        "after": honoraria.next_month(month) if honoraria.next_month(month) <= today else None,
    }
    return render(request, "tenants/consulting/advise/honorarium.html", context)
