from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.compute.enums import RequestState

from .ledger import Allocation, Pool

# At commit, since a request and its plan are written one after the other.
_PLAN_ADDS_UP = """
    SELECT * INTO _asked FROM compute_grantrequest WHERE id = {request};
    IF FOUND AND (
        _asked.amount_gflop <> (SELECT coalesce(sum(gflop), 0) FROM compute_planneduse WHERE request_id = _asked.id)
        OR EXISTS (
            SELECT 1 FROM compute_planneduse WHERE request_id = _asked.id
            AND NOT daterange(month, (month + interval '1 month')::date) && _asked.period
        )
    ) THEN
        RAISE EXCEPTION 'the planned use does not add up to what is asked for, within its period'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'compute_plan_adds_up';
    END IF;
    RETURN NULL;
"""


def _plan_adds_up(request: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="plan_adds_up",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        declare=[("_asked", "compute_grantrequest%ROWTYPE")],
        func=_PLAN_ADDS_UP.format(request=request),
    )


class GrantPolicy(models.Model):
    """The camp's rules for credits from a day on, until a later row. Never edited: the rows are their own history."""

    starts_on = models.DateField(_("from this day on"))
    two_person_above_gflop = models.BigIntegerField(
        _("two people agree above"), validators=[MinValueValidator(0)]
    )
    early_warning_days = models.PositiveSmallIntegerField(
        _("first warning, days before the end"),
        default=30,
        validators=[MinValueValidator(2), MaxValueValidator(365)],
    )
    late_warning_days = models.PositiveSmallIntegerField(
        _("last warning, days before the end"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(180)],
    )
    settle_days = models.PositiveSmallIntegerField(
        _("days that late usage is waited for"), default=14, validators=[MaxValueValidator(90)]
    )
    review_months = models.PositiveSmallIntegerField(
        _("use is compared with the plan every so many months"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )
    least_used_percent = models.PositiveSmallIntegerField(
        _("least use of the plan, %"), default=50, validators=[MaxValueValidator(100)]
    )
    take_percent = models.PositiveSmallIntegerField(
        _("part of the unused plan that is taken back, %"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days between notice and claw-back"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(180)],
    )
    automatic = models.BooleanField(
        _("taken back by itself after the deadline"),
        default=False,
        help_text=_("Otherwise a manager does it."),
    )
    reason = models.CharField(_("reason"), max_length=400)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("done by"),
    )
    set_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("rules for credits")
        verbose_name_plural = _("rules for credits")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(two_person_above_gflop__gte=0), name="compute_policy_threshold"
            ),
            models.CheckConstraint(
                condition=models.Q(late_warning_days__gte=1)
                & models.Q(early_warning_days__gt=models.F("late_warning_days")),
                name="compute_policy_warnings_in_order",
                violation_error_message=_("The first warning must come before the last one."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    least_used_percent__lte=100,
                    take_percent__gte=1,
                    take_percent__lte=100,
                    review_months__gte=1,
                    notice_days__gte=1,
                ),
                name="compute_policy_claw_back",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__regex=r"\S"), name="compute_policy_reason_not_empty"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"


