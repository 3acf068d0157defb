from datetime import timedelta
from smtplib import SMTPException

from celery import shared_task
from django.utils import timezone


@shared_task
def import_usage_file(import_id: int) -> None:
    """Import the kept file of a waiting import. A second run finds it finished and does nothing."""
    from .services import finish_import

    finish_import(import_id=import_id, now=timezone.now())


@shared_task(
    autoretry_for=(OSError, SMTPException),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=12,
    acks_late=True,
)
def send_credit_mail(mail_id: int) -> bool:
    """Send one mail about credits. A second run finds it sent and does nothing."""
    from .services import send_mail

    return send_mail(mail_id=mail_id, now=timezone.now())


@shared_task(name="compute.send_waiting_mails")
def send_waiting_mails() -> int:
    """Queue again what should have gone out an hour ago."""
    from . import services

    return services.send_waiting_mails(before=timezone.now() - timedelta(hours=1))


@shared_task(name="compute.warn_of_ends")
def warn_of_ends() -> int:
    """Warn of grants that end soon with credits left; each warning once, however often this runs."""
    from . import services

    return services.warn_of_ends(now=timezone.now())


@shared_task(name="compute.expire_lots")
def expire_lots() -> int:
    """Return what grants have left whose end is over, was warned of, and has settled. A second run finds nothing."""
    from . import services

    return len(services.expire_lots(actor=None, now=timezone.now()))


@shared_task(name="compute.review_lots")
def review_lots() -> int:
    """Compare use with the plans, announce claw-backs, and carry out those that the rules leave to this task."""
    from . import services

    return services.review_lots(now=timezone.now())
