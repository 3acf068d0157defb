from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.companies.models import Company
from tenants.consulting.models import Adviser, MeetingRoom
from tenants.mentordays.enums import DayState

MOST_SLOTS = 40
SHORTEST, LONGEST = 5, 120


def _slot_numbers(name: Any, **options: Any) -> ArrayField:
    return ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=name, default=list, blank=True, **options
    )


@pghistory.track()
class MentorDay(TimestampedModel):
    """A day on which companies meet advisers one to one. Its slots follow from `starts`, `minutes`, `slot_count` and the
    breaks; they stand once wishes are collected."""

    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    day = models.DateField(_("day"))
    starts = models.TimeField(_("first meeting at"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes of a meeting"),
        default=20,
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)],
    )
    slot_count = models.PositiveSmallIntegerField(
        _("number of slots"), default=12, validators=[MinValueValidator(1), MaxValueValidator(MOST_SLOTS)]
    )
    breaks = _slot_numbers(_("breaks after these slots"), help_text=_("Numbers of slots, like 4, 8."))
    break_minutes = models.PositiveSmallIntegerField(
        _("minutes of a break"),
        default=20,
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)],
    )
    in_a_row = models.PositiveSmallIntegerField(
        _("meetings in a row, at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SLOTS)],
        help_text=_("Kept where it costs nobody a meeting. Empty: any number."),
    )
    ranking_closes_at = models.DateTimeField(_("wishes are collected until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DayState.choices, default=DayState.DRAFT, editable=False
    )
    called_off_reason = models.CharField(_("reason"), max_length=400, blank=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("planned by"),
        editable=False,
    )

    class Meta:
        verbose_name = _("mentor day")
        verbose_name_plural = _("mentor days")
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DayState.values), name="mentordays_state_known"),
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST)
                & Q(break_minutes__gte=SHORTEST, break_minutes__lte=LONGEST),
                name="mentordays_minutes_possible",
            ),
            models.CheckConstraint(
                condition=Q(slot_count__gte=1, slot_count__lte=MOST_SLOTS), name="mentordays_slots_possible"
            ),
            models.CheckConstraint(
                condition=Q(in_a_row__isnull=True) | Q(in_a_row__gte=1), name="mentordays_in_a_row_possible"
            ),
            models.CheckConstraint(
                condition=Q(state="called_off") & ~Q(called_off_reason="")
                | ~Q(state="called_off") & Q(called_off_reason=""),
                name="mentordays_called_off_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(ranking_closes_at__isnull=False) | Q(state="called_off"),
                name="mentordays_ranking_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        from django.utils.translation import get_language

        return (self.title_en if get_language() == "en" else "") or self.title

    @property
    def is_open(self) -> bool:
        """Whether a timetable may still be computed and published."""
        return self.state in (DayState.RANKING, DayState.ARRANGED)

    @property
    def state_kind(self) -> str:
        """How the state looks: a kind of `incubator.common.states`."""
        return {
            DayState.DRAFT: "waiting",
            DayState.RANKING: "progress",
            DayState.ARRANGED: "progress",
            DayState.PUBLISHED: "done",
            DayState.OVER: "done",
            DayState.CALLED_OFF: "refused",
        }[DayState(self.state)]

    def takes_wishes(self, now: datetime) -> bool:
        closes = self.ranking_closes_at
        return self.state == DayState.RANKING and closes is not None and now < closes


class MentorSlot(models.Model):
    """A slot of the day, counted from 1; `block` rises after each break."""

    day = models.ForeignKey(MentorDay, models.CASCADE, related_name="slots", verbose_name=_("mentor day"))
    number = models.PositiveSmallIntegerField(_("number"))
    block = models.PositiveSmallIntegerField(_("part of the day"), default=0)
    period = DateTimeRangeField(_("time"))

    class Meta:
        verbose_name = _("slot of a mentor day")
        verbose_name_plural = _("slots of a mentor day")
        ordering = ["day", "number"]
        constraints = [
            models.UniqueConstraint(fields=["day", "number"], name="mentordays_slot_once"),
            ExclusionConstraint(
                name="mentordays_slots_apart",
                expressions=[same("day"), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(
                    period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False
                ),
                name="mentordays_slot_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        from incubator.common.display import clock

        return str(clock(self.period.lower))


@pghistory.track()
class InvitedAdviser(TimestampedModel):
    """An adviser who takes part: `maximum` meetings (None: as many as there are slots), none in the slots of `absent`."""

    day = models.ForeignKey(
        MentorDay, models.PROTECT, related_name="invited_advisers", verbose_name=_("mentor day")
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="mentor_days", verbose_name=_("adviser")
    )
    maximum = models.PositiveSmallIntegerField(_("meetings, at most"), null=True, blank=True)
    absent = _slot_numbers(_("not there in these slots"))

    class Meta:
        verbose_name = _("invited adviser")
        verbose_name_plural = _("invited advisers")
        ordering = ["adviser__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "adviser"], name="mentordays_adviser_once"),
        ]

    def __str__(self) -> str:
        return str(self.adviser)


@pghistory.track()
class InvitedCompany(TimestampedModel):
    """A company that takes part: `minimum` meetings where possible, at most `maximum` (None: as many as there are slots)."""

    day = models.ForeignKey(
        MentorDay, models.PROTECT, related_name="invited_companies", verbose_name=_("mentor day")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="mentor_days", verbose_name=_("company")
    )
    minimum = models.PositiveSmallIntegerField(_("meetings, at least"), default=0)
    maximum = models.PositiveSmallIntegerField(_("meetings, at most"), null=True, blank=True)
    absent = _slot_numbers(_("not there in these slots"))

    class Meta:
        verbose_name = _("invited company")
        verbose_name_plural = _("invited companies")
        ordering = ["company__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "company"], name="mentordays_company_once"),
            models.CheckConstraint(
                condition=Q(maximum__isnull=True) | Q(minimum__lte=F("maximum")),
                name="mentordays_minimum_within_maximum",
            ),
        ]

    def __str__(self) -> str:
        return str(self.company)


@pghistory.track()
class Table(TimestampedModel):
    """Where one meeting at a time takes place, not in the slots of `closed`. A meeting room of consulting may be one; what
    stands in it there closes it too."""

    day = models.ForeignKey(MentorDay, models.PROTECT, related_name="tables", verbose_name=_("mentor day"))
    name = models.CharField(_("name"), max_length=60)
    room = models.ForeignKey(
        MeetingRoom, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("meeting room")
    )
    closed = _slot_numbers(_("closed in these slots"))

    class Meta:
        verbose_name = _("table")
        verbose_name_plural = _("tables")
        ordering = ["day", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "name"], name="mentordays_table_once"),
            models.UniqueConstraint(
                fields=["day", "room"], condition=Q(room__isnull=False), name="mentordays_room_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="mentordays_table_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
