"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "mailing.deliver_waiting": {
        "task": "mailing.deliver_waiting",
        "schedule": crontab(minute="*/10"),
    },
}
