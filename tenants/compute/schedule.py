"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    # Imports raise alerts too; grants end, and days without an import pass, all the same.
    "compute.raise_alerts": {"task": "compute.raise_alerts", "schedule": crontab(minute=25)},
    "compute.take_usage_folder": {"task": "compute.take_usage_folder", "schedule": crontab(minute="*/15")},
    "compute.fetch_usage": {"task": "compute.fetch_usage", "schedule": crontab(minute="*/15")},
    # After the day's last usage has been fetched, and the scheduler has rolled up its hours.
    "compute.reconcile": {"task": "compute.reconcile", "schedule": crontab(hour=1, minute=10)},
    "compute.time_out_holds": {"task": "compute.time_out_holds", "schedule": crontab(minute=20)},
    "compute.follow_limits": {"task": "compute.follow_limits", "schedule": crontab(minute="*/5")},
    "compute.warn_of_ends": {"task": "compute.warn_of_ends", "schedule": crontab(hour=8, minute=30)},
    "compute.review_lots": {"task": "compute.review_lots", "schedule": crontab(hour=8, minute=40)},
    # After the warnings of the day have gone out.
    "compute.expire_lots": {"task": "compute.expire_lots", "schedule": crontab(hour=9, minute=30)},
    "compute.send_waiting_mails": {"task": "compute.send_waiting_mails", "schedule": crontab(minute=50)},
}
