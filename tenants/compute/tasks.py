from smtplib import SMTPException

from celery import shared_task
from django.db import transaction
from django.utils import timezone


@shared_task
def import_usage_file(import_id: int) -> None:
    """Import the kept file of a waiting import. A second run finds it finished and does nothing."""
    from .services import finish_import

    finish_import(import_id=import_id, now=timezone.now())


@shared_task(name="compute.raise_alerts")
def raise_usage_alerts() -> None:
    """After each import and every hour: note what is nearly used, and have it mailed."""
    from .services import raise_alerts

    for company_id in raise_alerts(now=timezone.now()):
        _mail_later(company_id)


def _mail_later(company_id: int) -> None:
    transaction.on_commit(lambda: mail_usage_alerts.delay(company_id), robust=True)


@shared_task(
    autoretry_for=(OSError, SMTPException),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=12,
    acks_late=True,
)
def mail_usage_alerts(company_id: int) -> int:
    """A mail server that is away is asked again for hours; what was mailed is not mailed again."""
    from .services import mail_alerts

    return mail_alerts(company_id=company_id, now=timezone.now())


def alert_after_import() -> None:
    """Queue the alerts for when the import is committed. It stands if the queue is away: the next hour raises them."""
    transaction.on_commit(raise_usage_alerts.delay, robust=True)
