"""What follows a session: who came."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed
from tenants.consulting import rules
from tenants.consulting.enums import BookingState
from tenants.consulting.errors import AlreadyCancelled, NobodyCame, SessionAhead
from tenants.consulting.locks import hold
from tenants.consulting.models import Attendance, Booking, SessionReport


def begun(booking: Booking, now: datetime) -> Booking:
    """The booking as it is now, held until the transaction ends, if its session has begun."""
    hold(("slot", booking.slot_id))
    current = Booking.objects.select_for_update(of=("self",), no_key=True).get(pk=booking.pk)
    if current.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    if now < current.starts or current.state == BookingState.REQUESTED:
        raise SessionAhead
    return current


@transaction.atomic
def record_attendance(
    *, booking: Booking, adviser_came: bool, company_came: bool, actor: Any, now: datetime
) -> Attendance:
    """Say who came. Said again, it is corrected. Hours of a session the adviser stayed away from are the company's again.

    Raises NotAllowed, AlreadyCancelled, SessionAhead, and NobodyCame where a report says that the session took place.
    """
    if not rules.may_record(actor, booking):
        raise NotAllowed
    current = begun(booking, now)
    held = adviser_came and company_came
    if not held and SessionReport.objects.filter(booking=current).exists():
        raise NobodyCame
    attendance, _ = Attendance.objects.update_or_create(
        booking=current,
        defaults={
            "adviser_came": adviser_came,
            "company_came": company_came,
            "recorded_by": actor,
            "recorded_at": now,
        },
    )
    current.state = BookingState.HELD if held else BookingState.MISSED
    current.save(update_fields=["state", "updated_at"])
    return attendance
