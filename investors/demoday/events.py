"""Meetings of demo days in people's calendars: founders and firms see their own of the timetable in force."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from incubator.common.icalendars import CalendarEvent

from .enums import DayState, MeetingState, PlanState
from .models import DemoDay, Meeting

KEPT = timedelta(days=60)


def meetings_of(user: Any, now: datetime) -> list[CalendarEvent]:
    """A person's meetings, for all companies and firms that they belong to. Asked under the system's role."""
    mine = Q(company__memberships__user=user)
    # Under the system's role nobody knows to which firm a company without a name has opened itself: it is left out.
    theirs = Q(firm__members__user=user, company__visible_to_investors=True, company__shown_by_name=True)
    found = (
        Meeting.objects.filter(
            mine | theirs, plan__state=PlanState.PUBLISHED, plan__day__day__gte=(now - KEPT).date()
        )
        .select_related("plan__day", "company", "firm")
        .defer("plan__input", "plan__proof")
        .order_by("slot", "pk")
        .distinct()
    )
    by_day: dict[int, list[Meeting]] = {}
    for each in found:
        by_day.setdefault(each.plan_id, []).append(each)
    if not by_day:
        return []
    firms = set(user.firm_memberships.values_list("firm_id", flat=True))
    return [
        event
        for meetings in by_day.values()
        for event in events_of_meetings(
            meetings, day=meetings[0].plan.day, number=meetings[0].plan.number, for_firms=firms
        )
    ]


def events_of_meetings(
    meetings: Iterable[Meeting], *, day: DemoDay, number: int, for_firms: Iterable[int] = ()
) -> list[CalendarEvent]:
    """One event a meeting; its uid stays through repairs, its sequence is the version of the timetable."""
    own, slots = set(for_firms), day.slots
    events = []
    for each in meetings:
        firm_reads = each.firm_id in own
        other = each.company.name if firm_reads else each.firm.name
        place = _("Table %(table)s") % {"table": each.table}
        events.append(
            CalendarEvent(
                uid=f"demoday-{day.pk}-{each.company_id}-{each.firm_id}@startup-camp",
                sequence=number,
                changed_at=each.updated_at,
                starts=slots[each.slot - 1].starts,
                ends=slots[each.slot - 1].ends,
                summary=_("%(day)s: %(other)s") % {"day": day.display_title, "other": other},
                location=f"{place}, {day.place}" if day.place else place,
                cancelled=each.state == MeetingState.CANCELLED or day.state == DayState.CALLED_OFF,
            )
        )
    return events
