"""The calendar of a firm under its secret address: no session, no person, and nothing but a GET."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incubator.audit.services import note_access

from . import meetings

CALENDAR = "text/calendar; charset=utf-8"


@login_not_required
@never_cache
@require_safe
def firm_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar programme reads. An address that was never made, was renewed or was closed does not exist."""
    feed = meetings.feed_of(token, now=timezone.now())
    if feed is None:
        raise Http404
    note_access(request, "company", feed.company_ids, task=f"calendar of firm {feed.firm_id}")
    return HttpResponse(
        feed.content,
        content_type=CALENDAR,
        headers={"Content-Disposition": 'inline; filename="camp.ics"', "X-Robots-Tag": "noindex"},
    )
