"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "consulting.end_unanswered": {"task": "consulting.end_unanswered", "schedule": crontab(minute="*/5")},
    "consulting.remind": {"task": "consulting.remind", "schedule": crontab(minute="*/5")},
    # By day, and every hour of it: what an outage kept from going out goes out once it is over.
    "consulting.chase": {"task": "consulting.chase", "schedule": crontab(minute=20, hour="9-18")},
    "consulting.read_calendars": {"task": "consulting.read_calendars", "schedule": crontab(minute="7,37")},
}
