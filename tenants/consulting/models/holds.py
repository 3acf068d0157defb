"""Time of an adviser or of a meeting room that something else than a consulting session takes."""

from datetime import datetime

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same

from .advisers import Adviser, MeetingRoom
from .parts import bounded


@pghistory.track()
class TimeHold(TimestampedModel):
    """A time in which an adviser teaches, or a room is taken, outside of the slots. Free times are computed around it, and
    the database refuses a slot that meets it and a hold that meets a slot (migration 0021). `what` is for its owner only."""

    PRIVATE_FIELDS = ("what", "created_at", "updated_at")

    adviser = models.ForeignKey(
        Adviser, models.PROTECT, null=True, related_name="time_holds", verbose_name=_("adviser")
    )
    room = models.ForeignKey(
        MeetingRoom, models.PROTECT, null=True, related_name="time_holds", verbose_name=_("meeting room")
    )
    period = DateTimeRangeField(_("time"))
    what = models.CharField(_("held for"), max_length=200)
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("held time")
        verbose_name_plural = _("held times")
        ordering = ["period", "pk"]
        constraints = [
            ExclusionConstraint(
                name="consulting_holds_adviser_apart",
                expressions=[same("adviser"), ("period", RangeOperators.OVERLAPS)],
                condition=Q(live=True, adviser__isnull=False),
            ),
            ExclusionConstraint(
                name="consulting_holds_room_apart",
                expressions=[same("room"), ("period", RangeOperators.OVERLAPS)],
                condition=Q(live=True, room__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(adviser__isnull=False) | Q(room__isnull=False),
                name="consulting_hold_holds_something",
            ),
            bounded("consulting_hold_bounded"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.what

    @property
    def starts(self) -> datetime:
        return self.period.lower

    @property
    def ends(self) -> datetime:
        return self.period.upper
