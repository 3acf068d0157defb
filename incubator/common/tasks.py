from typing import Any

from celery import Task

from .dbroles import acting_as_system


class CampTask(Task):
    """Every task runs in one transaction under the staff role, like a manager's request, and may run twice."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting_as_system():
            return super().__call__(*args, **kwargs)
