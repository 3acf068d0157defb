from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.compute.storage_csv import MAX_TB, TERABYTE

from .catalogue import Cluster
from .usage import UsageImport


@pghistory.track()
class StorageGrant(TimestampedModel):
    """Room of a cluster for a company's files, for a period. Grants of the same days add up."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="storage_grants", verbose_name=_("company")
    )
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="storage_grants", verbose_name=_("cluster")
    )
    tb = models.PositiveIntegerField(
        _("terabytes"), validators=[MinValueValidator(1), MaxValueValidator(MAX_TB)]
    )
    period = DateRangeField(_("period"))
    reason = models.CharField(_("reason"), max_length=400)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("granted by"),
    )
    granted_at = models.DateTimeField(_("granted at"))

    class Meta:
        verbose_name = _("storage grant")
        verbose_name_plural = _("storage grants")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tb__gt=0, tb__lte=MAX_TB), name="compute_storage_tb_within_bounds"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__regex=r"\S"), name="compute_storage_reason_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False
                ),
                name="compute_storage_has_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.tb} TB"

    @property
    def bytes(self) -> int:
        return self.tb * TERABYTE


class StorageLevel(models.Model):
    """What an account of a cluster held on a day; one revision of it.

    A day that the data centre tells differently later becomes a new revision, and the one before is no longer
    current: the one thing about a level that ever changes.
    """

    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cluster")
    )
    account = models.CharField(_("account"), max_length=255)
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("company"),
    )
    day = models.DateField(_("day"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    is_current = models.BooleanField(_("current revision"), default=True)
    granted_bytes = models.BigIntegerField(_("room at the data centre"), null=True, blank=True)
    used_bytes = models.BigIntegerField(_("used"))
    usage_import = models.ForeignKey(
        UsageImport, models.PROTECT, related_name="storage_levels", verbose_name=_("import")
    )
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("storage level")
        verbose_name_plural = _("storage levels")
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "account", "day", "revision"], name="compute_level_revision_once"
            ),
            models.UniqueConstraint(
                fields=["cluster", "account", "day"],
                condition=models.Q(is_current=True),
                name="compute_level_one_current",
            ),
            models.CheckConstraint(condition=models.Q(used_bytes__gte=0), name="compute_level_not_negative"),
            models.CheckConstraint(
                condition=models.Q(granted_bytes__isnull=True) | models.Q(granted_bytes__gte=0),
                name="compute_level_room_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "cluster", "account", "-day"],
                condition=models.Q(is_current=True),
                name="compute_level_latest",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="level_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="level_append_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'is_current' IS DISTINCT FROM to_jsonb(NEW) - 'is_current'"
                    " OR NOT OLD.is_current OR NEW.is_current"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.day}"
