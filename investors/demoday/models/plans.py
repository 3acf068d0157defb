from typing import ClassVar, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from investors.demoday.enums import Called, MeetingState, PlanState, WhyCancelled
from investors.firms.models import Firm
from tenants.companies.models import Company

from .days import DemoDay

_STANDS = """
    IF to_jsonb(NEW) - ARRAY['state', 'published_by_id', 'published_at'] IS DISTINCT FROM
       to_jsonb(OLD) - ARRAY['state', 'published_by_id', 'published_at'] OR (OLD.state <> 'draft' AND NEW.state = 'draft') THEN
        RAISE EXCEPTION 'a timetable is not changed, a new version takes its place' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'demoday_plan_stands';
    END IF;
    RETURN NEW;
"""
_KEEPS_PLACE = """
    IF to_jsonb(NEW) - ARRAY['state', 'called', 'locked', 'updated_at'] IS DISTINCT FROM
       to_jsonb(OLD) - ARRAY['state', 'called', 'locked', 'updated_at'] THEN
        RAISE EXCEPTION 'a meeting keeps its place in its version' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'demoday_meeting_keeps_place';
    END IF;
    RETURN NEW;
"""
_DRAFTS_ONLY = """
    IF (SELECT state FROM demoday_plan WHERE id = NEW.plan_id) <> 'draft' THEN
        RAISE EXCEPTION 'no meeting is added to a published timetable' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'demoday_plan_stands';
    END IF;
    RETURN NEW;
"""


class Plan(models.Model):
    """One version of a day's timetable with all that it was computed from; a change of any kind is a new version.

    `parent` is the version that was published when it was made: only while that is still so may it take its place.
    `input` is the day as the solver took it and `proof` the prices that prove `bound` (`investors.demoday.snapshots`).
    `changes` are what a repair answers, empty for a computation from scratch. `moved`, `dropped`, `added` and `unmet` are
    lists of [company, firm, …], `redirected` of [company, firm, [firms it stands in for]], `left_out` of [side, id, why].
    """

    day = models.ForeignKey(DemoDay, models.PROTECT, related_name="plans", verbose_name=_("demo day"))
    number = models.PositiveSmallIntegerField(_("version"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="successors", verbose_name=_("takes the place of")
    )
    state = models.CharField(_("state"), max_length=9, choices=PlanState.choices, default=PlanState.DRAFT)
    input = models.JSONField(_("computed from"))
    changes = models.JSONField(_("what happened"), default=list)
    proof = models.JSONField(_("proof"))
    unmet = models.JSONField(_("wishes without a meeting"), default=list)
    shortfalls = models.JSONField(_("below the minimum"), default=list)
    redirected = models.JSONField(_("offered instead"), default=list)
    moved = models.JSONField(_("moved"), default=list)
    dropped = models.JSONField(_("dropped"), default=list)
    added = models.JSONField(_("added"), default=list)
    reseated = models.JSONField(_("at another table"), default=list)
    left_out = models.JSONField(_("left out"), default=list)
    input_hash = models.CharField(_("fingerprint of the input"), max_length=64)
    result_hash = models.CharField(_("fingerprint of the result"), max_length=64)
    solver = models.CharField(_("computed by"), max_length=80)
    objective = models.BigIntegerField(_("worth"))
    bound = models.BigIntegerField(_("no timetable is worth more than"))
    searched = models.BooleanField(_("proven by an exhausted search"), default=False)
    spread = models.PositiveSmallIntegerField(_("most less fewest meetings of a company"))
    waits = models.PositiveIntegerField(_("waits between meetings"))
    long_runs = models.PositiveIntegerField(_("runs that are too long"))
    wished = models.PositiveIntegerField(_("wishes"))
    met = models.PositiveIntegerField(_("meetings"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("demo day timetable")
        verbose_name_plural = _("demo day timetables")
        ordering = ["day", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["day", "number"], name="demoday_version_once"),
            models.UniqueConstraint(
                fields=["day"], condition=Q(state="published"), name="demoday_one_published"
            ),
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="demoday_plan_state_known"),
            models.CheckConstraint(condition=Q(bound__gte=F("objective")), name="demoday_within_bound"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | ~Q(state="draft") & Q(published_at__isnull=False),
                name="demoday_published_at_some_time",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="plan_stands", when=pgtrigger.Before, operation=pgtrigger.Update, func=_STANDS
            ),
            pgtrigger.Protect(name="plan_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.number}"

    @property
    def gap(self) -> int:
        return self.bound - self.objective

    @property
    def is_draft(self) -> bool:
        return self.state == PlanState.DRAFT

    @property
    def is_repair(self) -> bool:
        return bool(self.changes)


class DemoMeetingQuerySet(models.QuerySet["Meeting"]):
    def held(self) -> Self:
        return self.exclude(state=MeetingState.CANCELLED)

    def published(self) -> Self:
        return self.filter(plan__state=PlanState.PUBLISHED)


@pghistory.track(exclude=["updated_at"])
class Meeting(models.Model):
    """A meeting in one version: company, firm, slot and table never change. A cancelled one stays, so that all can read why."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="meetings", verbose_name=_("timetable"))
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="demo_meetings", verbose_name=_("company")
    )
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="demo_meetings", verbose_name=_("firm"))
    slot = models.PositiveSmallIntegerField(_("slot"))
    table = models.PositiveSmallIntegerField(_("table"))
    locked = models.BooleanField(_("stays where it is"), default=False)
    state = models.CharField(
        _("state"), max_length=15, choices=MeetingState.choices, default=MeetingState.PLANNED
    )
    called = models.CharField(_("called to the table"), max_length=7, choices=Called.choices, blank=True)
    cancelled_why = models.CharField(
        _("why it was cancelled"), max_length=14, choices=WhyCancelled.choices, blank=True
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = DemoMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["slot", "table", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "company", "firm"], name="demoday_pair_meets_once"),
            *(
                models.UniqueConstraint(
                    fields=["plan", "slot", who],
                    condition=~Q(state="cancelled"),
                    name=f"demoday_{who}_once_a_slot",
                )
                for who in ("company", "firm", "table")
            ),
            models.CheckConstraint(
                condition=Q(state__in=MeetingState.values), name="demoday_meeting_state_known"
            ),
            models.CheckConstraint(
                condition=Q(called="") | Q(called__in=Called.values), name="demoday_called_known"
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_why__in=WhyCancelled.values, locked=False)
                | ~Q(state="cancelled") & Q(cancelled_why=""),
                name="demoday_cancelled_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(slot__gte=1, table__gte=1), name="demoday_slot_and_table"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="keeps_place", when=pgtrigger.Before, operation=pgtrigger.Update, func=_KEEPS_PLACE
            ),
            pgtrigger.Trigger(
                name="drafts_only", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_DRAFTS_ONLY
            ),
            pgtrigger.Protect(name="meeting_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}"

    @property
    def mark(self) -> str:
        """The state as `incubator.common.states` knows it: what is over here went well."""
        return "done" if self.state == MeetingState.OVER else self.state
