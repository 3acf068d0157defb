"""Bookings that an adviser agrees to first."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incubator.common.errors import NotAllowed
from tenants.consulting import rules
from tenants.consulting.enums import BookingState, Ending, Side
from tenants.consulting.errors import NotRequested, SlotPast
from tenants.consulting.models import Booking
from tenants.consulting.tasks import announce

from .bookings import end_booking, held_booking
from .freeing import free_time
from .mails import BOOKED, CANCELLED


@transaction.atomic
def approve_request(*, booking: Booking, actor: Any, now: datetime) -> Booking:
    """Agree to a request: it is a booking from now on. Raises NotAllowed, NotRequested, SlotPast."""
    if not rules.may_record(actor, booking):
        raise NotAllowed
    current = held_booking(booking)
    if current.state != BookingState.REQUESTED or (current.expires_at and current.expires_at <= now):
        raise NotRequested
    if current.starts <= now:
        raise SlotPast
    current.state, current.decided_by, current.decided_at = BookingState.BOOKED, actor, now
    current.sequence += 1
    current.save(update_fields=["state", "decided_by", "decided_at", "sequence", "updated_at"])
    announce(current, BOOKED, (Side.COMPANY, Side.ADVISER))
    return current


@transaction.atomic
def decline_request(*, booking: Booking, reason: str, actor: Any, now: datetime) -> Booking:
    """Decline a request, with a reason that the company reads. Raises NotAllowed, NotRequested, ReasonMissing, Invalid."""
    if not rules.may_record(actor, booking):
        raise NotAllowed
    current = held_booking(booking)
    if current.state != BookingState.REQUESTED:
        raise NotRequested
    side = rules.side_of(actor, booking) or Side.OFFICE
    end_booking(current, ending=Ending.DECLINED, reason=reason, side=side, actor=actor, now=now)
    free_time(current.slot_id, now=now)
    announce(current, CANCELLED, (Side.COMPANY,))
    return current


def expire_requests(*, now: datetime) -> int:
    """End every request that nobody answered in time; its time and hours are free again. Safe to run twice."""
    ended = 0
    late = Booking.objects.filter(state=BookingState.REQUESTED, expires_at__lte=now).order_by(
        "expires_at", "pk"
    )
    for booking in late:
        with transaction.atomic():
            current = held_booking(booking)
            if current.state != BookingState.REQUESTED:
                continue
            reason = _("The request was not answered in time.")
            end_booking(current, ending=Ending.EXPIRED, reason=reason, side=Side.OFFICE, actor=None, now=now)
            free_time(current.slot_id, now=now)
            announce(current, CANCELLED, (Side.COMPANY, Side.ADVISER))
            ended += 1
    return ended
