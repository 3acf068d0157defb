"""A call for applications: when, how many, what is asked, and by what it is judged."""

from datetime import datetime

import pghistory
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.intake.enums import CallState, QuestionKind

LONGEST_BODY = 20_000


def in_language(korean: str, english: str) -> str:
    """The text in the reader's language; Korean where there is no English one."""
    return (english if get_language() == "en" else "") or korean


@pghistory.track()
class Call(TimestampedModel):
    """모집공고. Applications come in from `opens_at` until and with `closes_at`, to the microsecond."""

    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    body = models.TextField(_("text"), validators=[MaxLengthValidator(LONGEST_BODY)])
    body_en = models.TextField(_("English text"), blank=True, validators=[MaxLengthValidator(LONGEST_BODY)])
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    places = models.PositiveSmallIntegerField(_("places"), validators=[MinValueValidator(1)])
    state = models.CharField(_("state"), max_length=9, choices=CallState.choices, default=CallState.DRAFT)
    blind = models.BooleanField(
        _("blind review"),
        default=True,
        help_text=_("Reviewers see neither names nor addresses of the applicants until the call is decided."),
    )
    reviews_each = models.PositiveSmallIntegerField(
        _("reviews of each application"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    keep_months = models.PositiveSmallIntegerField(
        _("months that applications are kept after the decision"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Told to applicants in the consent. What was not selected is deleted then."),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("call for applications")
        verbose_name_plural = _("calls for applications")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CallState.values), name="intake_call_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")),
                name="intake_call_opens_before_it_closes",
            ),
            models.CheckConstraint(condition=models.Q(places__gte=1), name="intake_call_has_places"),
            models.CheckConstraint(
                condition=models.Q(state__in=["decided", "closed"], decided_at__isnull=False)
                | (~models.Q(state__in=["decided", "closed"]) & models.Q(decided_at__isnull=True)),
                name="intake_call_decided_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        return in_language(self.title, self.title_en)

    @property
    def display_body(self) -> str:
        return in_language(self.body, self.body_en)

    def takes_applications(self, now: datetime) -> bool:
        return self.state == CallState.OPEN and self.opens_at <= now <= self.closes_at


@pghistory.track()
class Question(TimestampedModel):
    """One question of a call. None of a call changes once an application to it was submitted (a trigger)."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="questions", verbose_name=_("call"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    section = models.CharField(_("section"), max_length=80, blank=True, help_text=_("A heading above it."))
    kind = models.CharField(_("kind"), max_length=8, choices=QuestionKind.choices, default=QuestionKind.SHORT)
    text = models.CharField(_("question"), max_length=200)
    text_en = models.CharField(_("question, English"), max_length=200, blank=True)
    help = models.CharField(_("help"), max_length=300, blank=True)
    help_en = models.CharField(_("help, English"), max_length=300, blank=True)
    required = models.BooleanField(_("required"), default=True)
    options = models.TextField(
        _("answers to choose from"),
        blank=True,
        max_length=2000,
        validators=[MaxLengthValidator(2000)],
        help_text=_("One a line, for the kinds that choose."),
    )
    most = models.PositiveIntegerField(
        _("limit"),
        null=True,
        blank=True,
        help_text=_("Letters of a text, the highest number, or how many answers may be chosen."),
    )
    identifying = models.BooleanField(
        _("shows who applies"),
        default=False,
        help_text=_("Hidden from reviewers of a blind call, like names and addresses."),
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=QuestionKind.values), name="intake_question_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["choice", "multiple"]) | models.Q(options__regex=r"\S"),
                name="intake_question_has_options",
                violation_error_message=_("Write the answers to choose from, one a line."),
            ),
        ]

    def __str__(self) -> str:
        return self.display_text

    @property
    def display_text(self) -> str:
        return in_language(self.text, self.text_en)

    @property
    def display_help(self) -> str:
        return in_language(self.help, self.help_en)

    @property
    def choices(self) -> list[str]:
        return list(dict.fromkeys(line.strip() for line in self.options.splitlines() if line.strip()))

    @property
    def field(self) -> str:
        """The name of its field in the form."""
        return f"q{self.pk}"


class CallFile(TimestampedModel):
    """Something to download with a call: a plan to fill in, the rules."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="files", verbose_name=_("call"))
    file = models.FileField(_("file"), upload_to="intake/calls/")
    name = models.CharField(_("name"), max_length=120, editable=False)
    content_type = models.CharField(max_length=100, editable=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Criterion(TimestampedModel):
    """One thing that reviewers judge on a scale from 1 to 5. Fixed once a review was submitted (a trigger)."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="criteria", verbose_name=_("call"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=10, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    anchor_low = models.CharField(_("what 1 means"), max_length=160, blank=True)
    anchor_middle = models.CharField(_("what 3 means"), max_length=160, blank=True)
    anchor_high = models.CharField(_("what 5 means"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="intake_criterion_weighs"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return in_language(self.name, self.name_en)

    @property
    def field(self) -> str:
        return f"c{self.pk}"
