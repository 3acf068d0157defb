from datetime import datetime
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.companies.models import Company
from tenants.consulting.enums import BookingState, Side

from .advisers import Adviser, private_of
from .parts import REASON_LIMIT, TEXT_LIMIT, bounded
from .slots import Slot

HIDDEN_FROM_ADVISERS = (*Company.PRIVATE_FIELDS, "ask_krw", "visible_to_investors", "picture")


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> Self:
        return self.exclude(state=BookingState.CANCELLED)

    def in_full(self) -> Self:
        """With everything that a page says of a session, in one query, without what its readers may not read."""
        return self.select_related(
            "slot__room", "slot__link", "adviser", "attendee", "attendance", "report"
        ).defer(*private_of("adviser"))

    def with_company(self) -> Self:
        """With the company, of which an adviser may read less than the company itself."""
        return self.select_related("company").defer(*(f"company__{name}" for name in HIDDEN_FROM_ADVISERS))


@pghistory.track()
class Booking(TimestampedModel):
    """A company's hold on a slot. A cancelled one stays as it is for ever, and the slot gets a new one.

    `adviser` and `period` are copies of the slot's, which a foreign key of both keeps equal.
    """

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings", verbose_name=_("slot"))
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="bookings", verbose_name=_("adviser"), editable=False
    )
    period = DateTimeRangeField(_("time"), editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="bookings", verbose_name=_("company"))
    attendee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="sessions_attended", verbose_name=_("attendee")
    )
    topic = models.TextField(_("topic"), max_length=TEXT_LIMIT, validators=[MinLengthValidator(2)])
    state = models.CharField(
        _("state"), max_length=9, choices=BookingState.choices, default=BookingState.BOOKED
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("booked by")
    )
    booked_at = models.DateTimeField(_("booked at"))
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cancelled by"),
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_side = models.CharField(
        _("cancelled from the side of"), max_length=8, choices=Side.choices, blank=True
    )
    cancel_reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["-period", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=~Q(state="cancelled"), name="consulting_one_live_booking"
            ),
            ExclusionConstraint(
                name="consulting_attendee_once_at_a_time",
                expressions=[same("attendee"), ("period", RangeOperators.OVERLAPS)],
                condition=~Q(state="cancelled"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=BookingState.values), name="consulting_booking_state_known"
            ),
            models.CheckConstraint(
                condition=(
                    ~Q(state="cancelled") & Q(cancelled_at__isnull=True, cancelled_side="", cancel_reason="")
                )
                | (
                    Q(state="cancelled", cancelled_at__isnull=False, cancelled_side__in=Side.values)
                    & ~Q(cancel_reason="")
                ),
                name="consulting_cancellation_whole",
            ),
            bounded("consulting_booking_bounded"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="cancelled_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="cancelled"),
            ),
        ]

    def __str__(self) -> str:
        from incubator.common.display import period

        return f"{period(self.period)} · {self.company}"

    @property
    def starts(self) -> datetime:
        return self.period.lower

    @property
    def ends(self) -> datetime:
        return self.period.upper

    @property
    def minutes(self) -> int:
        return round((self.period.upper - self.period.lower).total_seconds() / 60)

    @property
    def is_live(self) -> bool:
        return self.state != BookingState.CANCELLED

    @property
    def state_kind(self) -> str:
        """The kind of mark that its state is shown with."""
        return {"booked": "progress", "held": "done", "missed": "attention"}.get(self.state, "refused")


@pghistory.track()
class Attendance(models.Model):
    """Who came. Two answers, because an adviser who stays away is another thing than a company that does."""

    booking = models.OneToOneField(
        Booking, models.PROTECT, primary_key=True, related_name="attendance", verbose_name=_("booking")
    )
    adviser_came = models.BooleanField(_("the adviser came"))
    company_came = models.BooleanField(_("the company came"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")

    def __str__(self) -> str:
        return str(self.summary)

    @property
    def summary(self) -> Any:
        return {
            (True, True): _("Both came"),
            (True, False): _("The company did not come"),
            (False, True): _("The adviser did not come"),
            (False, False): _("Nobody came"),
        }[self.adviser_came, self.company_came]


class ReportQuerySet(models.QuerySet["SessionReport"]):
    def with_adviser(self) -> Self:
        """With who wrote it, in one query."""
        return self.select_related("adviser").defer(*private_of("adviser"))


@pghistory.track()
class SessionReport(TimestampedModel):
    """What a session was good for. `company` and `adviser` are the booking's, kept equal by a foreign key, so that the
    next adviser of the company can be let read it."""

    booking = models.OneToOneField(
        Booking, models.PROTECT, primary_key=True, related_name="report", verbose_name=_("booking")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="session_reports", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="session_reports", verbose_name=_("adviser"), editable=False
    )
    advice = models.TextField(_("advice"), max_length=TEXT_LIMIT)
    next_step = models.TextField(_("next step"), max_length=TEXT_LIMIT, blank=True)
    next_step_done = models.BooleanField(_("the next step is done"), default=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"))

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("session report")
        verbose_name_plural = _("session reports")
        ordering = ["-written_at", "-booking_id"]

    def __str__(self) -> str:
        return self.advice[:60]
