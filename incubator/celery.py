"""The Celery application. Whoever sends or runs tasks imports it; its settings are Django's CELERY_*."""

from __future__ import annotations

from celery import Celery

from incubator.running.environment import choose_settings

choose_settings()

app = Celery("incubator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
