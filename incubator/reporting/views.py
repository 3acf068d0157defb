from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.downloads import csv_response, xlsx_response
from tenants.intake import selectors as intake

from . import exports, selectors

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}


@require_safe
@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    calls = intake.open_calls(request.user, timezone.now())[:5]
    return render(request, "front.html", {"figures": selectors.front_figures(), "calls": calls})


@require_safe
def residents(request: HttpRequest, kind: str) -> HttpResponse:
    """The state of all companies as a file; `kind` is csv or xlsx. Under /admin/, so staff's alone."""
    if kind not in _FORMATS:
        raise Http404
    today = timezone.localdate()
    name = _("residents-%(day)s") % {"day": today.isoformat()}
    return _FORMATS[kind](name, exports.residents(request.user, today))
