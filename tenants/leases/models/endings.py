from datetime import date

import pghistory
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.leases.enums import EndingKind, EndingState, HoldoverOutcome

from .leases import Lease
from .spaces import Space


@pghistory.track()
class EarlyEnd(TimestampedModel):
    """An end before the lease's own: asked by the company and decided by a manager, or given notice of by the camp.

    In force (agreed), the lease runs until `last_day`, and `lasted_until` remembers the last day that it had before.
    """

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="early_ends", verbose_name=_("lease"))
    kind = models.CharField(_("kind"), max_length=8, choices=EndingKind.choices)
    last_day = models.DateField(_("last day in the space"))
    reason = models.TextField(_("reason"), max_length=1000, validators=[MaxLengthValidator(1000)])
    state = models.CharField(_("state"), max_length=10, choices=EndingState.choices, default=EndingState.OPEN)
    lasted_until = models.DateField(_("last day before that"), null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked or given"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("early end")
        verbose_name_plural = _("early ends")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state__in=["open", "agreed"]),
                name="leases_one_early_end",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=EndingKind.values) & models.Q(state__in=EndingState.values),
                name="leases_early_end_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False)),
                name="leases_early_end_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="agreed") | models.Q(lasted_until__gt=models.F("last_day")),
                name="leases_early_end_is_earlier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lease} · {self.last_day}"


@pghistory.track()
class Holdover(TimestampedModel):
    """A company that stays after its lease is over: the space is not free, and nothing is waived for these days.

    Open (no `outcome`) until a manager says how it ended; `last_day` is then its last day, None when a new lease began on
    the very day after the old one.
    """

    lease = models.OneToOneField(Lease, models.PROTECT, related_name="holdover", verbose_name=_("lease"))
    space = models.ForeignKey(Space, models.PROTECT, related_name="holdovers", verbose_name=_("space"))
    first_day = models.DateField(_("first day after the lease"))
    allowed_until = models.DateField(_("to be cleared by"))
    reason = models.CharField(_("reason"), max_length=400)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=HoldoverOutcome.choices, blank=True)
    last_day = models.DateField(_("last day"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("resolved by")
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolution = models.CharField(_("how it was resolved"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("stay after the end")
        verbose_name_plural = _("stays after the end")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["space"], condition=models.Q(outcome=""), name="leases_one_open_holdover"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", *HoldoverOutcome.values]),
                name="leases_holdover_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", resolved_at__isnull=True, last_day__isnull=True)
                | (~models.Q(outcome="") & models.Q(resolved_at__isnull=False)),
                name="leases_holdover_resolved_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(last_day__isnull=True) | models.Q(last_day__gte=models.F("first_day")),
                name="leases_holdover_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(allowed_until__gte=models.F("first_day") - 1),
                name="leases_holdover_allowed_after",
            ),
        ]

    def __str__(self) -> str:
        return str(self.lease)

    @property
    def is_open(self) -> bool:
        return not self.outcome

    def days_on(self, today: date) -> int:
        """How many days the company has stayed, `today` included while it is still there."""
        last = self.last_day if self.outcome else today
        return max(0, (last - self.first_day).days + 1) if last else 0

    def days_over_on(self, today: date) -> int:
        """How many of them lie after the day by which the space was to be clear."""
        last = self.last_day if self.outcome else today
        return max(0, (last - max(self.allowed_until, self.first_day)).days) if last else 0
