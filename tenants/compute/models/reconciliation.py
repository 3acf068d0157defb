"""What we charged beside what somebody independent counted."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.compute.enums import ControlSource

from .catalogue import Cluster


class Reconciliation(models.Model):
    """One comparison of a cluster's usage in a half-open window with an independent total.

    Never changed, but for the one time that a person says why it differs (`settled_*`).
    """

    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="reconciliations", verbose_name=_("cluster")
    )
    source = models.CharField(_("source"), max_length=10, choices=ControlSource.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    created_at = models.DateTimeField(_("when"))
    ok = models.BooleanField(_("equal"))
    compared = models.PositiveIntegerField(_("totals compared"))
    differing = models.PositiveIntegerField(_("totals that differ"))
    settled_at = models.DateTimeField(_("explained"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("explained by"),
    )
    settled_reason = models.CharField(_("explanation"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="compute_reconciliation_window"
            ),
            models.CheckConstraint(
                condition=models.Q(ok=True, differing=0) | models.Q(ok=False, differing__gt=0),
                name="compute_reconciliation_ok",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, settled_reason="")
                | models.Q(settled_at__isnull=False, settled_reason__regex=r"\S"),
                name="compute_reconciliation_settled",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=ControlSource.values), name="compute_reconciliation_source"
            ),
        ]
        indexes = [
            models.Index(fields=["cluster", "starts_at", "ends_at"], name="compute_reconciliation_of"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="reconciliation_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="reconciliation_settled_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'settled_at' - 'settled_by_id' - 'settled_reason' IS DISTINCT FROM"
                    " to_jsonb(NEW) - 'settled_at' - 'settled_by_id' - 'settled_reason' OR OLD.settled_at IS NOT NULL"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster_id} · {self.starts_at:%Y-%m-%d %H:%M}"


class ReconciliationLine(models.Model):
    """Of one account and resource: seconds times units by our records, by the other side, and ours less theirs.

    `includes` names the accounts under this one, which it counts too.
    """

    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="lines")
    account = models.CharField(_("account"), max_length=255)
    resource = models.CharField(_("resource"), max_length=255)
    ours_seconds = models.BigIntegerField(_("ours"))
    theirs_seconds = models.BigIntegerField(_("theirs"))
    difference = models.BigIntegerField(_("difference"))
    includes = models.JSONField(_("accounts under it"), default=list)

    class Meta:
        verbose_name = _("compared total")
        verbose_name_plural = _("compared totals")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "account", "resource"], name="compute_reconciliation_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(difference=models.F("ours_seconds") - models.F("theirs_seconds")),
                name="compute_reconciliation_difference",
            ),
            models.CheckConstraint(
                condition=models.Q(ours_seconds__gte=0, theirs_seconds__gte=0),
                name="compute_reconciliation_not_negative",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.resource} {self.difference}"
