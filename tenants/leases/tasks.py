"""What runs by itself. Each is safe to run twice and late."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="leases.advance")
def advance_leases() -> None:
    """Begin and end the leases whose day has come."""
    from . import services

    services.advance_leases(actor=None, now=timezone.now())
