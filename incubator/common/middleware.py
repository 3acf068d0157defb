"""The doormen: what may run in a reader's browser, and what no page of ours takes in."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render

ADMIN = "/admin/"


class HostileInputMiddleware:
    """NUL in the address or a form is 400 and a body over the upload limit 413, in words, before any view sees it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            length = 0
        if length > settings.REQUEST_MAX_BYTES:
            return render(request, "413.html", status=413)
        if "\x00" in request.path_info or any(
            "\x00" in value for values in request.GET.lists() for value in (values[0], *values[1])
        ):
            return render(request, "400.html", status=400)
        if request.method == "POST" and not request.path_info.startswith("/api/"):
            try:
                hostile = any("\x00" in value for _, values in request.POST.lists() for value in values)
            except RequestDataTooBig:
                return render(request, "413.html", status=413)
            except (SuspiciousOperation, MultiPartParserError, TooManyFilesSent):
                return render(request, "400.html", status=400)
            if hostile:
                return render(request, "400.html", status=400)
        return self.get_response(request)


class CampCSPMiddleware(CSPMiddleware):
    """The strict policy of the settings everywhere but in the admin: Unfold's Alpine evaluates its expressions,
    and its theme colours come in a style element."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN) and not report_only:
            parts.replace = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
        return parts
