"""The founder's demo days: whom the company wants to meet, and its timetable once it is set."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from incubator.common.downloads import csv_response
from incubator.common.errors import DomainError
from incubator.common.icalendars import write_calendar
from incubator.common.papers import pdf_response

from . import selectors, services
from .enums import DayState, MeetingState, Side
from .events import events_of_meetings
from .models import DayCompany, DemoDay, Meeting
from .models.days import LOWEST_RANK
from .orders import choices, order_of_post
from .sheets import personal_sheets, slot_times, span


def rows_of(day: DemoDay, meetings: Any) -> list[dict[str, Any]]:
    """Meetings as a page lists them, by time; those called off too."""
    slots = slot_times(day)
    return [
        {
            "meeting": each,
            "time": span(slots[each.slot]),
            "off": each.state == MeetingState.CANCELLED,
        }
        for each in sorted(meetings, key=lambda each: (each.slot, each.pk))
    ]


def _invited(request: Any, pk: int) -> DayCompany:
    found = (
        selectors.day_companies_for(request.user)
        .filter(company_id=request.acting.scope_id)
        .exclude(day__state=DayState.DRAFT)
    )
    return get_object_or_404(found, day_id=pk)


def _meetings(request: Any, day: DemoDay) -> QuerySet[Meeting]:
    return selectors.meetings_for(request.user).filter(
        plan__day=day, plan__state="published", company_id=request.acting.scope_id
    )


@require_safe
def home(request: Any) -> HttpResponse:
    days = selectors.days_for(request.user).filter(companies__company_id=request.acting.scope_id).distinct()
    return render(request, "investors/demoday/home.html", {"days": days, "now": timezone.now()})


@require_http_methods(["GET", "HEAD", "POST"])
def day(request: Any, pk: int) -> HttpResponse:
    invited = _invited(request, pk)
    now = timezone.now()
    firms = selectors.offered_firms(invited) if invited.day.state == DayState.RANKING else []
    refused = ""
    if request.method == "POST":
        try:
            order = order_of_post(request.POST, [each.firm_id for each in firms])
            services.rank(
                invited=invited, order={} if "clear" in request.POST else order, actor=request.user, now=now
            )
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(
                request,
                _("Saved: %(count)s firms.") % {"count": len(order)}
                if order and "clear" not in request.POST
                else _("Saved: the order of your match scores counts."),
            )
            return redirect("demoday:day", pk=pk)
    rankings = list(
        selectors.rankings_for(request.user).filter(day=invited.day, company_id=invited.company_id)
    )
    shown = invited.day.state in (DayState.PUBLISHED, DayState.OVER)
    context = {
        "day": invited.day,
        "open": invited.day.takes_wishes(now),
        "choices": choices(
            [(each.firm_id, each.firm.name, each.firm.get_kind_display()) for each in firms],
            rankings,
            "firm_id",
            request.POST if refused else None,
        ),
        "refused": refused,
        "ranked": sum(1 for each in rankings if not each.veto),
        "most": LOWEST_RANK,
        "rows": rows_of(invited.day, _meetings(request, invited.day)) if shown else [],
    }
    return render(request, "investors/demoday/day.html", context)


def _published(request: Any, pk: int) -> DemoDay:
    days = selectors.days_for(request.user).filter(
        companies__company_id=request.acting.scope_id, state__in=[DayState.PUBLISHED, DayState.OVER]
    )
    return get_object_or_404(days.distinct(), pk=pk)


@require_safe
def sheet(request: Any, pk: int) -> HttpResponse:
    found, now = _published(request, pk), timezone.now()
    parties = [(Side.COMPANY, request.acting.label, list(_meetings(request, found)))]
    made = personal_sheets(day=found, number=_number(found), parties=parties, now=now)
    return pdf_response(f"{found.display_title} {request.acting.label}", made)


def _number(found: DemoDay) -> int:
    """The version in force, which everybody who has the day may know."""
    return found.plans.filter(state="published").values_list("number", flat=True).first() or 0


@require_safe
def calendar(request: Any, pk: int) -> HttpResponse:
    found = _published(request, pk)
    return calendar_response(found, _meetings(request, found), _number(found), for_firms=())


def calendar_response(found: DemoDay, meetings: Any, number: int, *, for_firms: Any) -> HttpResponse:
    listed = list(meetings)
    content = write_calendar(
        events_of_meetings(listed, day=found, number=number, for_firms=for_firms), name=found.display_title
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="demoday-{found.pk}.ics"'
    return response


@require_safe
def table(request: Any, pk: int) -> HttpResponse:
    found = _published(request, pk)
    return csv_of(found, _meetings(request, found), Side.COMPANY)


def csv_of(found: DemoDay, meetings: Any, side: Side) -> HttpResponse:
    slots = slot_times(found)
    rows: list[list[Any]] = [[_("Starts"), _("Ends"), _("Table"), _("With"), _("State")]]
    rows += [
        [
            slots[each.slot].starts,
            slots[each.slot].ends,
            each.table,
            each.firm.name if side == Side.COMPANY else each.company.name,
            str(each.get_state_display()),
        ]
        for each in sorted(meetings, key=lambda each: each.slot)
    ]
    return csv_response(f"{found.display_title}", rows)
