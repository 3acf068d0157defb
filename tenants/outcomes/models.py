from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import last_day
from tenants.companies.models import Company

from .enums import KpiUnit, ReportState

# Reports of a period share this lock (by the period's id) while they are written; closing the period takes it alone.
PERIOD_LOCK = 861_207

_OPEN_PERIOD = f"""
PERFORM pg_advisory_xact_lock_shared({PERIOD_LOCK}, NEW.period_id::int);
IF EXISTS (SELECT 1 FROM outcomes_reportingperiod WHERE id = NEW.period_id AND closed_at IS NOT NULL) THEN
  RAISE EXCEPTION 'this period is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'outcomes_period_open';
END IF;
RETURN NEW;
"""  # noqa: S608
_UNSENT_VALUE = """
IF EXISTS (SELECT 1 FROM outcomes_kpireport WHERE id = COALESCE(NEW.report_id, OLD.report_id) AND state = 'submitted') THEN
  RAISE EXCEPTION 'this report is submitted' USING ERRCODE = 'check_violation', CONSTRAINT = 'outcomes_value_unsent';
END IF;
RETURN COALESCE(NEW, OLD);
"""
_UNSENT_REPORT = """
RAISE EXCEPTION 'this report is submitted' USING ERRCODE = 'check_violation', CONSTRAINT = 'outcomes_report_unsent';
"""


@pghistory.track()
class KpiDefinition(TimestampedModel):
    """One figure that companies report: a whole number of its unit."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name, Korean"), max_length=80)
    name_en = models.CharField(_("name, English"), max_length=80)
    unit = models.CharField(_("unit"), max_length=8, choices=KpiUnit.choices)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("asked for"), default=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(unit__in=KpiUnit.values), name="outcomes_unit_known"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" else self.name


@pghistory.track()
class ReportingPeriod(TimestampedModel):
    """A stretch of days that every resident reports on, until `due_on`. Once closed nothing in it changes."""

    name = models.CharField(_("name, Korean"), max_length=40, unique=True)
    name_en = models.CharField(_("name, English"), max_length=40)
    period = DateRangeField(_("period"))
    due_on = models.DateField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("reporting period")
        verbose_name_plural = _("reporting periods")
        ordering = ["-period", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(period__isempty=False)
                & models.Q(period__startswith__isnull=False)
                & models.Q(period__endswith__isnull=False),
                name="outcomes_period_bounded",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.Func("period", function="upper")),
                name="outcomes_due_after_period",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" else self.name

    @property
    def last_day(self) -> object:
        return last_day(self.period)


@pghistory.track()
class KpiReport(TimestampedModel):
    """What a company reports for a period. A correction of a submitted report is its next revision."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="kpi_reports", verbose_name=_("company")
    )
    period = models.ForeignKey(
        ReportingPeriod, models.PROTECT, related_name="reports", verbose_name=_("reporting period")
    )
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    state = models.CharField(
        _("state"), max_length=10, choices=ReportState.choices, default=ReportState.DRAFT
    )
    note = models.TextField(_("note"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )

    class Meta:
        verbose_name = _("outcome report")
        verbose_name_plural = _("outcome reports")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "period", "revision"], name="outcomes_revision_once"),
            models.UniqueConstraint(
                fields=["company", "period"], condition=models.Q(state="draft"), name="outcomes_one_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ReportState.values), name="outcomes_state_known"
            ),
            models.CheckConstraint(condition=models.Q(revision__gte=1), name="outcomes_revision_from_one"),
            models.CheckConstraint(
                condition=models.Q(state="draft", submitted_at__isnull=True)
                | models.Q(state="submitted", submitted_at__isnull=False),
                name="outcomes_submitted_has_time",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="open_period",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_OPEN_PERIOD,
            ),
            pgtrigger.Trigger(
                name="submitted_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="submitted"),
                func=_UNSENT_REPORT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.period} · {self.revision}"


class KpiValue(models.Model):
    """One figure of a report. Part of its report: it changes with a draft and never once that is submitted."""

    report = models.ForeignKey(KpiReport, models.CASCADE, related_name="values", verbose_name=_("report"))
    definition = models.ForeignKey(
        KpiDefinition, models.PROTECT, related_name="values", verbose_name=_("indicator")
    )
    value = models.BigIntegerField(_("value"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["definition__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "definition"], name="outcomes_value_once"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="outcomes_value_not_negative"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="unsent",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_UNSENT_VALUE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition}: {self.value}"
