from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenants.companies.models import Company
from tenants.consulting.models import Adviser
from tenants.mentordays.enums import ArrangementState, WhyCancelled
from tenants.mentordays.enums import Why as WhyUnmet

from .days import MentorDay, MentorSlot, Table


class Arrangement(models.Model):
    """One version of a day's timetable, with all that it was computed from. Only a draft can change, and of it only what is
    locked; a repair is a new version.

    `input` is the day as the solver took it, `proof` the prices that prove `bound`; `changes` are what a repair answers.
    """

    day = models.ForeignKey(
        MentorDay, models.PROTECT, related_name="arrangements", verbose_name=_("mentor day")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="repairs", verbose_name=_("repairs version")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=ArrangementState.choices, default=ArrangementState.DRAFT
    )
    input = models.JSONField(_("computed from"))
    changes = models.JSONField(_("what dropped out"), default=dict)
    proof = models.JSONField(_("proof"))
    shortfalls = models.JSONField(_("below the minimum"), default=list)
    input_hash = models.CharField(_("fingerprint of the input"), max_length=64)
    result_hash = models.CharField(_("fingerprint of the result"), max_length=64)
    code_version = models.CharField(_("computed by"), max_length=80)
    objective = models.BigIntegerField(_("worth"))
    bound = models.BigIntegerField(_("no timetable is worth more than"))
    searched = models.BooleanField(_("proven by an exhausted search"), default=False)
    spread = models.PositiveSmallIntegerField(_("most less fewest meetings of a company"))
    waits = models.PositiveIntegerField(_("waits between meetings"))
    long_runs = models.PositiveIntegerField(_("runs that are too long"))
    wished = models.PositiveIntegerField(_("wishes"))
    met = models.PositiveIntegerField(_("meetings"))
    moved = models.PositiveIntegerField(_("moved"), default=0)
    dropped = models.PositiveIntegerField(_("dropped"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("timetable")
        verbose_name_plural = _("timetables")
        ordering = ["day", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["day", "number"], name="mentordays_version_once"),
            models.UniqueConstraint(
                fields=["day"], condition=Q(state="published"), name="mentordays_one_published"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ArrangementState.values), name="mentordays_arrangement_state_known"
            ),
            models.CheckConstraint(condition=Q(bound__gte=F("objective")), name="mentordays_within_bound"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | ~Q(state="draft") & Q(published_at__isnull=False),
                name="mentordays_published_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.number}"

    @property
    def gap(self) -> int:
        return self.bound - self.objective

    @property
    def is_draft(self) -> bool:
        return self.state == ArrangementState.DRAFT


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def held(self) -> Self:
        return self.filter(cancelled=False)


class Meeting(models.Model):
    """A meeting in one version of a timetable. A cancelled one stays where it was, so that everybody can read why."""

    arrangement = models.ForeignKey(
        Arrangement, models.PROTECT, related_name="meetings", verbose_name=_("timetable")
    )
    day = models.ForeignKey(MentorDay, models.PROTECT, related_name="+", verbose_name=_("mentor day"))
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="mentor_meetings", verbose_name=_("company")
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="mentor_meetings", verbose_name=_("adviser")
    )
    slot = models.ForeignKey(MentorSlot, models.PROTECT, related_name="+", verbose_name=_("slot"))
    table = models.ForeignKey(Table, models.PROTECT, related_name="+", verbose_name=_("table"))
    locked = models.BooleanField(_("stays where it is"), default=False)
    cancelled = models.BooleanField(_("cancelled"), default=False)
    cancelled_why = models.CharField(
        _("why it was cancelled"), max_length=14, choices=WhyCancelled.choices, blank=True
    )
    cancelled_note = models.CharField(_("what had happened"), max_length=200, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["slot__number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "company", "adviser"], name="mentordays_pair_meets_once"
            ),
            *(
                models.UniqueConstraint(
                    fields=["arrangement", "slot", who],
                    condition=Q(cancelled=False),
                    name=f"mentordays_{who}_once_a_slot",
                )
                for who in ("company", "adviser", "table")
            ),
            models.CheckConstraint(
                condition=Q(cancelled=True, cancelled_why__in=WhyCancelled.values, locked=False)
                | Q(cancelled=False, cancelled_why="", cancelled_note="", cancelled_by__isnull=True),
                name="mentordays_cancelled_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.adviser}"


class Unmet(models.Model):
    """A wish that has no meeting in a version, and why."""

    arrangement = models.ForeignKey(
        Arrangement, models.PROTECT, related_name="unmet", verbose_name=_("timetable")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="+", verbose_name=_("adviser"))
    worth = models.PositiveIntegerField(_("worth"))
    why = models.CharField(_("reason"), max_length=20, choices=WhyUnmet.choices)

    class Meta:
        verbose_name = _("unmet wish")
        verbose_name_plural = _("unmet wishes")
        ordering = ["-worth", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "company", "adviser"], name="mentordays_unmet_once"
            ),
            models.CheckConstraint(condition=Q(why__in=WhyUnmet.values), name="mentordays_why_known"),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.adviser}"
