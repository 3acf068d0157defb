"""The managers' report of compute, and its tables as files."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.downloads import csv_response, xlsx_response

from . import compute

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
FIRST_YEAR = 2020


def _year(request: HttpRequest, this_year: int) -> int:
    """The year asked for; this one for anything that is none."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else this_year
    return year if FIRST_YEAR <= year <= this_year + 1 else this_year


def _page(request: Any, **context: Any) -> HttpResponse:
    request.current_app = admin.site.name
    shared = {**admin.site.each_context(request), "title": _("Compute report")}
    return TemplateResponse(request, "reporting/compute.html", {**shared, **context})


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The camp's compute of a year by pool, month, resource and programme, what nobody claims, and the imports."""
    now = timezone.now()
    today = timezone.localdate(now)
    year = _year(request, today.year)
    found = compute.figures(request.user, today, year)
    tables = [
        compute.pools_table(request.user, found),
        compute.months_table(found),
        compute.resources_table(found),
        compute.programmes_table(found),
        compute.unattributed_table(found),
        compute.imports_table(request.user, now),
    ]
    return _page(
        request, tables=tables, year=year, this_year=today.year, found=found, totals=compute.totals(found)
    )


@require_safe
def companies(request: HttpRequest) -> HttpResponse:
    """By company, with storage and outcomes."""
    today = timezone.localdate()
    year = _year(request, today.year)
    found = compute.figures(request.user, today, year)
    table = compute.companies_table(request.user, found)
    return _page(
        request,
        tables=[table],
        year=year,
        this_year=today.year,
        found=found,
        totals=compute.totals(found),
        storage=compute.storage_of_table(table),
        by_company=True,
    )


@require_safe
def download(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """One table as a file; `kind` is csv or xlsx. Under /admin/, so staff's alone."""
    if kind not in _FORMATS or name not in compute.TABLES:
        raise Http404
    now = timezone.now()
    year = _year(request, timezone.localdate(now).year)
    table = compute.table(request.user, name, now, year)
    return _FORMATS[kind](f"compute-{name}-{year}", table.rows())
