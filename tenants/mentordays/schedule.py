"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "mentordays.close_days": {"task": "mentordays.close_days", "schedule": crontab(hour=0, minute=20)},
}
