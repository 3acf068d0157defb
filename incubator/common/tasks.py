from smtplib import SMTPException
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from .dbroles import acting_as_system

# For `shared_task`: a mail server that is away is asked again for hours.
MAILING: dict[str, Any] = {
    "autoretry_for": (OSError, SMTPException),
    "retry_backoff": 30,
    "retry_backoff_max": 3600,
    "max_retries": 12,
    "acks_late": True,
}


class CampTask(Task):
    """Every task runs in one transaction under the staff role, like a manager's request, and may run twice."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting_as_system():
            return super().__call__(*args, **kwargs)


@shared_task(name="common.forget_old_uploads")
def forget_old_uploads() -> None:
    """Delete spreadsheets that were uploaded for a preview and never confirmed: they hold personal data."""
    from .sheets.uploads import forget_old_uploads as forget

    forget(now=timezone.now())
