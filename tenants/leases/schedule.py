"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "leases.advance": {"task": "leases.advance", "schedule": crontab(hour=0, minute=5)},
    "leases.handovers": {"task": "leases.handovers", "schedule": crontab(hour=6, minute=20)},
}
