"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "jobs.give_up_lost": {"task": "jobs.give_up_lost", "schedule": crontab(minute="*/5")},
}
