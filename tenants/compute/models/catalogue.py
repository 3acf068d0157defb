from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.companies.models import Company


@pghistory.track()
class Cluster(TimestampedModel):
    """A scheduler whose usage is charged. Its name is the one that its accounting prints."""

    name = models.CharField(
        _("name"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z", _("Letters, digits, dots and hyphens."))
        ],
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    late_minutes = models.PositiveIntegerField(
        _("usage is late after, minutes"),
        default=60,
        help_text=_("Without an import for this long, it waits in the inbox. 0: nobody is told."),
    )
    limits_enabled = models.BooleanField(
        _("write limits by itself"),
        default=False,
        help_text=_(
            "After each grant, claw-back and import, and every few minutes, the accounts' limits follow."
        ),
    )

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="compute_cluster_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ClusterAccount(models.Model):
    """An account of a cluster that a manager gave to a company, beside the one in the company's own record."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="accounts", verbose_name=_("cluster"))
    name = models.CharField(_("account"), max_length=255, blank=True)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    reason = models.CharField(_("reason"), max_length=400)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    assigned_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("assigned cluster account")
        verbose_name_plural = _("assigned cluster accounts")
        constraints = [
            models.UniqueConstraint(fields=["cluster", "name"], name="compute_cluster_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster} · {self.name}"


@pghistory.track()
class Resource(TimestampedModel):
    """Something that jobs hold. `code` is the scheduler's own name for it, such as `gres/gpu:h100`."""

    code = models.CharField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=80)
    unit = models.CharField(_("unit"), max_length=40)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(code=""), name="compute_resource_code_not_empty")
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ResourceRate(TimestampedModel):
    """Whole GFLOP a second of one unit, from a day on. Never edited: a new rate ends the one before it."""

    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="rates", verbose_name=_("resource"), db_index=False
    )
    gflops = models.BigIntegerField(_("GFLOP a second of one unit"), validators=[MinValueValidator(0)])
    period = DateRangeField(_("in force"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        ordering = ["resource__code", "-period"]
        constraints = [
            ExclusionConstraint(
                name="compute_one_rate_a_day",
                expressions=[same("resource"), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False, period__startswith__isnull=False),
                name="compute_rate_has_start",
            ),
            models.CheckConstraint(
                # No unit of any machine comes near; above it the price of one job leaves the ledger's numbers.
                condition=models.Q(gflops__gte=0, gflops__lte=10**9),
                name="compute_rate_within_bounds",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="compute_rate_source_not_empty"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="rate_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="rate_only_ends",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'period' - 'updated_at' IS DISTINCT FROM to_jsonb(NEW) - 'period' - 'updated_at'"
                    " OR lower(OLD.period) IS DISTINCT FROM lower(NEW.period) OR upper(OLD.period) IS NOT NULL"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} · {self.gflops}"
