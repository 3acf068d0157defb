"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "common.forget_old_uploads": {"task": "common.forget_old_uploads", "schedule": crontab(minute=15)},
}
