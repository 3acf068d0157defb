"""Reminders of sessions: a day and an hour before, each once."""

from datetime import datetime, timedelta

from django.db import transaction

from tenants.consulting.enums import BookingState, ReminderKind, Side
from tenants.consulting.models import Booking, Reminder
from tenants.consulting.tasks import announce

from .mails import REMINDED

AHEAD = {ReminderKind.HOUR: timedelta(hours=1), ReminderKind.DAY: timedelta(hours=24)}


def _due(booking: Booking, now: datetime) -> ReminderKind | None:
    """The reminder that is due: the nearer one where a late run finds both, none that the booking itself came after."""
    for kind, ahead in AHEAD.items():
        if booking.starts - ahead <= now:
            return kind if booking.booked_at <= booking.starts - ahead else None
    return None


def send_reminders(*, now: datetime) -> int:
    """Remind both sides of every session that begins within a day. Safe to run twice, late, and several at once."""
    sent = 0
    soon = Booking.objects.filter(
        state=BookingState.BOOKED,
        period__startswith__gt=now,
        period__startswith__lte=now + AHEAD[ReminderKind.DAY],
    )
    for booking in soon.order_by("period", "pk"):
        kind = _due(booking, now)
        if kind is None:
            continue
        with transaction.atomic():
            _row, made = Reminder.objects.get_or_create(booking=booking, kind=kind, defaults={"made_at": now})
            if made:
                announce(booking, REMINDED, (Side.ADVISER, Side.COMPANY))
                sent += 1
    return sent
