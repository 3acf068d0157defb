from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.companies.models import Company

from .catalogue import Cluster


class UsagePosting(models.Model):
    """The records of one import that the ledger charges together: one account of a cluster, one company, ended on one
    day in Seoul, and begun on `start_day` or while the same rates and grants were in force. Sealed when its records
    are written, and never changed after that.

    `file_sha256` is the import's, which the company itself may not see; `rates` are those of the start day, GFLOP a
    second by resource; `digest` proves the records (see `proof`); `effective_at` is the end of the last of them; `top`
    lists the largest as kind, job id, submit time and GFLOP.
    """

    usage_import = models.ForeignKey(
        "compute.UsageImport", models.PROTECT, related_name="postings", verbose_name=_("import")
    )
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+", verbose_name=_("cluster"))
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    account = models.CharField(_("account"), max_length=255, blank=True)
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("company"),
    )
    start_day = models.DateField(_("start day"))
    end_day = models.DateField(_("end day"))
    rates = models.JSONField(_("rates"), default=dict)
    records_count = models.PositiveIntegerField(_("records"), default=0)
    charge_gflop = models.BigIntegerField(_("charge"), default=0)
    effective_at = models.DateTimeField(_("effective"))
    digest = models.CharField(_("SHA-256 of the records"), max_length=64, blank=True)
    top = models.JSONField(default=list)
    recorded_at = models.DateTimeField(_("recorded"))
    sealed = models.BooleanField(_("sealed"), default=False)

    class Meta:
        verbose_name = _("posted usage")
        verbose_name_plural = _("posted usage")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(charge_gflop__gte=0), name="compute_posting_charge_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(sealed=False) | models.Q(digest__regex=r"^[0-9a-f]{64}$"),
                name="compute_posting_sealed_with_digest",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "end_day"], name="compute_posting_days"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="posting_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="posting_sealed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.sealed OR (OLD.usage_import_id, OLD.cluster_id, OLD.account, OLD.start_day, OLD.end_day)"
                    " IS DISTINCT FROM (NEW.usage_import_id, NEW.cluster_id, NEW.account, NEW.start_day, NEW.end_day)"
                    " OR OLD.company_id IS DISTINCT FROM NEW.company_id"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.start_day} – {self.end_day}"


# EXECUTE, so that it is planned for the postings there are.
_TALLY_BELONGS = """
    EXECUTE 'SELECT 1 FROM (SELECT DISTINCT company_id, cluster_id FROM written) AS tally
        WHERE NOT CASE WHEN company_id IS NULL
            THEN EXISTS (SELECT FROM compute_usageposting AS posting
                WHERE posting.company_id IS NULL AND posting.cluster_id = tally.cluster_id)
            ELSE EXISTS (SELECT FROM compute_usageposting AS posting
                WHERE posting.company_id = tally.company_id AND posting.cluster_id = tally.cluster_id)
            END LIMIT 1' INTO odd;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'a tally belongs to no posted usage of its company and cluster'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'compute_tally_belongs';
    END IF;
    RETURN NULL;
"""


class UsageTally(models.Model):
    """What an import adds to the current usage of one person on one account, by day of its end in Seoul and by how it
    ended: so that no page counts jobs. What it corrects is taken off by a row of its own, below zero: the sums are what is
    current. Written with the records, and proved against them by the check of the ledger."""

    # A hundred thousand come in at once: a statement's trigger looks once at all of them instead of two foreign keys at
    # each, at postings of the same company and cluster, which stay for ever and whose own foreign keys hold.
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("company"),
    )
    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("cluster"),
    )
    account = models.CharField(_("account"), max_length=255, blank=True)
    user = models.CharField(_("user"), max_length=255, blank=True)
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=40)
    jobs = models.BigIntegerField(_("jobs"))
    seconds = models.BigIntegerField(_("seconds"))
    gpu_seconds = models.BigIntegerField(_("GPU seconds"))
    gflop = models.BigIntegerField(_("charge"))

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage of days")
        ordering = ["-day", "pk"]
        indexes = [models.Index(fields=["company", "day"], name="compute_tally_days")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="tally_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="tally_belongs",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="written"),
                declare=[("odd", "int")],
                func=_TALLY_BELONGS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.user} {self.day} {self.state}"
