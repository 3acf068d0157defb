"""What runs by itself. Each is safe to run twice and late."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="leases.advance")
def advance_leases() -> None:
    """Begin and end the leases whose day has come."""
    from . import services

    services.advance_leases(actor=None, now=timezone.now())


@shared_task(name="leases.handovers")
def open_handovers() -> None:
    """Open the handovers of leases that end soon."""
    from . import services

    services.open_due_handovers(actor=None, now=timezone.now())
