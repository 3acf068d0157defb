"""What a company makes of a session: a rating that managers read, and notes that nobody else does."""

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company

from .advisers import Adviser
from .bookings import Booking
from .parts import TEXT_LIMIT

MOST_STARS = 5


@pghistory.track()
class SessionRating(TimestampedModel):
    """What a company thinks of a session. Managers read it; the adviser only ever gets a mean of several, from the
    database itself."""

    booking = models.OneToOneField(
        Booking, models.PROTECT, primary_key=True, related_name="rating", verbose_name=_("booking")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="session_ratings", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="session_ratings", verbose_name=_("adviser"), editable=False
    )
    stars = models.PositiveSmallIntegerField(
        _("rating"), validators=[MinValueValidator(1), MaxValueValidator(MOST_STARS)]
    )
    words = models.TextField(_("in words"), max_length=TEXT_LIMIT, blank=True)
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("rated by")
    )
    rated_at = models.DateTimeField(_("rated"))
    corrected_at = models.DateTimeField(_("corrected at"), null=True, blank=True)

    class Meta:
        verbose_name = _("rating of a session")
        verbose_name_plural = _("ratings of sessions")
        ordering = ["-rated_at", "-booking_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=MOST_STARS), name="consulting_stars_possible"
            )
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.stars} / {MOST_STARS}"


class CompanyNote(models.Model):
    """A company's own notes of a session. Not even the camp office reads them, so they have no history either: whoever
    could read that would read them."""

    booking = models.OneToOneField(
        Booking, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("booking")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="+", verbose_name=_("adviser"), editable=False
    )
    text = models.TextField(_("own notes"), max_length=TEXT_LIMIT, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("company's own notes")
        verbose_name_plural = _("companies' own notes")

    def __str__(self) -> str:
        return str(self.booking_id)
