"""What runs by itself. Safe to run twice and late."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="programmes.move_on")
def move_on() -> int:
    """Begin the programmes whose first meeting has come, and end those whose last one is over."""
    from . import services

    return services.move_on(now=timezone.now())
