"""The desk of the day: who has come, what each side says, and the introductions that follow; and the board of the hall."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.errors import DomainError
from investors.demoday import selectors, services
from investors.demoday.enums import MeetingState, PassReason, PlanState, VerdictValue
from investors.demoday.errors import MeetingClosed
from investors.demoday.grids import board_of
from investors.demoday.models import DemoDay, Meeting
from investors.demoday.services.desk import GOES_ON
from investors.matching import selectors as matching
from investors.matching.models import Introduction

from .pages import page

_STATES = (
    MeetingState.ARRIVED,
    MeetingState.OVER,
    MeetingState.NO_SHOW_COMPANY,
    MeetingState.NO_SHOW_FIRM,
)


def _meetings(request: HttpRequest, day: DemoDay) -> Any:
    return selectors.meetings_for(request.user).filter(plan__day=day, plan__state=PlanState.PUBLISHED)


def _slot(request: HttpRequest, day: DemoDay) -> int:
    """The slot asked for, else the one that runs or ran last, else the first."""
    asked = request.GET.get("slot", "")
    if asked.isdecimal() and 1 <= int(asked) <= day.slot_count:
        return int(asked)
    now = timezone.now()
    return max((slot.number for slot in day.slots if slot.starts <= now), default=1)


def page_of(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    """The meetings of one slot, each with its buttons, and the pairs of the whole day that both want to continue."""
    number = _slot(request, day)
    meetings = list(_meetings(request, day).held().order_by("table", "pk"))
    verdicts = {
        (each.company_id, each.firm_id, each.side): each
        for each in selectors.verdicts_for(request.user).filter(day=day)
    }
    live = {
        (each.company_id, each.firm_id): each
        for each in matching.introductions_for(request.user).filter(
            state__in=Introduction.LIVE, company__demo_days__day=day
        )
    }
    cards = [
        {
            "meeting": each,
            "sides": [
                {
                    "side": side,
                    "name": name,
                    "verdict": verdicts.get((each.company_id, each.firm_id, side)),
                }
                for side, name in (("company", each.company.name), ("firm", each.firm.name))
            ],
        }
        for each in meetings
        if each.slot == number
    ]
    by_pair = {(each.company_id, each.firm_id): each for each in meetings}
    both = [
        {
            "meeting": by_pair[pair],
            "introduction": live.get(pair),
            "goes_on": pair not in live or live[pair].state in GOES_ON,
        }
        for pair in selectors.both_continue(request.user, day)
        if pair in by_pair
    ]
    slots = list(day.slots)
    return page(
        model_admin,
        request,
        "desk",
        day,
        "desk",
        title=_("Desk"),
        slots=slots,
        slot=slots[number - 1],
        begun=slots[number - 1].starts <= timezone.now(),
        cards=cards,
        both=both,
        recorded=len({pair[:2] for pair in verdicts}),
        total=len(meetings),
        states=[(state.value, state.label) for state in _STATES],
        reasons=PassReason.choices,
    )


def act(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    """One tap: `act` says what, `meeting` of which."""
    model_admin.demand_writer(request)
    pk = request.POST.get("meeting", "")
    # The desk may have had an older version open: the service finds the pair's meeting in the one in force.
    found = selectors.meetings_for(request.user).filter(plan__day=day).select_related("plan__day")
    meeting: Meeting = get_object_or_404(
        found.select_related("company", "firm").defer("plan__input", "plan__proof"),
        pk=int(pk) if pk.isdecimal() and len(pk) < 18 else 0,
    )
    try:
        _perform(request, meeting)
    except DomainError as error:
        messages.error(request, str(error))
    back = reverse("admin:demoday_demoday_desk", args=[day.pk])
    anchor = "both" if request.POST.get("act") == "introduce" else f"m{meeting.company_id}-{meeting.firm_id}"
    return HttpResponseRedirect(f"{back}?slot={meeting.slot}#{anchor}")


def _perform(request: HttpRequest, meeting: Meeting) -> None:
    now, actor = timezone.now(), request.user
    what, *rest = request.POST.get("act", "").split(":")
    if what == "state" and len(rest) == 1:
        services.mark_meeting(meeting=meeting, state=rest[0], actor=actor)
    elif what == "call" and len(rest) == 1:
        services.call_to_table(meeting=meeting, who=rest[0], actor=actor)
    elif what == "undo" and rest and rest[0] in ("company", "firm"):
        services.undo_verdict(meeting=meeting, side=rest[0], actor=actor)
    elif (
        what == "verdict"
        and len(rest) >= 2
        and rest[0] in ("company", "firm")
        and rest[1] in VerdictValue.values
    ):
        services.record_verdict(
            meeting=meeting,
            side=rest[0],
            value=rest[1],
            reason=rest[2] if len(rest) > 2 else "",
            note=request.POST.get("note", ""),
            actor=actor,
            now=now,
        )
    elif what == "introduce":
        services.propose_introduction(meeting=meeting, actor=actor, now=now)
        messages.success(
            request,
            _(
                "The introduction of %(company)s and %(firm)s is proposed: the company is asked for its consent."
            )
            % {"company": meeting.company.name, "firm": meeting.firm.name},
        )
    else:
        raise MeetingClosed


def board(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    """The television of the hall. It asks for itself again, with htmx in parts and without JavaScript as a whole."""
    now = timezone.now()
    context = {"day": day, "board": board_of(day, _meetings(request, day).held(), now), "now": now}
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"admin/demoday/{'board_live' if part else 'board'}.html", context)
