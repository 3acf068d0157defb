"""Meetings of demo days in people's calendars: founders and firms see their own of the timetable in force."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from incubator.common.icalendars import CalendarEvent

from .enums import DayState, MeetingState, PlanState
from .models import Meeting

KEPT = timedelta(days=60)


def meetings_of(user: Any, now: datetime) -> list[CalendarEvent]:
    """A person's meetings, for all companies and firms that they belong to. Asked under the system's role."""
    mine = Q(company__memberships__user=user)
    theirs = Q(firm__members__user=user, company__visible_to_investors=True)
    found = (
        Meeting.objects.filter(
            mine | theirs, plan__state=PlanState.PUBLISHED, plan__day__day__gte=(now - KEPT).date()
        )
        .select_related("plan__day", "company", "firm")
        .defer("plan__input", "plan__proof")
        .order_by("slot", "pk")
        .distinct()
    )
    firms = set(user.firm_memberships.values_list("firm_id", flat=True))
    return events_of_meetings(found, for_firms=firms)


def events_of_meetings(meetings: Iterable[Meeting], *, for_firms: Iterable[int] = ()) -> list[CalendarEvent]:
    """One event a meeting; its uid stays through repairs, its sequence is the version of the timetable."""
    own, events = set(for_firms), []
    for each in meetings:
        day = each.plan.day
        slot = day.slots[each.slot - 1]
        firm_reads = each.firm_id in own
        events.append(
            CalendarEvent(
                uid=f"demoday-{day.pk}-{each.company_id}-{each.firm_id}@startup-camp",
                sequence=each.plan.number,
                changed_at=each.updated_at,
                starts=slot.starts,
                ends=slot.ends,
                summary=_("%(day)s: %(other)s")
                % {"day": day.display_title, "other": each.company.name if firm_reads else each.firm.name},
                location=_("Table %(table)s") % {"table": each.table}
                + (f", {day.place}" if day.place else ""),
                url=reverse("demoday_invest:day" if firm_reads else "demoday:day", args=[day.pk]),
                cancelled=each.state == MeetingState.CANCELLED or day.state == DayState.CALLED_OFF,
            )
        )
    return events
