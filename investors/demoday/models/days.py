from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.meeting_slots import MeetingSlot, slots_between
from incubator.common.models import TimestampedModel
from investors.demoday.enums import DayState, Side
from investors.firms.models import Firm
from tenants.companies.models import Company

MOST_SLOTS = 40
MOST_TABLES = 80
SHORTEST, LONGEST = 5, 120
LOWEST_RANK = 20


def _slot_numbers(name: Any, **options: Any) -> ArrayField:
    return ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=name, default=list, blank=True, **options
    )


@pghistory.track()
class DemoDay(TimestampedModel):
    """A day on which companies meet firms one to one, at tables counted from 1. Its slots follow from `starts`, `minutes`,
    `slot_count` and the breaks; they stand once wishes are collected."""

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
        _("number of slots"), default=24, validators=[MinValueValidator(1), MaxValueValidator(MOST_SLOTS)]
    )
    breaks = _slot_numbers(_("breaks after these slots"), help_text=_("Numbers of slots, like 8, 16."))
    break_minutes = models.PositiveSmallIntegerField(
        _("minutes of a break"),
        default=20,
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)],
    )
    table_count = models.PositiveSmallIntegerField(
        _("number of tables"), default=10, validators=[MaxValueValidator(MOST_TABLES)]
    )
    in_a_row = models.PositiveSmallIntegerField(
        _("meetings in a row, at most"),
        null=True,
        blank=True,
        default=4,
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
        verbose_name = _("demo day")
        verbose_name_plural = _("demo days")
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DayState.values), name="demoday_state_known"),
            models.CheckConstraint(
                condition=Q(minutes__range=(SHORTEST, LONGEST), break_minutes__range=(SHORTEST, LONGEST)),
                name="demoday_minutes_possible",
            ),
            models.CheckConstraint(
                condition=Q(slot_count__range=(1, MOST_SLOTS)), name="demoday_slots_possible"
            ),
            models.CheckConstraint(condition=Q(table_count__lte=MOST_TABLES), name="demoday_tables_possible"),
            models.CheckConstraint(
                condition=Q(in_a_row__isnull=True) | Q(in_a_row__gte=1), name="demoday_in_a_row_possible"
            ),
            models.CheckConstraint(
                condition=Q(state="called_off") ^ Q(called_off_reason=""),
                name="demoday_called_off_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "called_off"]) | Q(ranking_closes_at__isnull=False),
                name="demoday_ranking_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        return (self.title_en if get_language() == "en" else "") or self.title

    @property
    def mark(self) -> str:
        """The state as `incubator.common.states` knows it: what is over here went well."""
        return "done" if self.state == DayState.OVER else self.state

    @property
    def slots(self) -> tuple[MeetingSlot, ...]:
        return slots_between(
            day=self.day,
            starts=self.starts,
            minutes=self.minutes,
            count=self.slot_count,
            breaks=self.breaks,
            break_minutes=self.break_minutes,
        )

    @property
    def tables(self) -> range:
        return range(1, self.table_count + 1)

    def takes_wishes(self, now: datetime) -> bool:
        closes = self.ranking_closes_at
        return self.state == DayState.RANKING and closes is not None and now < closes


class Participant(TimestampedModel):
    """Who takes part: at most `maximum` meetings (None: as many as there are slots), none in the slots of `absent`."""

    maximum = models.PositiveSmallIntegerField(_("meetings, at most"), null=True, blank=True)
    absent = _slot_numbers(_("not there in these slots"))

    class Meta:
        abstract = True


@pghistory.track()
class DayCompany(Participant):
    """A company that takes part, with `minimum` meetings where possible.

    `kept_apart` are the firms that it may not rank, as known when the lists were last changed: a computation asks anew.
    """

    day = models.ForeignKey(DemoDay, models.PROTECT, related_name="companies", verbose_name=_("demo day"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="demo_days", verbose_name=_("company"))
    minimum = models.PositiveSmallIntegerField(_("meetings, at least"), default=0)
    kept_apart = ArrayField(models.BigIntegerField(), default=list, editable=False)

    class Meta:
        verbose_name = _("company that takes part")
        verbose_name_plural = _("companies that take part")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "company"], name="demoday_company_once"),
            models.CheckConstraint(
                condition=Q(maximum__isnull=True) | Q(minimum__lte=F("maximum")),
                name="demoday_minimum_within_maximum",
            ),
        ]

    def __str__(self) -> str:
        return str(self.company)


@pghistory.track()
class DayFirm(Participant):
    day = models.ForeignKey(DemoDay, models.PROTECT, related_name="firms", verbose_name=_("demo day"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="demo_days", verbose_name=_("firm"))

    class Meta:
        verbose_name = _("firm that takes part")
        verbose_name_plural = _("firms that take part")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["day", "firm"], name="demoday_firm_once")]

    def __str__(self) -> str:
        return str(self.firm)


@pghistory.track()
class Ranking(TimestampedModel):
    """What one side says of the other: a place in its order, or that it does not want to meet it. The company's own people
    read its side, the office reads both, nobody else any."""

    day = models.ForeignKey(DemoDay, models.PROTECT, related_name="rankings", verbose_name=_("demo day"))
    side = models.CharField(_("whose wish"), max_length=7, choices=Side.choices)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="+", verbose_name=_("firm"))
    rank = models.PositiveSmallIntegerField(_("place"), null=True, blank=True)
    veto = models.BooleanField(_("not with"), default=False)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "side", "company", "firm"], name="demoday_wish_once_a_side"
            ),
            models.UniqueConstraint(
                fields=["day", "company", "rank"],
                condition=Q(side="company", rank__isnull=False),
                name="demoday_company_rank_once",
            ),
            models.UniqueConstraint(
                fields=["day", "firm", "rank"],
                condition=Q(side="firm", rank__isnull=False),
                name="demoday_firm_rank_once",
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="demoday_side_known"),
            models.CheckConstraint(
                condition=Q(veto=True, rank__isnull=True) | Q(veto=False, rank__range=(1, LOWEST_RANK)),
                name="demoday_rank_or_veto",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}"
