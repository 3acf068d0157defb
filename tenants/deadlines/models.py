from typing import ClassVar, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.mailing.models import Mail
from tenants.companies.models import Company

from .enums import Audience, CheckSource, ClockKind, DutyState, RegistrationStatus, Stage


@pghistory.track()
class ClockRules(TimestampedModel):
    """What the clocks go by. One row."""

    recheck_months = models.PositiveSmallIntegerField(
        _("business registrations are looked up every, months"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )

    class Meta:
        verbose_name = _("rules of the deadlines")
        verbose_name_plural = _("rules of the deadlines")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="deadlines_rules_one_row"),
            models.CheckConstraint(
                condition=models.Q(recheck_months__gt=0),
                name="deadlines_rules_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """Made with its defaults by the migration."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


@pghistory.track()
class DutyKind(TimestampedModel):
    """Something that every resident keeps up: insurance, fire training. Managers change the list as data."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name, Korean"), max_length=80)
    name_en = models.CharField(_("name, English"), max_length=80)
    months_valid = models.PositiveSmallIntegerField(
        _("valid for, months"), default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days after moving in until the first one"), default=30, validators=[MaxValueValidator(365)]
    )
    audience = models.CharField(
        _("whom to remind"), max_length=8, choices=Audience.choices, default=Audience.OWNER
    )
    may_be_off = models.BooleanField(
        _("reminders may be switched off"),
        default=False,
        help_text=_("Never for what the law or the lease demands."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("asked of residents"), default=True)

    class Meta:
        verbose_name = _("kind of duty")
        verbose_name_plural = _("kinds of duties")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience__in=Audience.values), name="deadlines_audience_known"
            ),
            models.CheckConstraint(
                condition=models.Q(months_valid__gt=0), name="deadlines_months_valid_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" else self.name


@pghistory.track()
class Duty(TimestampedModel):
    """That a company has done its duty, until `valid_until` included: counts once a manager has confirmed it."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="duties", verbose_name=_("company"))
    kind = models.ForeignKey(DutyKind, models.PROTECT, related_name="duties", verbose_name=_("kind"))
    done_on = models.DateField(_("done on"))
    valid_until = models.DateField(_("valid until"))
    evidence = models.FileField(_("evidence"), upload_to="duties/", blank=True)
    evidence_name = models.CharField(_("name of the file"), max_length=160, blank=True)
    evidence_type = models.CharField(max_length=120, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=DutyState.choices, default=DutyState.SUBMITTED
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("sent in by")
    )
    submitted_at = models.DateTimeField(_("sent in"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("duty done")
        verbose_name_plural = _("duties done")
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=DutyState.values), name="deadlines_duty_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("done_on")), name="deadlines_duty_order"
            ),
            models.CheckConstraint(
                condition=models.Q(state="submitted", decided_at__isnull=True)
                | (~models.Q(state="submitted") & models.Q(decided_at__isnull=False)),
                name="deadlines_duty_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | models.Q(reason__regex=r"\S"),
                name="deadlines_duty_refused_says_why",
            ),
            models.UniqueConstraint(
                fields=["company", "kind"],
                condition=models.Q(state="submitted"),
                name="deadlines_one_duty_waiting",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="duty_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="sent_in_stays",
                fields=[
                    "company",
                    "kind",
                    "done_on",
                    "valid_until",
                    "evidence",
                    "submitted_by",
                    "submitted_at",
                ],
            ),
            pgtrigger.Protect(
                name="decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'submitted'"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.kind}"


class RegistrationCheck(models.Model):
    """What a company's business registration was on a day, and who looked."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="registration_checks", verbose_name=_("company")
    )
    status = models.CharField(_("status"), max_length=9, choices=RegistrationStatus.choices)
    checked_on = models.DateField(_("looked up on"))
    source = models.CharField(
        _("source"), max_length=8, choices=CheckSource.choices, default=CheckSource.MANAGER
    )
    note = models.CharField(_("note"), max_length=400, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("business registration looked up")
        verbose_name_plural = _("business registrations looked up")
        ordering = ["-checked_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=RegistrationStatus.values), name="deadlines_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=CheckSource.values), name="deadlines_source_known"
            ),
        ]
        indexes = [models.Index(fields=["company", "-checked_on"], name="deadlines_latest_check")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_status_display()}"


class ReminderOff(models.Model):
    """A person wants no reminders of a kind. `object_id` is the kind of duty, 0 for all else."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=ClockKind.choices)
    object_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("reminders switched off")
        verbose_name_plural = _("reminders switched off")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "object_id"], name="deadlines_off_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["duty", "report", "age_limit", "registration"]),
                name="deadlines_off_where_harmless",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Reminder(models.Model):
    """One stage of one clock for one person: mailed with others in a digest, or superseded by a nearer one.

    The clock is its kind, what it is about, and its day: a day that moves makes another clock. Without `recipient` the mail
    went to the company's own address.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=ClockKind.choices)
    object_id = models.BigIntegerField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    label = models.CharField(_("about"), max_length=200, blank=True)
    due_on = models.DateField(_("due"))
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recipient")
    )
    to_camp = models.BooleanField(_("to the camp office"), default=False)
    planned_on = models.DateField(_("planned"))
    made_at = models.DateTimeField(_("written"))
    superseded = models.BooleanField(_("superseded"), default=False)
    digest = models.ForeignKey(Mail, models.PROTECT, null=True, related_name="+", verbose_name=_("mail"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "company", "due_on", "stage", "recipient"],
                nulls_distinct=False,
                name="deadlines_reminder_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ClockKind.values), name="deadlines_reminder_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=Stage.values), name="deadlines_reminder_stage_known"
            ),
            models.CheckConstraint(
                condition=models.Q(superseded=True, digest__isnull=True)
                | models.Q(superseded=False, digest__isnull=False),
                name="deadlines_reminder_sent_or_superseded",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="deadlines_reminder_due")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_stage_display()}"
