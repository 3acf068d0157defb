"""Meetings of programmes in a person's calendar."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from incubator.common.icalendars import CalendarEvent
from tenants.companies.models import Membership
from tenants.consulting.models import Adviser
from tenants.consulting.quarters import SEOUL

from .enums import ProgrammeState, SignUpState
from .models import Meeting

DOMAIN = "programmes.camp"
# How far back a feed reaches: calendars keep what they once took in.
REACH = timedelta(days=3660)


def meetings_of(user: Any, now: datetime) -> Iterable[CalendarEvent]:
    """The meetings in which the person has a seat or teaches; those that are called off stay, as cancelled."""
    companies = Membership.objects.filter(user=user).values("company")
    seated = Q(
        programme__sign_ups__person=user,
        programme__sign_ups__company__in=companies,
        programme__sign_ups__state=SignUpState.SIGNED,
    )
    taught = Q(programme__adviser__in=Adviser.objects.filter(user=user, active=True))
    found = (
        Meeting.objects.filter(seated | taught, period__endswith__gt=now - REACH)
        .exclude(programme__state=ProgrammeState.DRAFT)
        .select_related("programme", "room", "link")
        .order_by("period", "pk")
        .distinct()
    )
    for meeting in found:
        title = meeting.programme.shown_title
        yield CalendarEvent(
            uid=f"{meeting.pk}@{DOMAIN}",
            sequence=meeting.sequence,
            changed_at=meeting.updated_at,
            starts=meeting.starts.astimezone(SEOUL),
            ends=meeting.ends.astimezone(SEOUL),
            summary=f"{title} · {meeting.subject}" if meeting.subject else title,
            location=meeting.online_url or str(meeting.where),
            cancelled=meeting.is_off,
        )
