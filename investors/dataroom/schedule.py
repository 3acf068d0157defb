"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {"dataroom.scan_waiting": {"task": "dataroom.scan_waiting", "schedule": crontab(minute="*/5")}}
