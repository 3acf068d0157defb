"""A person's calendar: the feed itself, and the page on which its secret address is made and closed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from . import selectors, services


@login_not_required
@never_cache
@require_safe
def feed(request: Any, token: str) -> HttpResponse:
    """What a calendar programme reads. An address that was never made, was renewed or closed, or whose person has left does
    not exist."""
    content = services.feed_of(token, now=timezone.now())
    if content is None:
        raise Http404
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="camp.ics"', "X-Robots-Tag": "noindex"},
    )


def page(request: Any, *, place: str) -> HttpResponse:
    """`place` is the namespace whose menu is shown. A new address is shown once, in the answer to the click that made it."""
    token = ""
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            services.revoke_feed(user=request.user, actor=request.user, now=timezone.now())
            messages.success(request, _("The address is closed. Calendars that use it get nothing any more."))
            return redirect(f"{place}:calendar")
        token = services.renew_feed(user=request.user, actor=request.user, now=timezone.now())
    found = selectors.feeds_for(request.user).first()
    context = {
        "feed": found if found and found.revoked_at is None else None,
        "address": request.build_absolute_uri(reverse("calendar_feed", args=[token])) if token else "",
        "home": f"{place}:home",
        "here": f"{place}:calendar",
    }
    response = render(request, "tenants/consulting/calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def founders(request: Any) -> HttpResponse:
    return page(request, place="consulting")


@require_http_methods(["GET", "POST"])
def advisers(request: Any) -> HttpResponse:
    return page(request, place="advise")
