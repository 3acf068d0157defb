"""A company's pages of mentor days."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from . import ranking_views, selectors
from .enums import Side
from .forms import Choice
from .models import MentorDay


def _choices(request: Any, day: MentorDay) -> Sequence[Choice]:
    invited = selectors.advisers_for(request.user).filter(day=day).select_related("adviser")
    rows = invited.only("id", "day", "adviser__name", "adviser__fields").order_by("adviser__name", "pk")
    return [Choice(each.adviser_id, each.adviser.name, ", ".join(each.adviser.field_labels)) for each in rows]


PLACE = ranking_views.Place(Side.COMPANY, "mentordays", lambda request: request.acting.scope_id, _choices)


@require_safe
def home(request: Any) -> HttpResponse:
    return ranking_views.home(request, PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
def day(request: Any, pk: int) -> HttpResponse:
    return ranking_views.day(request, PLACE, pk)


@require_safe
def sheet(request: Any, pk: int) -> HttpResponse:
    return ranking_views.sheet(request, PLACE, pk, request.acting.label)
