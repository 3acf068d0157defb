"""Who reviews, who may not, and what was scored."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.intake.enums import ConflictKind, ReviewState

from .applications import Application
from .calls import Call, Criterion


@pghistory.track()
class Reviewer(TimestampedModel):
    """A person who reviews applications to a call, and at most how many. It is their grant to the review pages."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="reviewers", verbose_name=_("call"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    maximum = models.PositiveSmallIntegerField(
        _("at most"), default=10, validators=[MaxValueValidator(500)], help_text=_("Applications to review.")
    )

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["call", "user"], name="intake_reviewer_once")]

    def __str__(self) -> str:
        return str(self.user)


@pghistory.track(exclude=["detail"])
class Conflict(TimestampedModel):
    """Why a reviewer may not see an application: found by addresses, or declared. Triggers keep the two apart."""

    reviewer = models.ForeignKey(
        Reviewer, models.CASCADE, related_name="conflicts", verbose_name=_("reviewer")
    )
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="conflicts", verbose_name=_("application")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ConflictKind.choices)
    detail = models.CharField(_("detail"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "application", "kind"], name="intake_conflict_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=ConflictKind.values), name="intake_conflict_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


@pghistory.track(exclude=["comment"])
class Review(TimestampedModel):
    """An application in a reviewer's hands: assigned, then scored, or given back for a conflict of interest."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="reviews", verbose_name=_("application")
    )
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="reviews", verbose_name=_("reviewer"))
    state = models.CharField(
        _("state"), max_length=9, choices=ReviewState.choices, default=ReviewState.ASSIGNED
    )
    by_hand = models.BooleanField(_("assigned by hand"), default=False)
    assigned_at = models.DateTimeField(_("assigned"))
    submitted_at = models.DateTimeField(_("scored"), null=True, blank=True)
    comment = models.TextField(
        _("comment"), max_length=4000, blank=True, validators=[MaxLengthValidator(4000)]
    )

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "reviewer"], name="intake_review_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=ReviewState.values), name="intake_review_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="submitted", submitted_at__isnull=False)
                | (~models.Q(state="submitted") & models.Q(submitted_at__isnull=True)),
                name="intake_review_submitted_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.get_state_display()}"


class Score(models.Model):
    """How a review judges one criterion, from 1 to 5."""

    VALUES: ClassVar = (1, 2, 3, 4, 5)

    review = models.ForeignKey(Review, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="scores", db_index=False)
    value = models.PositiveSmallIntegerField(
        _("score"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["criterion__order", "criterion_id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="intake_score_once"),
            models.CheckConstraint(
                condition=models.Q(value__gte=1, value__lte=5), name="intake_score_on_the_scale"
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)
