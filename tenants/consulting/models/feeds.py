"""Calendar feeds of persons, and the reminders that have gone out."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.consulting.enums import ReminderKind

from .bookings import Booking


class CalendarFeed(models.Model):
    """The secret address of a person's calendar, kept as its hash. A new address takes the place of the old one at once."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        primary_key=True,
        related_name="calendar_feed",
        verbose_name=_("person"),
    )
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (closed: none)
    made_at = models.DateTimeField(_("made"))
    revoked_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_hash__isnull=False, revoked_at__isnull=True)
                | models.Q(token_hash__isnull=True, revoked_at__isnull=False),
                name="consulting_feed_open_or_closed",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Reminder(models.Model):
    """A reminder of a session that has gone out; there is one of each kind, however often the job runs."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="reminders", verbose_name=_("booking"))
    kind = models.CharField(_("kind"), max_length=4, choices=ReminderKind.choices)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["booking", "kind"], name="consulting_reminded_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.booking} · {self.get_kind_display()}"
