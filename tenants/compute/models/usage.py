from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.compute.enums import JOB_STATES, HoldPhase, ImportSource, ImportState, RecordKind
from tenants.compute.proof import held_units
from tenants.compute.reasons import reason_text
from tenants.compute.slurm import Charge, charge_of

from .catalogue import Cluster
from .postings import UsagePosting


class UsageImport(TimestampedModel):
    """One reading of a scheduler's accounting: what came in, and what became of it.

    `read` = `new` + `changed` + `unchanged` + `rejected`; `unattributed` counts those of them whose account no
    company has, `held` those that run still. `file` is kept only where a task reads it later. An import `same_as`
    another read the very same bytes again, and did nothing.
    """

    source = models.CharField(
        _("source"), max_length=10, choices=ImportSource.choices, default=ImportSource.SLURM
    )
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="imports", verbose_name=_("cluster"))
    file = models.FileField(_("file"), upload_to="usage/", blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    read = models.PositiveIntegerField(_("rows read"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    unattributed = models.PositiveIntegerField(_("unattributed"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    held = models.PositiveIntegerField(_("held"), default=0)
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("same file as")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=ImportState.choices, default=ImportState.WAITING
    )
    failure = models.CharField(_("why it failed"), max_length=400, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("usage import")
        verbose_name_plural = _("usage imports")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="compute_import_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=ImportState.WAITING) | models.Q(finished_at__isnull=False),
                name="compute_import_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name or self.get_source_display()} #{self.pk}"

    @property
    def rows_rejected(self) -> models.QuerySet["RejectedRow"]:
        """The rejected rows; of a file that was read before, those of the first time."""
        return RejectedRow.objects.filter(usage_import=self.same_as_id or self.pk)

    @property
    def counts(self) -> str:
        """The sentence that the command prints; the same in every language."""
        return (
            f"read {self.read}, new {self.new}, changed {self.changed}, unchanged {self.unchanged},"
            f" unattributed {self.unattributed}, rejected {self.rejected}"
        )


class RejectedRow(models.Model):
    """A row that could not be used: where, the value that is to blame, and why."""

    usage_import = models.ForeignKey(UsageImport, models.PROTECT, related_name="rejected_rows")
    line = models.PositiveIntegerField(_("row number"))
    text = models.CharField(_("value"), max_length=200, blank=True)
    code = models.CharField(_("code"), max_length=40)
    params = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"

    @property
    def reason(self) -> str:
        """The reason in the reader's language."""
        return reason_text(self.code, self.params)


# EXECUTE, so that it is planned for the postings there are: a plan kept from when there were none reads all of them.
_BELONGS = """
    EXECUTE 'SELECT 1 FROM (SELECT DISTINCT posting_id, cluster_id, company_id, account FROM written) AS record
        LEFT JOIN compute_usageposting AS posting ON posting.id = record.posting_id AND NOT posting.sealed
            AND posting.cluster_id = record.cluster_id AND posting.account = record.account
            AND posting.company_id IS NOT DISTINCT FROM record.company_id
        WHERE posting.id IS NULL LIMIT 1' INTO odd;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'a usage record belongs to no open posting of its account and company'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'compute_record_belongs';
    END IF;
    RETURN NULL;
"""


class UsageRecord(models.Model):
    """What one ended attempt of a job, or one assignment of a server, held, for how long, and what that costs; one
    revision of it.

    A row that its source changed later becomes a new revision, and the one before it is no longer current: that is
    the one thing about a record that ever changes. `held` is the canonical text of the units (see `proof`). Its
    import, its rates and when it was recorded are its posting's: read records with `select_related("posting")`.
    """

    # A million rows come in at once. Three foreign keys would cost a look each; a statement's trigger looks once at
    # all of them instead, at the posting, whose own foreign keys hold.
    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        related_name="records",
        db_index=False,
        db_constraint=False,
        verbose_name=_("cluster"),
    )
    kind = models.CharField(_("kind"), max_length=6, choices=RecordKind.choices, default=RecordKind.JOB)
    job_id = models.BigIntegerField(_("job"))
    submit_at = models.DateTimeField(_("submitted"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    is_current = models.BooleanField(_("current revision"), default=True)
    display_id = models.CharField(_("job as shown"), max_length=255, blank=True)
    account = models.CharField(_("account"), max_length=255, blank=True)
    user = models.CharField(_("user"), max_length=255, blank=True)
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
    state = models.CharField(_("state"), max_length=40)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"))
    elapsed_seconds = models.BigIntegerField(_("seconds"))
    held = models.TextField(_("units held"), blank=True)
    charge_gflop = models.BigIntegerField(_("charge"))
    posting = models.ForeignKey(
        UsagePosting,
        models.PROTECT,
        related_name="records",
        db_index=False,
        db_constraint=False,
        verbose_name=_("posted usage"),
    )

    class Meta:
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job_id", "submit_at", "cluster", "kind"],
                condition=models.Q(is_current=True),
                name="compute_record_one_current",
            ),
            models.UniqueConstraint(
                fields=["job_id", "submit_at", "cluster", "kind", "revision"],
                condition=models.Q(is_current=False),
                name="compute_record_revision_once",
            ),
            models.CheckConstraint(
                condition=models.Q(charge_gflop__gte=0, elapsed_seconds__gte=0, revision__gte=1),
                name="compute_record_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=RecordKind.values), name="compute_record_kind_known"
            ),
        ]
        indexes = [
            # The records of a posting were written at about the same time: where they lie is enough to find them.
            BrinIndex(
                fields=["posting"], name="compute_record_posting", pages_per_range=32, autosummarize=True
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="record_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="record_append_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "to_jsonb(OLD) - 'is_current' IS DISTINCT FROM to_jsonb(NEW) - 'is_current'"
                    " OR NOT OLD.is_current OR NEW.is_current"
                ),
            ),
            pgtrigger.Trigger(
                name="record_belongs",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="written"),
                declare=[("odd", "int")],
                func=_BELONGS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_shown} ({self.get_state_label()})"

    @property
    def job_shown(self) -> str:
        return self.display_id or str(self.job_id)

    @property
    def state_kind(self) -> str:
        """One of the five kinds of a state, for the mark beside the word."""
        return JOB_STATES.get(self.state, ("attention", ""))[0]

    def get_state_label(self) -> str:
        known: Any = JOB_STATES.get(self.state)
        return str(known[1]) if known else self.state

    @property
    def units(self) -> dict[str, int]:
        return held_units(self.held)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """How the charge came about: dicts of resource, units, rate (GFLOP a second for one unit) and gflop."""
        return [line._asdict() for line in self._charge.lines]

    @property
    def unrated(self) -> list[str]:
        """What was held and had no rate: free of charge, and named."""
        return list(self._charge.unrated)

    @property
    def usage_import(self) -> UsageImport:
        return self.posting.usage_import

    @property
    def recorded_at(self) -> datetime:
        return self.posting.recorded_at

    @property
    def _charge(self) -> Charge:
        return charge_of(self.units, self.elapsed_seconds, self.posting.rates.get)


class AssignedServer(models.Model):
    """A server of a cluster and one resource of it: its number stands where a job's number stands."""

    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="servers", db_index=False, verbose_name=_("cluster")
    )
    name = models.CharField(_("server"), max_length=200)
    resource = models.CharField(_("resource"), max_length=80)

    class Meta:
        verbose_name = _("assigned server")
        verbose_name_plural = _("assigned servers")
        ordering = ["cluster", "name", "resource"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "name", "resource"], name="compute_server_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="compute_server_name_not_empty"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="server_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.resource}"


class JobHold(models.Model):
    """A job that has not ended: what it may still cost, never a charge. Resolved once: when the job's end comes in,
    or timed out when nothing has been heard of it for long.

    `amount_gflop` prices the job's time limit, or the time it has run where that is longer or no limit is known.
    """

    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="holds", db_index=False, verbose_name=_("cluster")
    )
    kind = models.CharField(_("kind"), max_length=6, choices=RecordKind.choices, default=RecordKind.JOB)
    job_id = models.BigIntegerField(_("job"))
    submit_at = models.DateTimeField(_("submitted"))
    display_id = models.CharField(_("job as shown"), max_length=255, blank=True)
    account = models.CharField(_("account"), max_length=255, blank=True)
    user = models.CharField(_("user"), max_length=255, blank=True)
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("company"),
    )
    phase = models.CharField(_("phase"), max_length=8, choices=HoldPhase.choices)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    elapsed_seconds = models.BigIntegerField(_("seconds so far"), default=0)
    units = models.JSONField(_("units held"), default=dict)
    amount_gflop = models.BigIntegerField(_("held"))
    as_of = models.DateTimeField(_("as of"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    timed_out = models.BooleanField(_("timed out"), default=False)

    class Meta:
        verbose_name = _("job on hold")
        verbose_name_plural = _("jobs on hold")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "kind", "job_id", "submit_at"],
                condition=models.Q(resolved_at__isnull=True),
                name="compute_hold_once",
            ),
            models.CheckConstraint(condition=models.Q(amount_gflop__gte=0), name="compute_hold_not_negative"),
            models.CheckConstraint(
                condition=models.Q(phase__in=HoldPhase.values), name="compute_hold_phase_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["company"], condition=models.Q(resolved_at__isnull=True), name="compute_hold_open"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="hold_resolves_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.resolved_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_shown} ({self.get_phase_display()})"

    @property
    def job_shown(self) -> str:
        return self.display_id or str(self.job_id)
