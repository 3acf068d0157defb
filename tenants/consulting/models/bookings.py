from datetime import datetime
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.companies.models import Company
from tenants.consulting.enums import BookingState, Ending, Side

from .advisers import Adviser, private_of
from .parts import REASON_LIMIT, TEXT_LIMIT, bounded
from .slots import Slot

HIDDEN_FROM_ADVISERS = (
    *Company.PRIVATE_FIELDS,
    "ask_krw",
    "visible_to_investors",
    "shown_by_name",
    "picture",
)


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
    ended_as = models.CharField(_("ended as"), max_length=9, choices=Ending.choices, blank=True)
    late = models.BooleanField(_("cancelled late"), default=False)
    seat = models.PositiveSmallIntegerField(_("seat"), default=1, editable=False)
    expires_at = models.DateTimeField(_("ends without an answer"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agreed to by"),
    )
    decided_at = models.DateTimeField(_("agreed to"), null=True, blank=True)
    # The same through all moves of a session, and how often calendars have to take it in anew.
    uid = models.UUIDField(db_default=RandomUUID(), editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    series = models.UUIDField(_("series"), null=True, blank=True, editable=False)
    moved_from = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="moved_to",
        verbose_name=_("moved from"),
    )
    move_reason = models.CharField(_("why it was moved"), max_length=REASON_LIMIT, blank=True)
    # What the page sent with the click, so that the same click never books twice.
    click = models.CharField(max_length=40, blank=True, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["-period", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "seat"], condition=~Q(state="cancelled"), name="consulting_one_live_booking"
            ),
            models.UniqueConstraint(
                fields=["slot", "company"],
                condition=~Q(state="cancelled"),
                name="consulting_company_once_in_a_session",
            ),
            models.UniqueConstraint(
                fields=["company", "click"], condition=~Q(click=""), name="consulting_click_books_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="requested") | Q(expires_at__isnull=False),
                name="consulting_request_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled") | Q(ended_as="", late=False),
                name="consulting_live_booking_has_not_ended",
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
        return {
            "requested": "waiting",
            "booked": "progress",
            "held": "done",
            "missed": "attention",
        }.get(self.state, "refused")

    @property
    def state_in_words(self) -> Any:
        """The state, and of a cancelled booking what it ended as."""
        return self.get_ended_as_display() if self.ended_as else self.get_state_display()


class Attendee(models.Model):
    """A person who comes to a session: whoever the booking names, and others of the company.

    `company`, `held` and `live` are the booking's, written by the database whenever the booking is.
    """

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="attendees", verbose_name=_("booking"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("attendee")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, related_name="+", verbose_name=_("company"), editable=False
    )
    held = DateTimeRangeField(_("time with buffers"), null=True, editable=False)
    live = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "person"], name="consulting_attendee_named_once"),
            ExclusionConstraint(
                name="consulting_attendee_once_at_a_time",
                expressions=[same("person"), ("held", RangeOperators.OVERLAPS)],
                condition=Q(live=True),
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.person)


class BookingFile(models.Model):
    """A file that a company adds to the question of its session. `name` is what it was called, for reading only."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="files", verbose_name=_("booking"))
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    file = models.FileField(_("file"), upload_to="consulting/")
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(_("size"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


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
