"""What a space looks like, in which condition it is, and the days on which nobody may have it."""

from datetime import date

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import last_day, same
from tenants.leases.enums import BlockKind, Condition

from .leases import Lease
from .spaces import Space


@pghistory.track()
class BlockedPeriod(TimestampedModel):
    """Days on which the space is nobody's: a repair, an event, or closed until further notice (no end).

    It is empty when it was called off. That no lease holds one of these days is a constraint of SpaceClaim.
    """

    space = models.ForeignKey(Space, models.PROTECT, related_name="blocked_periods", verbose_name=_("space"))
    period = DateRangeField(_("period"))
    kind = models.CharField(_("kind"), max_length=8, choices=BlockKind.choices)
    note = models.CharField(_("why"), max_length=400)

    class Meta:
        verbose_name = _("blocked period")
        verbose_name_plural = _("blocked periods")
        ordering = ["-period", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=BlockKind.values), name="leases_blocked_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=True) | models.Q(period__lower_inf=False),
                name="leases_blocked_begins",
            ),
            models.CheckConstraint(condition=~models.Q(note=""), name="leases_blocked_has_note"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.note}"

    @property
    def last_day(self) -> date | None:
        return last_day(self.period)


class SpaceClaim(models.Model):
    """The days that a lease (from its offer on) or a blocked period takes of a space. Triggers write it, nobody else.

    A lease and a blocked period cannot share a day: `side` is 0 for the one and 1 for the other, and the one-cell ranges of
    two different sides touch, those of the same side do not. So the constraint leaves leases to their own constraint, and lets
    a repair and an event fall together.
    """

    space = models.ForeignKey(Space, models.DO_NOTHING, related_name="claims")
    period = DateRangeField()
    side = models.PositiveSmallIntegerField()
    lease = models.OneToOneField(Lease, models.DO_NOTHING, null=True, related_name="claim")
    blocked = models.OneToOneField(BlockedPeriod, models.DO_NOTHING, null=True, related_name="claim")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="leases_not_let_while_blocked",
                expressions=[
                    same("space"),
                    ("period", RangeOperators.OVERLAPS),
                    (
                        models.Func(
                            models.F("side"), models.F("side"), template="int4range(%(expressions)s, '[]')"
                        ),
                        RangeOperators.ADJACENT_TO,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(side=0, lease__isnull=False, blocked=None)
                | models.Q(side=1, lease=None, blocked__isnull=False),
                name="leases_claim_of_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.period)


class ConditionRecord(models.Model):
    """In which condition a space was from `since` on, as somebody saw it."""

    space = models.ForeignKey(
        Space, models.PROTECT, related_name="condition_records", verbose_name=_("space")
    )
    condition = models.CharField(_("condition"), max_length=8, choices=Condition.choices)
    since = models.DateField(_("since"))
    note = models.CharField(_("about the condition"), max_length=400, blank=True)
    at = models.DateTimeField(_("recorded"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )

    class Meta:
        verbose_name = _("condition of a space")
        verbose_name_plural = _("conditions of a space")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(condition__in=Condition.values), name="leases_condition_known"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.get_condition_display()


@pghistory.track()
class SpacePhoto(TimestampedModel):
    """A photograph of a space, drawn anew on its way in. `alt` says in words what it shows."""

    space = models.ForeignKey(Space, models.PROTECT, related_name="photos", verbose_name=_("space"))
    file = models.ImageField(_("photograph"), upload_to="spaces/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt = models.CharField(_("what the photograph shows"), max_length=200)
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the order"))

    class Meta:
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(alt=""), name="leases_photo_has_words"),
            models.UniqueConstraint(
                fields=["space", "position"],
                name="leases_photo_order",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]

    def __str__(self) -> str:
        return self.alt
