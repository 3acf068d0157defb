"""Small pages that belong to no domain."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import i18n
from django.views.decorators.http import require_POST

CONTRASTS = ("high", "normal")
YEAR_SECONDS = 365 * 24 * 3600

set_language = login_not_required(i18n.set_language)


@login_not_required
@require_POST
def set_contrast(request: HttpRequest) -> HttpResponse:
    """Keep the reader's contrast ("high" or "normal") in a cookie and go back to `next`.

    A `next` on another host leads to the front page; an unknown contrast changes nothing.
    """
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    contrast = request.POST.get("contrast")
    if contrast in CONTRASTS:
        response.set_cookie(
            "contrast",
            contrast,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response
