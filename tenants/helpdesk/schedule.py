"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "helpdesk.close_silent": {"task": "helpdesk.close_silent", "schedule": crontab(hour=8, minute=20)},
}
