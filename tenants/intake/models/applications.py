"""What an applicant sends. Who sends it is in tables of its own, so that a wall can stand between it and a blind reviewer."""

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.enums import Region, Sector, Stage
from incubator.common.models import TimestampedModel
from tenants.intake.enums import ApplicationState

from .calls import Call, Question

REASON: dict[str, Any] = {"max_length": 1000, "blank": True, "validators": [MaxLengthValidator(1000)]}


# The history outlives an application that is deleted when its time is over, so it keeps no words of anybody.
@pghistory.track(exclude=["summary", "asked_for", "reason"])
class Application(TimestampedModel):
    """One application to a call: its state, and the facts that do not tell who applies.

    `number` counts the submitted applications of a call and is given by the database. When the database takes a
    submission, and how many acceptances, are triggers: see the app's migration 0002.
    """

    SEEN_BY_REVIEWERS: ClassVar = (
        "id",
        "call",
        "number",
        "state",
        "submitted_at",
        "founded_on",
        "sectors",
        "stage",
        "region",
        "summary",
    )
    SEEN_BY_APPLICANT: ClassVar = (
        *SEEN_BY_REVIEWERS,
        "language",
        "asked_for",
        "asked_until",
        "withdrawn_at",
        "created_at",
        "updated_at",
    )

    call = models.ForeignKey(Call, models.PROTECT, related_name="applications", verbose_name=_("call"))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=ApplicationState.choices, default=ApplicationState.DRAFT
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="ko")
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    founded_on = models.DateField(_("founded"), null=True, blank=True)
    sectors = ArrayField(
        models.CharField(max_length=20, choices=Sector.choices),
        verbose_name=_("sectors"),
        default=list,
        blank=True,
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, blank=True)
    region = models.CharField(_("region"), max_length=16, choices=Region.choices, blank=True)
    summary = models.TextField(
        _("what it does"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
    )
    asked_for = models.TextField(_("documents asked for"), **REASON)
    asked_until = models.DateTimeField(_("documents until"), null=True, blank=True)
    screened_at = models.DateTimeField(_("screened"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason"), **REASON)
    waiting_order = models.PositiveSmallIntegerField(_("place on the waiting list"), null=True, blank=True)
    place_free_at = models.DateTimeField(_("told that a place is free"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ApplicationState.values), name="intake_application_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "withdrawn"]) | models.Q(submitted_at__isnull=False),
                name="intake_application_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", waiting_order__isnull=False)
                | (~models.Q(state="waiting") & models.Q(waiting_order__isnull=True)),
                name="intake_application_waits_in_order",
            ),
            models.UniqueConstraint(fields=["call", "number"], name="intake_application_number_once"),
            models.UniqueConstraint(fields=["call", "waiting_order"], name="intake_application_waits_once"),
        ]
        indexes = [models.Index(fields=["call", "state"], name="intake_application_by_state")]

    def __str__(self) -> str:
        return self.shown_number

    @property
    def shown_number(self) -> str:
        """What it is called where nobody may know whose it is."""
        return f"#{self.number}" if self.number else f"({self.get_state_display()})"

    @property
    def is_draft(self) -> bool:
        return self.state == ApplicationState.DRAFT

    @property
    def sector_labels(self) -> list[str]:
        return [str(Sector(code).label) for code in self.sectors]


class Applicant(TimestampedModel):
    """Who applies. `email` is where the link went, the key of the application; `draft` what was typed, as it was typed."""

    SEEN_BY_REVIEWERS: ClassVar = ("id", "application", "name", "name_en", "representative")

    application = models.OneToOneField(Application, models.CASCADE, related_name="applicant")
    call = models.ForeignKey(Call, models.PROTECT, related_name="+", db_index=False)
    email = models.EmailField(_("e-mail"))
    draft = models.JSONField(default=dict, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    business_number = models.CharField(_("business registration number"), max_length=10, blank=True)
    representative = models.CharField(_("representative"), max_length=80, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)

    class Meta:
        verbose_name = _("applicant")
        verbose_name_plural = _("applicants")
        constraints = [
            models.UniqueConstraint(fields=["call", "email"], name="intake_one_application_an_address"),
            models.CheckConstraint(
                condition=models.Q(email=models.functions.Lower("email")), name="intake_applicant_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(business_number="") | models.Q(business_number__regex=r"^[0-9]{10}$"),
                name="intake_business_number_form",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class TeamMember(models.Model):
    application = models.ForeignKey(Application, models.CASCADE, related_name="team")
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a submitted application says to one question: a text, a number, a list of texts, or yes or no."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", db_index=False)
    value = models.JSONField()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["question__order", "question_id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="intake_one_answer"),
        ]

    def __str__(self) -> str:
        return str(self.value)


class ApplicationFile(models.Model):
    """A file of an application. `name` may tell who applies, so reviewers get it under `neutral_name`.

    Without `question` it was asked for while the application was screened.
    """

    SEEN_BY_REVIEWERS: ClassVar = (
        "id",
        "application",
        "question",
        "file",
        "content_type",
        "size",
        "uploaded_at",
    )

    application = models.ForeignKey(Application, models.CASCADE, related_name="files")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="+", db_index=False)
    file = models.FileField(_("file"), upload_to="intake/applications/")
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size"))
    uploaded_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.neutral_name

    @property
    def neutral_name(self) -> str:
        ending = str(self.file.name).rpartition(".")[2]
        return f"file-{self.pk}.{ending}"


class Consent(models.Model):
    """What the applicant agreed to, word for word, and when."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="consents")
    version = models.CharField(_("version"), max_length=20)
    text = models.TextField(_("text"))
    agreed_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["pk"]
        triggers: ClassVar = [pgtrigger.Protect(name="agreed_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.version


class AccessLink(models.Model):
    """A link that was mailed: only the SHA-256 of its secret is kept."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.expires_at)


class Step(models.Model):
    """One step of an application: from which state to which, who, when and why."""

    SEEN_BY_APPLICANT: ClassVar = ("id", "application", "from_state", "to_state", "at")

    application = models.ForeignKey(Application, models.CASCADE, related_name="steps")
    from_state = models.CharField(
        _("state before"), max_length=10, choices=ApplicationState.choices, blank=True
    )
    to_state = models.CharField(_("state after"), max_length=10, choices=ApplicationState.choices)
    at = models.DateTimeField(_("when"))
    actor: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    note = models.TextField(_("note"), **REASON)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["pk"]
        triggers: ClassVar = [pgtrigger.Protect(name="step_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.get_to_state_display()
