"""The firms' demo days: their timetable, to be read and taken along. GET and HEAD only."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from incubator.audit.services import note_access
from incubator.common.papers import pdf_response

from . import selectors
from .enums import Side
from .models import DemoDay, Meeting
from .sheets import personal_sheets
from .views import calendar_response, csv_of, rows_of


def _day(request: Any, pk: int) -> DemoDay:
    return get_object_or_404(_days(request), pk=pk)


def _days(request: Any) -> QuerySet[DemoDay]:
    return (
        selectors.days_for(request.user)
        .filter(firms__firm_id__in=request.acting.firm_ids, state__in=["published", "over"])
        .distinct()
    )


def _meetings(request: Any, day: DemoDay) -> list[Meeting]:
    found = list(
        selectors.meetings_for(request.user).filter(
            plan__day=day, plan__state="published", firm_id__in=request.acting.firm_ids
        )
    )
    note_access(request, "company", [each.company_id for each in found], task="demo day")
    return found


def _number(day: DemoDay) -> int:
    return day.plans.filter(state="published").values_list("number", flat=True).first() or 0


@require_safe
def home(request: Any) -> HttpResponse:
    return render(request, "investors/demoday/invest_home.html", {"days": _days(request)})


@require_safe
def day(request: Any, pk: int) -> HttpResponse:
    found = _day(request, pk)
    context = {"day": found, "rows": rows_of(found, _meetings(request, found))}
    return render(request, "investors/demoday/invest_day.html", context)


@require_safe
def sheet(request: Any, pk: int) -> HttpResponse:
    found, now = _day(request, pk), timezone.now()
    parties = [(Side.FIRM, request.acting.label, _meetings(request, found))]
    made = personal_sheets(day=found, number=_number(found), parties=parties, now=now)
    return pdf_response(f"{found.display_title} {request.acting.label}", made)


@require_safe
def calendar(request: Any, pk: int) -> HttpResponse:
    found = _day(request, pk)
    firms = request.acting.firm_ids
    return calendar_response(found, _meetings(request, found), _number(found), for_firms=firms)


@require_safe
def table(request: Any, pk: int) -> HttpResponse:
    found = _day(request, pk)
    return csv_of(found, _meetings(request, found), Side.FIRM)
