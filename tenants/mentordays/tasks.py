"""What runs by itself. Safe to run twice and late."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="mentordays.close_days")
def close_days() -> int:
    """Call days over that have been."""
    from . import services

    return services.close_days(now=timezone.now())
