from datetime import date

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import last_day, same
from tenants.companies.models import Company
from tenants.leases.enums import ExtensionState, LeaseState, LeaseStep

from .spaces import Space

# A new claim on a space, or the first day of an older one, waits until the company before has left. What is claimed already
# may still be shortened and closed.
_NOT_WHILE_HELD_OVER = """
    IF NEW.state IN ('offered', 'signed', 'active') AND NOT isempty(NEW.period) AND (
        TG_OP = 'INSERT' OR OLD.state = 'draft' OR OLD.space_id <> NEW.space_id OR NOT NEW.period <@ OLD.period
        OR (OLD.state <> 'active' AND NEW.state = 'active')
    ) AND EXISTS (
        SELECT 1 FROM leases_holdover held JOIN leases_lease before ON before.id = held.lease_id
        WHERE held.space_id = NEW.space_id AND held.outcome = '' AND before.company_id <> NEW.company_id
        AND NEW.period && daterange(held.first_day, NULL)
    ) THEN
        RAISE EXCEPTION 'the company before is still in this space'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'leases_space_held_over';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
class Lease(TimestampedModel):
    """The right of a company to a space on the days of `period`, rent and fee waived.

    `period` is bounded; it is empty only when the lease was terminated before its first day.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="leases", verbose_name=_("company"))
    space = models.ForeignKey(Space, models.PROTECT, related_name="leases", verbose_name=_("space"))
    period = DateRangeField(_("period"))
    state = models.CharField(_("state"), max_length=10, choices=LeaseState.choices, default=LeaseState.DRAFT)
    legal_basis = models.CharField(_("legal basis"), max_length=200)
    programme = models.CharField(
        _("programme"),
        max_length=120,
        blank=True,
        help_text=_("Under which programme the space is given; reports add up by it."),
    )
    comparator = models.CharField(
        _("comparator"),
        max_length=400,
        blank=True,
        help_text=_("Against which market rate the waived rent is measured, and where it comes from."),
    )

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        ordering = ["-period", "-pk"]
        constraints = [
            ExclusionConstraint(
                name="leases_one_lease_a_day",
                expressions=[same("space"), ("period", RangeOperators.OVERLAPS)],
                condition=~models.Q(state="draft"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=LeaseState.values), name="leases_lease_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False) | models.Q(state="terminated"),
                name="leases_lease_has_days",
            ),
            models.CheckConstraint(
                condition=models.Q(period__lower_inf=False, period__upper_inf=False),
                name="leases_lease_bounded",
            ),
            models.CheckConstraint(condition=~models.Q(legal_basis=""), name="leases_lease_has_basis"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="not_while_held_over",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("space_id", "period", "state"),
                func=_NOT_WHILE_HELD_OVER,
            )
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.space}"

    @property
    def first_day(self) -> date | None:
        """None for a lease that was terminated before its first day."""
        return self.period.lower

    @property
    def last_day(self) -> date | None:
        return last_day(self.period)


class LeaseTransition(models.Model):
    """One step in the life of a lease. `last_day` is the last day that the lease had from then on.

    Each begins in the state that the one before ended in. `step` is empty in rows older than it.
    """

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="transitions", verbose_name=_("lease"))
    from_state = models.CharField(_("state before"), max_length=10, choices=LeaseState.choices, blank=True)
    to_state = models.CharField(_("state after"), max_length=10, choices=LeaseState.choices)
    step = models.CharField(_("step"), max_length=12, choices=LeaseStep.choices, blank=True)
    last_day = models.DateField(_("last day"), null=True)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    reason = models.CharField(_("why"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("step of a lease")
        verbose_name_plural = _("steps of a lease")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_state__in=["", *LeaseState.values])
                & models.Q(to_state__in=LeaseState.values),
                name="leases_transition_states_known",
            ),
            models.CheckConstraint(
                condition=models.Q(step__in=["", *LeaseStep.values]), name="leases_transition_step_known"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """What happened. Of rows without a step: the state they led to, and an extension where it stayed the same."""
        if self.step:
            return self.get_step_display()
        return (
            str(LeaseStep.EXTENDED.label) if self.from_state == self.to_state else self.get_to_state_display()
        )


@pghistory.track()
class ExtensionRequest(TimestampedModel):
    """A company asks to stay longer, until and with the day `until`; a manager decides."""

    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="extension_requests", verbose_name=_("lease")
    )
    until = models.DateField(_("asks to stay until"))
    reason = models.TextField(_("reason"), max_length=1000, validators=[MaxLengthValidator(1000)])
    state = models.CharField(
        _("state"), max_length=10, choices=ExtensionState.choices, default=ExtensionState.OPEN
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("extension request")
        verbose_name_plural = _("extension requests")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"], condition=models.Q(state="open"), name="leases_one_open_extension"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ExtensionState.values), name="leases_extension_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False)),
                name="leases_extension_decided_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lease} · {self.until}"
