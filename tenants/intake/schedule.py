"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "intake.send_waiting_letters": {
        "task": "intake.send_waiting_letters",
        "schedule": crontab(minute="*/10"),
    },
    "intake.forget_applications": {
        "task": "intake.forget_applications",
        "schedule": crontab(hour=3, minute=40),
    },
}
