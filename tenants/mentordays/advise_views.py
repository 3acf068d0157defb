"""An adviser's pages of mentor days."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from incubator.audit.services import note_access

from . import ranking_views, selectors
from .enums import Side
from .forms import Choice
from .models import MentorDay


def _choices(request: Any, day: MentorDay) -> Sequence[Choice]:
    invited = selectors.companies_for(request.user).filter(day=day).select_related("company")
    shown = (f"company__{name}" for name in selectors.COMPANY_SHOWN)
    rows = list(invited.only("id", "day", *shown).order_by("company__name", "pk"))
    note_access(request, "company", (each.company_id for each in rows), task="mentor day")
    return [Choice(each.company_id, each.company.name, each.company.summary) for each in rows]


PLACE = ranking_views.Place(
    Side.ADVISER, "advise_mentordays", lambda request: request.acting.scope_id, _choices
)


@require_safe
def home(request: Any) -> HttpResponse:
    return ranking_views.home(request, PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
def day(request: Any, pk: int) -> HttpResponse:
    return ranking_views.day(request, PLACE, pk)


@require_safe
def sheet(request: Any, pk: int) -> HttpResponse:
    return ranking_views.sheet(request, PLACE, pk, request.acting.label)