@pghistory.track()
class GrantRequest(TimestampedModel):
    """A company asks for credits; managers decide.

    What was asked never changes. `pool`, `granted_gflop`, `grant_period` and `programme` are the terms: of the first of
    two who agreed (state AGREED), then of the grant. `needs_two` says that they were above the policy's threshold.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="grant_requests", verbose_name=_("company")
    )
    key = models.CharField(max_length=64, editable=False)
    project = models.CharField(_("project"), max_length=120)
    description = models.TextField(_("what it is"), max_length=1000, validators=[MaxLengthValidator(1000)])
    resources = ArrayField(
        models.CharField(max_length=80), verbose_name=_("resources"), default=list, blank=True
    )
    amount_gflop = models.BigIntegerField(_("asked for"), validators=[MinValueValidator(1)])
    period = DateRangeField(_("period"))
    own_share_percent = models.PositiveSmallIntegerField(
        _("own share, %"), default=0, validators=[MaxValueValidator(100)]
    )
    reason = models.TextField(_("why it is needed"), max_length=1000, validators=[MaxLengthValidator(1000)])
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(
        _("state"), max_length=9, choices=RequestState.choices, default=RequestState.ASKED
    )
    pool = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name=_("pool")
    )
    granted_gflop = models.BigIntegerField(_("granted"), null=True, blank=True)
    grant_period = DateRangeField(_("period of the grant"), null=True, blank=True)
    programme = models.CharField(_("programme"), max_length=120, blank=True)
    needs_two = models.BooleanField(_("two people must agree"), default=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("agreed first by"),
    )
    agreed_at = models.DateTimeField(_("agreed first"), null=True, blank=True)
    agreed_reason = models.CharField(_("reason of the first"), max_length=400, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=400, blank=True)
    allocation = models.OneToOneField(
        Allocation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="request",
        verbose_name=_("grant"),
    )

    class Meta:
        verbose_name = _("request for credits")
        verbose_name_plural = _("requests for credits")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="compute_request_once"),
            models.CheckConstraint(
                condition=models.Q(amount_gflop__gt=0), name="compute_request_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False
                ),
                name="compute_request_has_period",
            ),
            models.CheckConstraint(
                condition=models.Q(own_share_percent__lte=100), name="compute_request_share_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(project__regex=r"\S", reason__regex=r"\S", description__regex=r"\S"),
                name="compute_request_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RequestState.values), name="compute_request_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(granted_gflop__isnull=True)
                | models.Q(granted_gflop__gt=0, granted_gflop__lte=models.F("amount_gflop")),
                name="compute_request_not_more_than_asked",
            ),
            models.CheckConstraint(
                condition=models.Q(state="agreed", agreed_by__isnull=False, needs_two=True)
                | ~models.Q(state="agreed"),
                name="compute_request_first_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["agreed", "granted"])
                | models.Q(pool__isnull=False, granted_gflop__isnull=False, grant_period__isnull=False),
                name="compute_request_has_terms",
            ),
            models.CheckConstraint(
                condition=models.Q(state="granted", allocation__isnull=False)
                | (~models.Q(state="granted") & models.Q(allocation__isnull=True)),
                name="compute_request_granted_has_grant",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "agreed"], decided_at__isnull=True)
                | models.Q(state__in=["granted", "declined", "withdrawn"], decided_at__isnull=False),
                name="compute_request_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["granted", "declined"])
                | models.Q(decision_reason__regex=r"\S"),
                name="compute_request_decided_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="granted", needs_two=True)
                | (
                    models.Q(agreed_by__isnull=False, decided_by__isnull=False)
                    & ~models.Q(agreed_by=models.F("decided_by"))
                ),
                name="compute_request_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(asked_by__isnull=True)
                | models.Q(state="withdrawn")
                | (
                    (models.Q(agreed_by__isnull=True) | ~models.Q(agreed_by=models.F("asked_by")))
                    & (models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")))
                ),
                name="compute_request_not_by_asker",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=models.Q(state__in=["asked", "agreed"]),
                name="compute_request_open",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="request_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="asked_stays",
                fields=[
                    "company",
                    "key",
                    "project",
                    "description",
                    "resources",
                    "amount_gflop",
                    "period",
                    "own_share_percent",
                    "reason",
                    "asked_by",
                    "asked_at",
                ],
            ),
            pgtrigger.Protect(
                name="decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state NOT IN ('asked', 'agreed')"),
            ),
            _plan_adds_up("NEW.id", pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.project}"

    @property
    def is_open(self) -> bool:
        return self.state in (RequestState.ASKED, RequestState.AGREED)


class PlannedUse(models.Model):
    """How much of a request its company means to use in one calendar month of the period."""

    request = models.ForeignKey(
        GrantRequest, models.PROTECT, related_name="plan", db_index=False, verbose_name=_("request")
    )
    month = models.DateField(_("month"))
    gflop = models.BigIntegerField(_("planned use"))

    class Meta:
        verbose_name = _("planned use of a month")
        verbose_name_plural = _("planned use by month")
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["request", "month"], name="compute_plan_month_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="compute_plan_first_of_month"),
            models.CheckConstraint(condition=models.Q(gflop__gte=0), name="compute_plan_not_negative"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            _plan_adds_up("NEW.request_id", pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"{self.month}"
