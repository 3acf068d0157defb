"""What runs by itself. Each is safe to run twice and late."""

from datetime import timedelta
from smtplib import SMTPException

from celery import shared_task
from django.utils import timezone


@shared_task(
    name="intake.send_letter", autoretry_for=(SMTPException, OSError), retry_backoff=True, max_retries=5
)
def send_letter(letter_id: int) -> None:
    """Send one letter. A second run finds it sent."""
    from . import services

    services.send_letter(letter_id=letter_id, now=timezone.now())


@shared_task(name="intake.send_waiting_letters")
def send_waiting_letters() -> None:
    """Queue what the queue or the mail server has lost."""
    from . import services

    services.send_waiting_letters(before=timezone.now() - timedelta(minutes=5))


@shared_task(name="intake.forget_applications")
def forget_applications() -> None:
    """Delete what may not be kept any longer. A second run finds nothing."""
    from . import services

    services.forget_applications(now=timezone.now())
