from collections.abc import Iterable
from smtplib import SMTPException

from celery import shared_task
from django.db import transaction

from .models import Booking


@shared_task(
    autoretry_for=(OSError, SMTPException),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=12,
    acks_late=True,
)
def mail_booking(booking_id: int, event: str, sides: list[str]) -> int:
    """Send the mails of one event; a mail server that is away is asked again for hours."""
    from .services import send_booking_mail

    return send_booking_mail(booking_id=booking_id, event=event, sides=sides)


def announce(booking: Booking, event: str, sides: Iterable[str]) -> None:
    """Queue the mails of an event once the transaction that made it is committed. The booking stands if the queue is away:
    that is logged, never shown as a failure of the booking."""
    wanted = [str(side) for side in sides]
    transaction.on_commit(lambda: mail_booking.delay(booking.pk, event, wanted), robust=True)
