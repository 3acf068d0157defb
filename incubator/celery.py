"""The Celery application. Whoever sends or runs tasks imports it; its settings are Django's CELERY_*."""

from __future__ import annotations

import signal

from celery import Celery
from celery.signals import worker_init, worker_process_init

from incubator.running.environment import choose_settings
from incubator.running.processes import die_with_parent

choose_settings()

app = Celery("incubator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _leave_no_orphan(**_: object) -> None:
    """A pool process of a killed worker would finish its task first, which another worker gets anyway."""
    arm = die_with_parent(signal.SIGKILL)
    worker_process_init.connect(lambda **_: arm(), weak=False)
