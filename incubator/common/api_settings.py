"""What DRF's settings name: who acts, what that allows, errors as problem+json, cursor pages.

Apart from api.py because DRF imports these while it is itself being imported.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from .errors import DomainError


class ActingAuthentication(BaseAuthentication):
    """Takes the person whom the middleware found (by bearer token or session); a session's POST needs its CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        raw = request._request
        token = getattr(raw, "camp_token", None)
        user = getattr(raw, "user", None)
        if user is None or not user.is_authenticated:
            if raw.headers.get("Authorization"):
                raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
            return None
        if token is None:
            SessionAuthentication().enforce_csrf(request)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="camp"'


class HasRole(BasePermission):
    """Someone who acts in a role. Writing needs a token with the scope `write` (a session has it); an investor never writes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        acting = getattr(request._request, "acting", None)
        if acting is None or acting.kind == "public":
            return False
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return True
        token: Any = request.auth
        return not acting.read_only and (token is None or "write" in token.scopes)


class NewestFirst(CursorPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-pk"


def problem(code: str, title: str, http_status: int, **more: Any) -> Response:
    """An RFC 9457 answer. `code` is stable; `title` is in the reader's language."""
    body = {"type": "about:blank", "status": http_status, "code": code, "title": title, **more}
    return Response(body, status=http_status, content_type="application/problem+json")


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every failure of an API view as problem+json, with what it had written taken back."""
    transaction.set_rollback(True)
    if isinstance(error, DomainError):
        more = {"errors": {error.field: [str(error)]}} if error.field else {}
        return problem(error.code, str(error), error.status, **more)
    if isinstance(error, Http404):
        return problem("not_found", _("There is nothing here that you may see."), 404)
    if isinstance(error, PermissionDenied):
        return problem("not_allowed", _("You may not do this."), 403)
    if isinstance(error, exceptions.ValidationError):
        return problem("invalid", _("Some values cannot be taken."), 400, errors=error.detail)
    if isinstance(error, exceptions.APIException):
        response = problem(
            str(error.get_codes() if isinstance(error.detail, str) else error.default_code),
            str(error.detail),
            error.status_code,
        )
        if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            response["WWW-Authenticate"] = ActingAuthentication().authenticate_header(context["request"])
        return response
    return None
