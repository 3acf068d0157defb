"""What runs by itself. Each is safe to run twice and late."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone


@shared_task(name="deadlines.remind")
def remind() -> int:
    """Write the digests of the day. A second run finds them written."""
    from . import services

    return services.remind(actor=None, now=timezone.now()).digests


@shared_task(name="deadlines.check_registrations")
def check_registrations() -> int:
    """Ask the tax service for all companies. Does nothing unless an operator has set its address and key."""
    from . import services
    from .tax_service import ask_service

    url, key = settings.BUSINESS_STATUS_URL, settings.BUSINESS_STATUS_KEY
    if not url or not key:
        return 0
    return services.check_registrations(
        ask=lambda numbers: ask_service(numbers, url=url, key=key), actor=None, now=timezone.now()
    )
