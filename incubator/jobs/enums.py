from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class JobState(TextChoices):
    QUEUED = "queued", _("Waits for its turn")
    RUNNING = "running", _("Computing")
    DONE = "done", _("Finished")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")


LIVE = (JobState.QUEUED, JobState.RUNNING)
