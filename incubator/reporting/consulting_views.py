"""The managers' numbers of consulting, the lists behind them, and both as files. Under /admin/, so staff's alone."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from incubator.audit.services import note_access
from incubator.common.downloads import csv_response, xlsx_response
from tenants.leases.terms import months_before

from . import consulting
from .consulting_load import load_table, loads
from .space_views import asked_days
from .tables import Table

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
MONTHS_SHOWN = 3


def _days(request: HttpRequest) -> tuple[date, date, str]:
    today = timezone.localdate()
    return asked_days(request, months_before(today, MONTHS_SHOWN), today)


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Parameters: from, to (days). Eight statements of its own, however many advisers and bookings there are."""
    first, last, wrong = _days(request)
    rows = consulting.bookings_between(request.user, first, last)
    found = loads(request.user, rows, first, last)
    by_adviser = consulting.table_by("adviser", rows, first, last)
    ratings = consulting.ratings_between(request.user, first, last)
    rated = [consulting.ratings_table(ratings, first, last)] if ratings else []
    context = {
        "first": first,
        "last": last,
        "wrong": wrong,
        "sums": by_adviser.total,
        "idle": [each for each in found if each.is_idle],
        "overloaded": [each for each in found if each.is_overloaded],
        "tables": [
            load_table(found),
            by_adviser,
            *rated,
            *(consulting.table_by(by, rows, first, last) for by in ("month", "topic", "company")),
            consulting.waits_table(consulting.waits_between(request.user, rows, first, last), first, last),
        ],
        "query": request.GET.urlencode(),
    }
    return render(request, "reporting/consulting.html", context)


def _list(request: HttpRequest) -> Table:
    """The list that a figure adds up from. Parameters: from, to, by (one of BY, wait, rating) and its key."""
    first, last, _wrong = _days(request)
    by, key = request.GET.get("by", ""), request.GET.get("key", "")
    if by not in ("", "wait", "rating", *consulting.BY):
        raise Http404
    rows = consulting.bookings_between(request.user, first, last)
    if by == "rating":
        return consulting.ratings_list(consulting.ratings_between(request.user, first, last), key)
    if by == "wait":
        return consulting.waits_list(consulting.waits_between(request.user, rows, first, last), key)
    chosen = consulting.listed(by, key, rows)
    note_access(request, "company", {row.company_id for row in chosen}, task="consulting numbers")
    return consulting.list_table(chosen)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    first, last, wrong = _days(request)
    context = {
        "first": first,
        "last": last,
        "wrong": wrong,
        "table": _list(request),
        "query": request.GET.urlencode(),
    }
    return render(request, "reporting/consulting_list.html", context)


@require_safe
def download(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """`name` is a table of the page, or list; `kind` csv or xlsx."""
    first, last, _wrong = _days(request)
    user: Any = request.user

    def of(by: str) -> Callable[[], Table]:
        return lambda: consulting.table_by(by, consulting.bookings_between(user, first, last), first, last)

    def waits() -> Table:
        rows = consulting.bookings_between(user, first, last)
        return consulting.waits_table(consulting.waits_between(user, rows, first, last), first, last)

    def load() -> Table:
        return load_table(loads(user, consulting.bookings_between(user, first, last), first, last))

    tables: dict[str, Callable[[], Table]] = {
        **{by: of(by) for by in consulting.BY},
        "waits": waits,
        "load": load,
        "ratings": lambda: consulting.ratings_table(
            consulting.ratings_between(user, first, last), first, last
        ),
        "list": lambda: _list(request),
    }
    if name not in tables or kind not in _FORMATS:
        raise Http404
    return _FORMATS[kind](f"consulting-{name}-{first}-{last}", tables[name]().rows())
