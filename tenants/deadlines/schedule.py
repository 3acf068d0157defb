"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "deadlines.remind": {"task": "deadlines.remind", "schedule": crontab(hour=8, minute=30)},
    "deadlines.check_registrations": {
        "task": "deadlines.check_registrations",
        "schedule": crontab(day_of_month=1, hour=7, minute=10),
    },
}
