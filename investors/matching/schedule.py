"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "matching.follow_introductions": {
        "task": "matching.follow_introductions",
        "schedule": crontab(hour=9, minute=5),
    },
}
