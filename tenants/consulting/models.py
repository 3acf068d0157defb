from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from investors.firms.models import Firm
from tenants.companies.models import Company

from .enums import AdviceField, Affiliation, BookingState, Language, Side, SlotState, Weekday

TEXT_LIMIT = 2000
REASON_LIMIT = 400
HOURS_IN_A_WEEK = 168


HIDDEN_FROM_ADVISERS = (*Company.PRIVATE_FIELDS, "ask_krw", "visible_to_investors", "picture")


def _bounded(name: str) -> models.CheckConstraint:
    """A period with two ends and something between them."""
    condition = Q(period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False)
    return models.CheckConstraint(condition=condition, name=name)


@pghistory.track()
class Adviser(TimestampedModel):
    """A person who consults. PRIVATE_FIELDS are for the camp office: the database refuses them to founders and colleagues."""

    PRIVATE_FIELDS: ClassVar = ("email", "user", "firm", "created_at", "updated_at")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adviser",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), unique=True)
    affiliation = models.CharField(_("affiliation"), max_length=16, choices=Affiliation.choices)
    firm = models.ForeignKey(
        Firm, models.PROTECT, null=True, blank=True, related_name="advisers", verbose_name=_("firm")
    )
    fields = ArrayField(
        models.CharField(max_length=16, choices=AdviceField.choices),
        verbose_name=_("advises on"),
        default=list,
    )
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices), verbose_name=_("languages"), default=list
    )
    weekly_hours = models.PositiveSmallIntegerField(
        _("hours a week"), default=0, validators=[MaxValueValidator(HOURS_IN_A_WEEK)]
    )
    active = models.BooleanField(_("can be booked"), default=True)

    class Meta:
        verbose_name = _("adviser")
        verbose_name_plural = _("advisers")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="consulting_adviser_email_lower"),
            models.CheckConstraint(
                condition=Q(affiliation__in=Affiliation.values), name="consulting_affiliation_known"
            ),
            models.CheckConstraint(
                condition=Q(fields__contained_by=AdviceField.values), name="consulting_fields_known"
            ),
            models.CheckConstraint(
                condition=Q(languages__contained_by=Language.values), name="consulting_languages_known"
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours__lte=HOURS_IN_A_WEEK), name="consulting_weekly_hours_possible"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def field_labels(self) -> list[str]:
        return [str(AdviceField(code).label) for code in self.fields]

    @property
    def language_labels(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]


@pghistory.track()
class MeetingRoom(TimestampedModel):
    name = models.CharField(_("name"), max_length=80, unique=True)
    place = models.CharField(_("where it is"), max_length=160, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("meeting room")
        verbose_name_plural = _("meeting rooms")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Availability(TimestampedModel):
    """Hours of a weekday that an adviser keeps free, as long as `period` lasts. Slots are opened from them."""

    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="availabilities", verbose_name=_("adviser")
    )
    weekday = models.CharField(_("weekday"), max_length=1, choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    period = DateRangeField(_("in force"), help_text=_("The last day is not included."))

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["weekday", "starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="consulting_availability_in_order"
            ),
            models.CheckConstraint(condition=Q(weekday__in=Weekday.values), name="consulting_weekday_known"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__startswith__isnull=False),
                name="consulting_availability_has_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def bookable(self, now: datetime) -> Self:
        """The one rule of what can be booked: open, free, not begun, and its adviser takes bookings."""
        return self.filter(
            state=SlotState.OPEN, taken=False, adviser__active=True, period__startswith__gt=now
        )

    def in_full(self) -> Self:
        """With adviser and room, in one query, without what founders may not read."""
        return self.select_related("adviser", "room").defer(*_private_of("adviser"))


def _private_of(path: str) -> Iterable[str]:
    return (f"{path}__{name}" for name in Adviser.PRIVATE_FIELDS)


@pghistory.track(exclude=["taken"])
class Slot(TimestampedModel):
    """A time that an adviser offers. It is never moved or deleted: it is withdrawn, and another one opened.

    `taken` says whether a live booking holds it. The database keeps it so, whatever anyone writes: that a slot is taken
    is for everyone to know, by whom is not.
    """

    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="slots", verbose_name=_("adviser"))
    period = DateTimeRangeField(_("time"))
    room = models.ForeignKey(
        MeetingRoom,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="slots",
        verbose_name=_("meeting room"),
    )
    state = models.CharField(_("state"), max_length=9, choices=SlotState.choices, default=SlotState.OPEN)
    taken = models.BooleanField(_("booked"), default=False, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["period", "pk"]
        indexes = [
            models.Index(
                F("period__startswith"), condition=Q(state="open"), name="consulting_open_slots_by_time"
            )
        ]
        constraints = [
            ExclusionConstraint(
                name="consulting_adviser_slots_apart",
                expressions=[same("adviser"), ("period", RangeOperators.OVERLAPS)],
                condition=Q(state="open"),
            ),
            ExclusionConstraint(
                name="consulting_room_once_at_a_time",
                expressions=[same("room"), ("period", RangeOperators.OVERLAPS)],
                condition=Q(state="open", room__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["id", "adviser", "period"], name="consulting_slot_place_and_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SlotState.values), name="consulting_slot_state_known"
            ),
            models.CheckConstraint(
                condition=Q(taken=False) | Q(state="open"), name="consulting_withdrawn_slot_is_free"
            ),
            models.CheckConstraint(
                condition=Q(state="open", withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="consulting_withdrawal_has_reason",
            ),
            _bounded("consulting_slot_bounded"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        from incubator.common.display import period

        return f"{period(self.period)} · {self.adviser}"

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
    def online_url(self) -> str:
        link = getattr(self, "link", None)
        return link.url if link else ""


@pghistory.track()
class SlotLink(models.Model):
    """Where an online session of a slot takes place. Apart from the slot, because only who booked it may know."""

    slot = models.OneToOneField(
        Slot, models.PROTECT, primary_key=True, related_name="link", verbose_name=_("slot")
    )
    url = models.URLField(_("online address"), max_length=400)

    class Meta:
        verbose_name = _("online address")
        verbose_name_plural = _("online addresses")

    def __str__(self) -> str:
        return self.url


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> Self:
        return self.exclude(state=BookingState.CANCELLED)

    def in_full(self) -> Self:
        """With everything that a page says of a session, in one query, without what its readers may not read."""
        return self.select_related(
            "slot__room", "slot__link", "adviser", "attendee", "attendance", "report"
        ).defer(*_private_of("adviser"))

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
            _bounded("consulting_booking_bounded"),
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
        return self.select_related("adviser").defer(*_private_of("adviser"))


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
