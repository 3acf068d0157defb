from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.companies.models import Company
from tenants.compute.enums import AlertSubject, AlertThreshold


class UsageAlert(models.Model):
    """That a company has used so much of what it was granted. Raised once for each threshold of the same grants.

    `grants_key` stands for the grants in force when it was raised: with others, a threshold may be reached again.
    Amounts are whole GFLOP, or bytes of storage. `run_out_first` and `run_out_last` are set for a forecast.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, verbose_name=_("company")
    )
    subject = models.CharField(_("subject"), max_length=8, choices=AlertSubject.choices)
    grants_key = models.CharField(max_length=64)
    threshold = models.CharField(_("reached"), max_length=8, choices=AlertThreshold.choices)
    used = models.BigIntegerField(_("used"))
    granted = models.BigIntegerField(_("granted"))
    run_out_first = models.DateField(null=True, blank=True)
    run_out_last = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(_("raised"))
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("usage alert")
        verbose_name_plural = _("usage alerts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "subject", "grants_key", "threshold"], name="compute_alert_once"
            ),
            models.CheckConstraint(
                condition=models.Q(subject__in=AlertSubject.values), name="compute_alert_subject_known"
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__in=AlertThreshold.values), name="compute_alert_threshold_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["company"], condition=models.Q(mailed_at__isnull=True), name="compute_alert_unmailed"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="alert_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="alert_mailed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'mailed_at' IS DISTINCT FROM to_jsonb(NEW) - 'mailed_at'"
                    " OR OLD.mailed_at IS NOT NULL"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_subject_display()} · {self.get_threshold_display()}"
