"""Meetings of published days as events of a person's calendar."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from incubator.common.icalendars import CalendarEvent
from tenants.companies.models import Membership
from tenants.consulting.models import Adviser
from tenants.consulting.quarters import SEOUL

from .enums import ArrangementState, DayState
from .models import Meeting

DOMAIN = "mentordays.camp"
REACH = timedelta(days=3660)


def meetings_of(user: Any, now: datetime) -> Iterable[CalendarEvent]:
    """A person's meetings: of the companies they are of, and those they give as an adviser. One that moved is one event at
    its new time; one that was cancelled stays, as cancelled."""
    found = (
        Meeting.objects.filter(
            arrangement__state=ArrangementState.PUBLISHED, slot__period__endswith__gt=now - REACH
        )
        .select_related("arrangement", "company", "adviser", "slot", "table__room", "day")
        .order_by("slot__period", "pk")
    )
    companies = Membership.objects.filter(user=user).values("company")
    for each in found.filter(company__in=companies):
        yield event_of(each, to_adviser=False)
    given = Adviser.objects.filter(user=user, active=True).values_list("pk", flat=True).first()
    if given is not None:
        for each in found.filter(adviser=given):
            yield event_of(each, to_adviser=True)


def event_of(meeting: Meeting, *, to_adviser: bool) -> CalendarEvent:
    other = meeting.company.name if to_adviser else meeting.adviser.name
    day, version = meeting.day, meeting.arrangement
    return CalendarEvent(
        uid=f"{day.pk}-{meeting.company_id}-{meeting.adviser_id}@{DOMAIN}",
        sequence=version.number + (day.state == DayState.CALLED_OFF),
        changed_at=version.published_at or version.made_at,
        starts=meeting.slot.period.lower.astimezone(SEOUL),
        ends=meeting.slot.period.upper.astimezone(SEOUL),
        summary=_("Mentor day: %(other)s") % {"other": other},
        location=" ".join(each for each in (meeting.table.name, day.place) if each),
        cancelled=meeting.cancelled or day.state == DayState.CALLED_OFF,
    )
