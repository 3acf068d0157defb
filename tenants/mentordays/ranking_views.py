"""What the pages of companies and advisers share: their days, their wishes, their own timetable, on paper too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.errors import DomainError
from incubator.common.papers import pdf_response

from . import selectors, services, sheets
from .enums import DayState, Side
from .forms import Choice, Ranking, fill
from .models import MentorDay


@dataclass(frozen=True)
class Place:
    """One side's pages: whose they are, how its addresses are called, and whom it puts in order."""

    side: Side
    urls: str
    party: Callable[[Any], int]
    choices: Callable[[Any, MentorDay], Sequence[Choice]]

    @property
    def other(self) -> str:
        return "adviser" if self.side == Side.COMPANY else "company"


def home(request: Any, place: Place) -> HttpResponse:
    now = timezone.now()
    days = list(selectors.days_for(request.user).order_by("-day", "-pk")[:50])
    context = {"rows": [(day, day.takes_wishes(now)) for day in days], "place": place}
    return render(request, "tenants/mentordays/home.html", context)


def found_day(request: Any, pk: int) -> MentorDay:
    day: MentorDay = get_object_or_404(selectors.days_for(request.user), pk=pk)
    return day


def day(request: Any, place: Place, pk: int) -> HttpResponse:
    """The ranking while wishes are collected, the own timetable once it is published."""
    found, now = found_day(request, pk), timezone.now()
    context: dict[str, Any] = {"day": found, "place": place, "open": found.takes_wishes(now)}
    status = 200
    if found.state == DayState.RANKING:
        ranking = _ranking(request, place, found)
        if request.method == "POST":
            if (done := _save(request, place, found, ranking, now)) is not None:
                return done
            status = 422 if not getattr(request, "htmx", False) else 200
        context["ranking"] = ranking
    elif found.state in (DayState.PUBLISHED, DayState.OVER, DayState.CALLED_OFF):
        meetings = list(selectors.shown_to(selectors.meetings_for(request.user).filter(day=found)))
        context["meetings"] = meetings
        context["next"] = next(
            (each for each in meetings if not each.cancelled and each.slot.period.upper > now), None
        )
    return render(request, "tenants/mentordays/day.html", context, status=status)


def _ranking(request: Any, place: Place, found: MentorDay) -> Ranking:
    choices = place.choices(request, found)
    if request.method == "POST":
        return Ranking(choices, request.POST)
    wishes = list(selectors.wishes_for(request.user).filter(day=found))
    return Ranking(fill(choices, wishes, place.other))


def _save(
    request: HttpRequest, place: Place, found: MentorDay, ranking: Ranking, now: Any
) -> HttpResponse | None:
    if not ranking.is_valid:
        return None
    try:
        services.save_wishes(
            day=found,
            side=place.side,
            party_id=place.party(request),
            ranks=ranking.ranks,
            vetoes=ranking.vetoes,
            notes=ranking.notes,
            actor=request.user,
            now=now,
        )
    except DomainError as error:
        ranking.problem = str(error)
        return None
    messages.success(request, _("Your wishes are kept. You can change them until the time is up."))
    return redirect(f"{place.urls}:day", pk=found.pk)


def sheet(request: Any, place: Place, pk: int, name: str) -> HttpResponse:
    """The own timetable as a PDF."""
    found, now = found_day(request, pk), timezone.now()
    meetings = list(selectors.shown_to(selectors.meetings_for(request.user).filter(day=found)))
    content = sheets.paper(found, [(place.side, place.party(request), name)], meetings, now=now)
    return pdf_response(_("mentor-day-%(day)s") % {"day": found.day.isoformat()}, content)
