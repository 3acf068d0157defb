"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    # Imports raise alerts too; grants end, and days without an import pass, all the same.
    "compute.raise_alerts": {"task": "compute.raise_alerts", "schedule": crontab(minute=25)},
}
