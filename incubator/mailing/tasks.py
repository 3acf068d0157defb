"""What runs by itself. Each is safe to run twice and late."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone


@shared_task(name="mailing.deliver")
def deliver(mail_id: int) -> None:
    """Send one mail. The claim is committed before the mail server hears of it; a second run finds it taken."""
    from . import services

    now = timezone.now()
    if services.claim(mail_id=mail_id, now=now):
        transaction.on_commit(lambda: _transmit(mail_id))


def _transmit(mail_id: int) -> None:
    from . import services

    services.transmit(mail_id=mail_id, now=timezone.now())


@shared_task(name="mailing.deliver_waiting")
def deliver_waiting() -> int:
    """Queue again what the queue or the mail server did not take."""
    from . import services

    return services.deliver_waiting(now=timezone.now())
