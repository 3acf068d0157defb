from datetime import datetime, timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .enums import LIVE, JobState

# A computation that has not been heard of for so long: whoever computed it is gone.
LOST_AFTER = timedelta(minutes=2)


class Job(models.Model):
    """A computation too long for a request: who asked for it, how far it is, and how it ended.

    `kind` names a Work, `subject` what it is about ("" for nothing in particular): of both together one is under way at a
    time. `attempt` is the fence: a worker whose number is no longer the row's may write nothing.
    """

    kind = models.CharField(_("what"), max_length=40)
    subject = models.CharField(max_length=60, blank=True, editable=False)
    params = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=JobState.choices, default=JobState.QUEUED)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    asked_at = models.DateTimeField(_("asked for"))
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    beat_at = models.DateTimeField(_("last heard of"), null=True, editable=False)
    done = models.PositiveIntegerField(default=0, editable=False)
    total = models.PositiveIntegerField(default=0, editable=False)
    stage = models.CharField(max_length=80, blank=True, editable=False)
    stop_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("stopped by")
    )
    stop_asked_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True)
    result = models.JSONField(default=dict, editable=False)
    problem = models.CharField(_("why"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("computation")
        verbose_name_plural = _("computations")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="jobs_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, ended_at__isnull=True)
                | (~Q(state__in=LIVE) & Q(ended_at__isnull=False)),
                name="jobs_ended_has_its_time",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="jobs_done_of_total"),
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state__in=LIVE), name="jobs_one_under_way"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="job_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="ended_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.ended_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> object:
        from .work import work_of

        return work_of(self.kind).title

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def is_lost(self, now: datetime) -> bool:
        """Taken by a worker that has not been heard of since."""
        return self.state == JobState.RUNNING and self.beat_at is not None and self.beat_at < now - LOST_AFTER
