from typing import Any

from celery import Task, shared_task
from django.utils import timezone


@shared_task(name="jobs.run", base=Task, bind=True, acks_late=True, max_retries=5)
def run(self: Any, job_id: int) -> None:
    """Run one computation, in no transaction: what it says of its progress is seen at once.

    Delivered again after a worker was killed, it waits until that one counts as gone.
    """
    from incubator.common.dbroles import acting_as_system

    from . import services
    from .models import LOST_AFTER, Job

    if services.run_job(job_id=job_id, clock=timezone.now) is not None:
        return
    with acting_as_system():
        live = Job.objects.get(pk=job_id).is_live
    if live:
        raise self.retry(countdown=LOST_AFTER.total_seconds() + 1)


@shared_task(name="jobs.give_up_lost")
def give_up_lost() -> int:
    """End what no worker computes any more."""
    from . import services

    return services.give_up_lost(now=timezone.now())
