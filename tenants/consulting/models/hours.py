"""What an adviser's free times follow from, besides the weekly hours: the terms of booking, days that differ, and what
stands in a calendar of their own."""

from datetime import datetime

import pghistory
from django.contrib.postgres.fields import DateTimeRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.consulting.availability import Terms
from tenants.consulting.enums import ExceptionKind, Place

from .advisers import Adviser, MeetingRoom
from .parts import LONGEST_SESSION, REASON_LIMIT, bounded

LONGEST_BUFFER, LONGEST_HORIZON = 120, 180


@pghistory.track()
class BookingTerms(TimestampedModel):
    """On which terms an adviser takes bookings; one without a row takes them on those that stand as defaults here."""

    adviser = models.OneToOneField(
        Adviser, models.PROTECT, primary_key=True, related_name="terms", verbose_name=_("adviser")
    )
    minutes_before = models.PositiveSmallIntegerField(
        _("minutes kept free before a session"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    minutes_after = models.PositiveSmallIntegerField(
        _("minutes kept free after a session"), default=0, validators=[MaxValueValidator(LONGEST_BUFFER)]
    )
    notice_hours = models.PositiveSmallIntegerField(
        _("booked at least this many hours ahead"), default=12, validators=[MaxValueValidator(720)]
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("booked at most this many days ahead"),
        default=42,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_HORIZON)],
    )
    longest_day_hours = models.PositiveSmallIntegerField(
        _("most hours of sessions a day"), null=True, blank=True, validators=[MaxValueValidator(24)]
    )
    longest_week_hours = models.PositiveSmallIntegerField(
        _("most hours of sessions a week"), null=True, blank=True, validators=[MaxValueValidator(168)]
    )
    needs_approval = models.BooleanField(_("I agree to every booking first"), default=False)
    answer_hours = models.PositiveSmallIntegerField(
        _("a request ends without an answer after this many hours"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(336)],
    )

    class Meta:
        verbose_name = _("terms of booking")
        verbose_name_plural = _("terms of booking")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_before__lte=LONGEST_BUFFER, minutes_after__lte=LONGEST_BUFFER),
                name="consulting_buffers_possible",
            ),
            models.CheckConstraint(
                condition=Q(horizon_days__gte=1, horizon_days__lte=LONGEST_HORIZON, answer_hours__gte=1),
                name="consulting_horizon_possible",
            ),
        ]

    def __str__(self) -> str:
        return str(self.adviser)

    @property
    def computed(self) -> Terms:
        """The same as the computing of free times takes them."""
        return Terms(
            before=self.minutes_before,
            after=self.minutes_after,
            notice=self.notice_hours * 60,
            horizon=self.horizon_days,
            longest_day=None if self.longest_day_hours is None else self.longest_day_hours * 60,
            longest_week=None if self.longest_week_hours is None else self.longest_week_hours * 60,
        )


@pghistory.track()
class HoursException(TimestampedModel):
    """A time that differs from the weekly hours: closed, or open besides them. `reason` and `online_url` are the adviser's.

    `held_for` names what the camp holds a closed time for (a room above knows its meaning): not the adviser's to take out.
    """

    PRIVATE_FIELDS = ("reason", "online_url", "held_for", "created_at", "updated_at")

    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="exceptions", verbose_name=_("adviser"))
    kind = models.CharField(_("kind"), max_length=6, choices=ExceptionKind.choices)
    period = DateTimeRangeField(_("time"))
    minutes = models.PositiveSmallIntegerField(_("length of one session"), default=60)
    place = models.CharField(_("place"), max_length=6, choices=Place.choices, default=Place.ONLINE)
    room = models.ForeignKey(
        MeetingRoom, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("meeting room")
    )
    online_url = models.URLField(_("online address"), max_length=400, blank=True)
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)
    held_for = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("different hours")
        verbose_name_plural = _("different hours")
        ordering = ["period", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ExceptionKind.values), name="consulting_exception_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_SESSION),
                name="consulting_exception_minutes_possible",
            ),
            models.CheckConstraint(
                condition=Q(place="room", room__isnull=False)
                | Q(place__in=["online", "visit"], room__isnull=True),
                name="consulting_exception_place_whole",
            ),
            bounded("consulting_exception_bounded"),
            models.CheckConstraint(
                condition=Q(held_for="") | Q(kind="closed"), name="consulting_held_time_is_closed"
            ),
        ]

    def __str__(self) -> str:
        from incubator.common.display import period

        return f"{self.get_kind_display()} {period(self.period)}"

    @property
    def starts(self) -> datetime:
        return self.period.lower

    @property
    def ends(self) -> datetime:
        return self.period.upper


@pghistory.track(exclude=["fetched_at", "read_at", "busy_times"])
class ExternalCalendar(TimestampedModel):
    """The address of an adviser's own calendar, from which busy times are read. The address is a secret of theirs."""

    adviser = models.OneToOneField(
        Adviser, models.PROTECT, primary_key=True, related_name="external_calendar", verbose_name=_("adviser")
    )
    url = models.URLField(_("address of the calendar"), max_length=1000)
    fetched_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=32, blank=True)
    busy_times = models.PositiveIntegerField(_("busy times"), default=0)

    class Meta:
        verbose_name = _("external calendar")
        verbose_name_plural = _("external calendars")
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://"), name="consulting_calendar_is_https"
            ),
        ]

    def __str__(self) -> str:
        return str(self.adviser)


class BusyTime(models.Model):
    """A time at which an adviser is busy elsewhere: when, and never with what. Replaced at each reading."""

    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="busy_times", verbose_name=_("adviser"))
    period = DateTimeRangeField(_("time"))

    class Meta:
        verbose_name = _("busy time")
        verbose_name_plural = _("busy times")
        constraints = [bounded("consulting_busy_time_bounded")]

    def __str__(self) -> str:
        from incubator.common.display import period

        return str(period(self.period))
