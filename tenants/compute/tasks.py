from celery import shared_task
from django.utils import timezone


@shared_task
def import_usage_file(import_id: int) -> None:
    """Import the kept file of a waiting import. A second run finds it finished and does nothing."""
    from .services import finish_import

    finish_import(import_id=import_id, now=timezone.now())


@shared_task
def time_out_holds() -> None:
    """Let go of holds whose time is over. A second run finds none."""
    from .services import expire_holds

    expire_holds(now=timezone.now())
