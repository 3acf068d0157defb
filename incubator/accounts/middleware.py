"""Every request runs in one transaction under the database role of the person who asks."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from incubator.audit.services import write_access
from incubator.common.dbroles import database_role

from .acting import PUBLIC, Acting, choose, roles_of
from .enums import ALUMNI, Kind
from .tokens import user_of_token

SESSION_KEY = "acting"
PLACES = {
    "/portal/": Kind.FOUNDER,
    "/admin/": Kind.STAFF,
    "/invest/": Kind.INVESTOR,
    "/advise/": Kind.ADVISER,
    "/review/": Kind.REVIEWER,
}
OUTSIDE = ("/healthz", "/readyz")
READ_METHODS = ("GET", "HEAD", "OPTIONS")


def place_of(path: str) -> str | None:
    """The kind of role that a path belongs to, None for what is everyone's."""
    return next((kind for prefix, kind in PLACES.items() if path.startswith(prefix)), None)


def acting_for(request: HttpRequest) -> Acting:
    """The role in force: the path says which kind of role it needs, the session which of several of it.

    Paths that belong to everyone (front page, sign-in, own account) run under the public role whoever asks.
    """
    path = request.path_info
    wanted = request.session.get(SESSION_KEY, "")
    roles = roles_of(request.user)
    if path.startswith("/api/"):
        # Reviewers have pages and no machines: what they may read is too narrow for lists.
        return choose([role for role in roles if role.kind != Kind.REVIEWER], wanted=wanted)
    kind = place_of(path)
    return choose(roles, kind=kind, wanted=wanted) if kind else PUBLIC


def _is_write(request: HttpRequest) -> bool:
    return request.method not in READ_METHODS and place_of(request.path_info) == Kind.FOUNDER


class DatabaseRoleMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith((*OUTSIDE, settings.STATIC_URL)):
            return self.get_response(request)
        token = user_of_token(request) if request.path_info.startswith("/api/") else None
        if token is not None:
            request.user, acting = token.user, token.acting
        else:
            acting = acting_for(request)
        request.acting = acting  # type: ignore[attr-defined]
        request.user.acting = acting  # type: ignore[union-attr]
        if request.path_info.startswith("/invest/") and request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if acting.level == ALUMNI and _is_write(request):
            # The transaction would refuse it as well; here it is said in words.
            return render(request, "alumni.html", status=403)
        user_id = getattr(request.user, "pk", None)
        with database_role(
            acting.database_role,
            user_id=user_id,
            company_ids=acting.company_ids,
            firm_ids=acting.firm_ids,
            adviser_id=acting.adviser_id,
            read_only=acting.read_only,
        ):
            response = self.get_response(request)
            if getattr(request, "_camp_failed", False) or response.status_code >= 500:
                transaction.set_rollback(True)
        write_access(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """A place that is not one's own does not exist; whoever is signed out is asked to sign in, fragments too."""
        kind = place_of(request.path_info)
        if kind is None or request.acting.kind == kind:  # type: ignore[attr-defined]
            return None
        if request.user.is_authenticated:
            raise Http404
        target = request.headers.get("HX-Current-URL") if request.headers.get("HX-Request") else None
        response = redirect_to_login(urlsplit(target).path if target else request.get_full_path())
        if target:
            return HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """A view that raises leaves nothing behind, whatever page its exception turns into."""
        request._camp_failed = True  # type: ignore[attr-defined]
