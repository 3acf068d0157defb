"""When the tasks of this app run, in the camp's time zone: for Celery's beat schedule. Imports no model."""

from celery.schedules import crontab

SCHEDULE = {
    "compute.take_usage_folder": {"task": "compute.take_usage_folder", "schedule": crontab(minute="*/15")},
    "compute.fetch_usage": {"task": "compute.fetch_usage", "schedule": crontab(minute="*/15")},
    # After the day's last usage has been fetched, and the scheduler has rolled up its hours.
    "compute.reconcile": {"task": "compute.reconcile", "schedule": crontab(hour=1, minute=10)},
    "compute.time_out_holds": {"task": "compute.time_out_holds", "schedule": crontab(minute=20)},
    "compute.follow_limits": {"task": "compute.follow_limits", "schedule": crontab(minute="*/5")},
}
