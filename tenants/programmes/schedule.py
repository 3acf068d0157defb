"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "programmes.move_on": {"task": "programmes.move_on", "schedule": crontab(minute=5)},
}
