"""What was written to the schedulers, and when."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.companies.models import Company
from tenants.compute.enums import LimitOutcome, SyncState
from tenants.compute.limit_words import warning_text

from .catalogue import Cluster


class AccountLimit(models.Model):
    """The limits that we wrote last to an account of a cluster: minutes by resource. Another limit there is a hand edit."""

    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="limits", db_index=False, verbose_name=_("cluster")
    )
    account = models.CharField(_("account"), max_length=255)
    minutes = models.JSONField(_("minutes"), default=dict)
    suspended = models.BooleanField(_("suspended"), default=False)
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("written limit")
        verbose_name_plural = _("written limits")
        constraints = [
            models.UniqueConstraint(fields=["cluster", "account"], name="compute_limit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster_id} · {self.account}"


class LimitSync(models.Model):
    """One comparison of a cluster's limits with the ledger, and what was written; a dry run writes nothing.

    `accounts` were looked at, `changed` of them got (or in a dry run would get) other limits. `warnings` are of the
    cluster as a whole: dicts of code and params. `cancelled` names the accounts whose running jobs were cancelled.
    """

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="syncs", verbose_name=_("cluster"))
    state = models.CharField(_("state"), max_length=8, choices=SyncState.choices)
    dry_run = models.BooleanField(_("dry run"), default=False)
    failure = models.CharField(_("why it failed"), max_length=400, blank=True)
    accounts = models.PositiveIntegerField(_("accounts"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    warnings = models.JSONField(_("warnings"), default=list)
    cancelled = models.JSONField(_("running jobs cancelled of"), default=list)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    synced_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("sync of limits")
        verbose_name_plural = _("syncs of limits")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=SyncState.values), name="compute_sync_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=SyncState.FAILED) | models.Q(failure=""),
                name="compute_sync_failure_said",
            ),
        ]
        indexes = [models.Index(fields=["cluster", "-id"], name="compute_sync_latest")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.cluster_id} · {self.synced_at:%Y-%m-%d %H:%M}"

    @property
    def warning_texts(self) -> list[str]:
        return [warning_text(each["code"], each["params"]) for each in self.warnings]


class LimitSyncLine(models.Model):
    """One account of a sync that got other limits, or has a warning. Minutes by resource; null: no limit stood there.

    `submit` is what GrpSubmitJobs became: 0 suspended the account, -1 resumed it, null left it.
    """

    sync = models.ForeignKey(LimitSync, models.PROTECT, related_name="lines")
    account = models.CharField(_("account"), max_length=255)
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", db_index=False, verbose_name=_("company")
    )
    balance_gflop = models.BigIntegerField(_("balance"))
    counted = models.JSONField(_("counted"), default=dict)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    submit = models.IntegerField(_("submission"), null=True, blank=True)
    warnings = models.JSONField(_("warnings"), default=list)
    outcome = models.CharField(_("outcome"), max_length=9, choices=LimitOutcome.choices)
    failure = models.CharField(_("why it failed"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("account of a sync")
        verbose_name_plural = _("accounts of a sync")
        ordering = ["account", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sync", "account"], name="compute_sync_line_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=LimitOutcome.values), name="compute_sync_line_outcome"
            ),
            models.CheckConstraint(
                condition=models.Q(submit__isnull=True) | models.Q(submit__in=[-1, 0]),
                name="compute_sync_line_submit",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.account} ({self.outcome})"

    @property
    def warning_texts(self) -> list[str]:
        return [warning_text(each["code"], each["params"]) for each in self.warnings]

    @property
    def difference(self) -> str:
        """What changes, the same in every language: `cpu - → 600, gres/gpu:h100 120 → 240`."""
        parts = [
            f"{code} {'-' if self.before.get(code) is None else self.before[code]} → {minutes}"
            for code, minutes in self.after.items()
            if self.before.get(code) != minutes
        ]
        if self.submit is not None:
            parts.append("suspend" if self.submit == 0 else "resume")
        return ", ".join(parts)
