"""The managers' numbers of requests, and the same as a file."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.downloads import csv_response, xlsx_response

from . import helpdesk

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
FIRST_YEAR = 2020


def _year(request: HttpRequest, this_year: int) -> int:
    """The year asked for; this one for anything that is none."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else this_year
    return year if FIRST_YEAR <= year <= this_year else this_year


@require_safe
def numbers(request: Any) -> HttpResponse:
    today = timezone.localdate()
    year = _year(request, today.year)
    found = helpdesk.reported_in(request.user, year)
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": _("Requests in numbers"),
        "table": helpdesk.table(found, today),
        "all": helpdesk.figures(found, today),
        "year": year,
        "this_year": today.year,
    }
    return TemplateResponse(request, "reporting/helpdesk.html", context)


@require_safe
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """`kind` is csv or xlsx. Under /admin/, so staff's alone."""
    if kind not in _FORMATS:
        raise Http404
    today = timezone.localdate()
    year = _year(request, today.year)
    rows = helpdesk.table(helpdesk.reported_in(request.user, year), today).rows()
    return _FORMATS[kind](f"requests-{year}", rows)
