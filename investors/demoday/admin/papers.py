"""Table cards and personal sheets of the timetable in force."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.papers import pdf_response
from investors.demoday import selectors
from investors.demoday.enums import Side
from investors.demoday.errors import NoPlan
from investors.demoday.models import DemoDay, Meeting, Plan
from investors.demoday.sheets import personal_sheets, table_cards


def _in_force(request: HttpRequest, day: DemoDay) -> tuple[Plan, list[Meeting]] | None:
    plan = selectors.published_plan(day)
    if plan is None:
        return None
    return plan, list(selectors.meetings_for(request.user).held().filter(plan=plan))


def _none(request: HttpRequest, day: DemoDay) -> HttpResponse:
    messages.error(request, str(NoPlan()))
    return HttpResponseRedirect(reverse("admin:demoday_demoday_plan", args=[day.pk]))


def cards(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    found = _in_force(request, day)
    if found is None:
        return _none(request, day)
    plan, meetings = found
    made = table_cards(day=day, number=plan.number, meetings=meetings, now=timezone.now())
    return pdf_response(_("%(day)s table cards") % {"day": day}, made)


def _parties(
    request: HttpRequest, day: DemoDay, meetings: list[Meeting]
) -> list[tuple[Side, int, str, list[Meeting]]]:
    """Everybody who takes part, companies first, each with their meetings."""
    own: dict[tuple[Side, int], list[Meeting]] = defaultdict(list)
    for each in meetings:
        own[Side.COMPANY, each.company_id].append(each)
        own[Side.FIRM, each.firm_id].append(each)
    companies = selectors.day_companies_for(request.user).filter(day=day).order_by("company__name", "pk")
    firms = selectors.day_firms_for(request.user).filter(day=day).order_by("firm__name", "pk")
    return [
        *(
            (Side.COMPANY, each.company_id, each.company.name, own[Side.COMPANY, each.company_id])
            for each in companies
        ),
        *((Side.FIRM, each.firm_id, each.firm.name, own[Side.FIRM, each.firm_id]) for each in firms),
    ]


def sheets(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    """All sheets in one file."""
    found = _in_force(request, day)
    if found is None:
        return _none(request, day)
    plan, meetings = found
    parties = [(side, name, own) for side, _pk, name, own in _parties(request, day, meetings)]
    made = personal_sheets(day=day, number=plan.number, parties=parties, now=timezone.now())
    return pdf_response(_("%(day)s sheets") % {"day": day}, made)


def sheet(model_admin: Any, request: HttpRequest, day: DemoDay, side: str, party: int) -> HttpResponse:
    found = _in_force(request, day)
    if found is None:
        return _none(request, day)
    plan, meetings = found
    own = [
        (each, name, theirs)
        for each, pk, name, theirs in _parties(request, day, meetings)
        if (each.value, pk) == (side, party)
    ]
    if not own:
        raise Http404
    made = personal_sheets(day=day, number=plan.number, parties=own, now=timezone.now())
    return pdf_response(f"{day} {own[0][1]}", made)
