"""The managers' numbers of matching, the same as files, and what of them everybody may know."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.downloads import csv_response, xlsx_response

from . import matching, public

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
_NARROWING = ("run", "firm", "company")


def _keep(request: HttpRequest) -> Callable[[matching.Pair], bool]:
    """The pairs of the run, firm and company asked for; 0 is no run. What is no number asks for nothing."""
    wanted = {}
    for name in _NARROWING:
        asked = request.GET.get(name, "")
        if asked.isascii() and asked.isdecimal() and len(asked) < 19:
            wanted[name] = int(asked) or None
    return lambda pair: all(getattr(pair, name) == value for name, value in wanted.items())


def _table(request: HttpRequest, name: str, reading: matching.Reading) -> Any:
    if name == "pairs":
        return matching.pairs_table(reading, _keep(request))
    return matching.TABLES[name](reading)


@require_safe
def report(request: Any, part: str = "funnel") -> HttpResponse:
    """One part of the numbers. Under /admin/, so staff's alone."""
    if part not in matching.PARTS:
        raise Http404
    reading = matching.read(request.user)
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": _("Matching in numbers"),
        "part": part,
        "parts": [(name, title) for name, (title, _tables) in matching.PARTS.items()],
        "tables": [_table(request, name, reading) for name in matching.PARTS[part][1]],
        "funnel": matching.funnel(reading.pairs),
        "query": request.GET.urlencode(),
    }
    return TemplateResponse(request, "reporting/matching.html", context)


@require_safe
def download(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """One table as a file; `kind` is csv or xlsx. Under /admin/, so staff's alone."""
    if kind not in _FORMATS or name not in matching.TABLES:
        raise Http404
    rows = _table(request, name, matching.read(request.user)).rows()
    return _FORMATS[kind](f"matching-{name}-{timezone.localdate()}", rows)


@require_safe
@login_not_required
def numbers(request: HttpRequest) -> HttpResponse:
    return render(request, "numbers.html", {"figures": public.figures(), "least": public.LEAST})
