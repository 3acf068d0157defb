"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "compute.take_usage_folder": {"task": "compute.take_usage_folder", "schedule": crontab(minute="*/15")},
    "compute.fetch_usage": {"task": "compute.fetch_usage", "schedule": crontab(minute="*/15")},
    "compute.follow_limits": {"task": "compute.follow_limits", "schedule": crontab(minute="*/5")},
}
