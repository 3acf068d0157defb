from collections.abc import Iterable
from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from investors.firms.models import Firm
from tenants.consulting.enums import (
    AdviceField,
    Affiliation,
    Language,
    Place,
    Weekday,
)

from .parts import HOURS_IN_A_WEEK, LONGEST_SESSION, MOST_SEATS


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
    """Hours of a weekday that an adviser keeps free, as long as `period` lasts. Free times are computed from them.

    They cross midnight where `ends` is not after `starts`. Empty `topics` and `languages` are all of the adviser's.
    """

    PRIVATE_FIELDS: ClassVar = ("online_url", "created_at", "updated_at")

    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="availabilities", verbose_name=_("adviser")
    )
    weekday = models.CharField(_("weekday"), max_length=1, choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    period = DateRangeField(_("in force"), help_text=_("The last day is not included."))
    minutes = models.PositiveSmallIntegerField(_("length of one session"), default=60)
    seats = models.PositiveSmallIntegerField(_("companies in one session"), default=1)
    place = models.CharField(_("place"), max_length=6, choices=Place.choices, default=Place.ONLINE)
    room = models.ForeignKey(
        MeetingRoom,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="availabilities",
        verbose_name=_("meeting room"),
    )
    online_url = models.URLField(_("online address"), max_length=400, blank=True)
    topics = ArrayField(
        models.CharField(max_length=16, choices=AdviceField.choices),
        verbose_name=_("topics"),
        default=list,
        blank=True,
    )
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages"),
        default=list,
        blank=True,
    )
    on_holidays = models.BooleanField(_("on public holidays too"), default=False)

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["weekday", "starts", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(ends=F("starts")), name="consulting_availability_has_length"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_SESSION),
                name="consulting_availability_minutes_possible",
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1, seats__lte=MOST_SEATS),
                name="consulting_availability_seats_possible",
            ),
            models.CheckConstraint(
                condition=Q(place="room", room__isnull=False)
                | Q(place__in=["online", "visit"], room__isnull=True),
                name="consulting_availability_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(topics__contained_by=AdviceField.values, languages__contained_by=Language.values),
                name="consulting_availability_codes_known",
            ),
            models.CheckConstraint(condition=Q(weekday__in=Weekday.values), name="consulting_weekday_known"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__startswith__isnull=False),
                name="consulting_availability_has_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


def private_of(path: str) -> Iterable[str]:
    """What founders may not read of an adviser, behind a relation of this name."""
    return (f"{path}__{name}" for name in Adviser.PRIVATE_FIELDS)
