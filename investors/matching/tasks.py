from celery import shared_task
from django.utils import timezone


@shared_task(name="matching.follow_introductions")
def follow_introductions() -> int:
    """Remind who has not answered and who meets tomorrow; end what can no longer be answered."""
    from .services import follow_introductions as follow

    return follow(now=timezone.now())
