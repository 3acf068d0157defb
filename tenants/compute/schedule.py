"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "compute.warn_of_ends": {"task": "compute.warn_of_ends", "schedule": crontab(hour=8, minute=30)},
    "compute.review_lots": {"task": "compute.review_lots", "schedule": crontab(hour=8, minute=40)},
    # After the warnings of the day have gone out.
    "compute.expire_lots": {"task": "compute.expire_lots", "schedule": crontab(hour=9, minute=30)},
    "compute.send_waiting_mails": {"task": "compute.send_waiting_mails", "schedule": crontab(minute=50)},
}
