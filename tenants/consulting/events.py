"""Sessions as events of calendars."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from incubator.common.icalendars import CalendarEvent
from tenants.companies.models import Membership

from .enums import BookingState, Ending, Place
from .models import Adviser, Booking
from .quarters import SEOUL

DOMAIN = "consulting.camp"
# How far back a feed reaches: calendars keep what they once took in.
REACH = timedelta(days=3660)


def uid_of(booking: Booking) -> str:
    return f"{booking.uid}@{DOMAIN}"


def _where(booking: Booking) -> str:
    slot = booking.slot
    if slot.room:
        return f"{slot.room.name} {slot.room.place}".strip()
    if slot.place == Place.VISIT:
        return str(_("A visit"))
    return slot.online_url or str(_("Online"))


def event_of(booking: Booking, *, to_adviser: bool) -> CalendarEvent:
    """A booking (with slot, room, link, adviser and company) as the adviser's or the company's calendar shows it.

    Questions and files stay on the pages: a calendar is read by many machines.
    """
    other = booking.company.name if to_adviser else booking.adviser.name
    return CalendarEvent(
        uid=uid_of(booking),
        sequence=booking.sequence,
        changed_at=booking.updated_at,
        starts=booking.starts.astimezone(SEOUL),
        ends=booking.ends.astimezone(SEOUL),
        summary=_("Consulting: %(other)s") % {"other": other},
        location=_where(booking),
        cancelled=booking.state == BookingState.CANCELLED,
    )


def sessions_of(user: Any, now: datetime) -> Iterable[CalendarEvent]:
    """A person's sessions: those they attend for a company they are still of, and those they give as an adviser.

    Cancelled ones stay in it, moved ones are one event at their new time; requests are not events yet.
    """
    found = (
        Booking.objects.filter(period__endswith__gt=now - REACH)
        .exclude(state=BookingState.REQUESTED)
        .exclude(ended_as__in=[Ending.MOVED, Ending.DECLINED, Ending.EXPIRED])
        .select_related("slot__room", "slot__link", "adviser", "company")
        .order_by("period", "pk")
    )
    companies = Membership.objects.filter(user=user).values("company")
    attended = Q(attendees__person=user, company__in=companies)
    given = Adviser.objects.filter(user=user, active=True).values_list("pk", flat=True).first()
    for booking in found.filter(attended):
        yield event_of(booking, to_adviser=False)
    if given is not None:
        for booking in found.filter(adviser=given):
            yield event_of(booking, to_adviser=True)
