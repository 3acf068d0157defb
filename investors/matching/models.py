from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from investors.firms.models import Firm
from tenants.companies.models import Company

from .enums import (
    FOLLOWS,
    WAITS_FOR,
    DisclosureItem,
    IntroductionState,
    MatchState,
    PassReason,
    Round,
    RunState,
    WaitsFor,
)
from .limit_models import Conflict, Participation, Preference
from .weight_sets import WeightSet

__all__ = [
    "MESSAGE_LIMIT",
    "REASON_LIMIT",
    "Conflict",
    "DisclosureGrant",
    "DisclosureGrantQuerySet",
    "Introduction",
    "IntroductionQuerySet",
    "IntroductionStep",
    "Investment",
    "Match",
    "MatchQuerySet",
    "MatchRun",
    "Participation",
    "Preference",
    "WeightSet",
]

MESSAGE_LIMIT = 1000
REASON_LIMIT = 400


def _refuses(statement: str, *, run: str, besides: Iterable[str]) -> str:
    """Refuse a change of anything but the columns of `besides` once the run is no draft."""
    kept = "".join(f" - '{column}'" for column in besides)
    changed = f"AND to_jsonb(NEW){kept} IS DISTINCT FROM to_jsonb(OLD){kept}" if kept else ""
    row = "OLD" if statement == "delete" else "NEW"
    return f"""
        IF EXISTS (SELECT FROM matching_matchrun r WHERE r.id = {run} AND r.state <> 'draft') {changed} THEN
            RAISE EXCEPTION 'a published run is not changed' USING ERRCODE = 'check_violation',
                CONSTRAINT = 'matching_run_frozen';
        END IF;
        RETURN {row};
    """


def frozen(run: str, besides: Iterable[str]) -> list[pgtrigger.Trigger]:
    """What keeps the rows of published runs as they are; `run` is the column that names the run."""
    triggers = [
        pgtrigger.Trigger(
            name="frozen_update",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            func=_refuses("update", run=f"OLD.{run}", besides=besides),
        ),
        pgtrigger.Trigger(
            name="frozen_delete",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            func=_refuses("delete", run=f"OLD.{run}", besides=()),
        ),
    ]
    if run != "id":
        triggers.append(
            pgtrigger.Trigger(
                name="frozen_insert",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_refuses("insert", run=f"NEW.{run}", besides=()),
            )
        )
    return triggers


@pghistory.track(exclude=["problem", "figures", "explained", "reasons"])
class MatchRun(TimestampedModel):
    """One run of the matching, kept with its input and its proof; once published it is never changed.

    `objective` and `bound` are sums of points (1/10,000 each) on the same scale; the result is optimal when they are
    equal. `problem` is the canonical input (`investors.matching.solving`), from which alone the result can be found
    again; `shortfalls` a list of `company` (id), `missing` (introductions to the minimum) and `cause`. `figures` are
    what `investors.matching.figures` says of it, `explained` lists company, firm, why and the points lacking of every
    allowed pair that was not matched, `reasons` the components of every pair. `edits` is what managers changed of the
    draft, with what each cost; `optimum` the objective before that. LARGE fields are read only where they are shown.
    """

    LARGE: ClassVar = ("problem", "explained", "reasons")

    state = models.CharField(_("state"), max_length=10, choices=RunState.choices, default=RunState.DRAFT)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    run_at = models.DateTimeField(_("run"))
    weights_version = models.CharField(_("version of the weights"), max_length=20)
    minimum = models.PositiveSmallIntegerField(_("introductions guaranteed"))
    objective = models.BigIntegerField(_("objective"))
    bound = models.BigIntegerField(_("bound"))
    input_hash = models.CharField(_("hash of the input"), max_length=64)
    result_hash = models.CharField(_("hash of the result"), max_length=64)
    problem = models.JSONField(_("input"), default=dict)
    shortfalls = models.JSONField(_("companies below the minimum, and why"), default=list)
    solver = models.CharField(_("solver"), max_length=60)
    code_version = models.CharField(_("version of the code"), max_length=40, blank=True)
    figures = models.JSONField(_("figures"), default=dict)
    explained = models.JSONField(_("why not"), default=list)
    reasons = models.JSONField(_("reasons"), default=dict)
    edits = models.JSONField(_("changed by hand"), default=list, blank=True)
    optimum = models.BigIntegerField(_("objective before changes by hand"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        ordering = ["-run_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(objective__lte=models.F("bound")), name="matching_objective_within_bound"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RunState.values), name="matching_run_state_known"
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(state=RunState.PUBLISHED),
                name="matching_one_published_run",
            ),
        ]
        triggers: ClassVar = frozen("id", ("state", "updated_at"))

    def __str__(self) -> str:
        from incubator.common.display import moment

        return moment(self.run_at)

    @property
    def gap(self) -> int:
        return self.bound - self.objective


def _private(path: str, fields: Iterable[str]) -> Iterable[str]:
    return (f"{path}__{field}" for field in fields)


class MatchQuerySet(models.QuerySet["Match"]):
    def for_company(self) -> Self:
        """With the firm, in one query, without what founders may not read."""
        return self.select_related("firm").defer(*_private("firm", Firm.PRIVATE_FIELDS))

    def for_firm(self) -> Self:
        """With the company, in one query, without what investors may not read."""
        return self.select_related("company").defer(
            *Match.PRIVATE_FIELDS, *_private("company", Company.PRIVATE_FIELDS)
        )


@pghistory.track()
class Match(models.Model):
    """A proposed pair of a run with its reasons: the contributions in `components` add up to `score` (1/10,000).

    What a manager made of it (PRIVATE_FIELDS) is refused to investors by the database.
    """

    PRIVATE_FIELDS: ClassVar = ("state", "decided_by", "decided_at", "decision_reason", "locked")

    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="matches", verbose_name=_("run"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="matches", verbose_name=_("company"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="matches", verbose_name=_("firm"))
    score = models.PositiveIntegerField(_("score"))
    components = models.JSONField(_("reasons"))
    missing = ArrayField(
        models.CharField(max_length=20), verbose_name=_("not known"), default=list, blank=True
    )
    published = models.BooleanField(_("shown to both sides"), default=False)
    locked = models.BooleanField(_("locked by a manager"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=MatchState.choices, default=MatchState.PROPOSED
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.CharField(_("why"), max_length=REASON_LIMIT, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["-score", "pk"]
        indexes = [
            models.Index(
                fields=["company"], condition=models.Q(published=True), name="matching_shown_company"
            ),
            models.Index(fields=["firm"], condition=models.Q(published=True), name="matching_shown_firm"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "company", "firm"], name="matching_pair_once_a_run"),
            models.UniqueConstraint(fields=["id", "company", "firm"], name="matching_match_parties"),
            models.CheckConstraint(condition=models.Q(score__lte=10_000), name="matching_score_range"),
            models.CheckConstraint(
                condition=models.Q(state__in=MatchState.values), name="matching_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="dismissed")
                | (models.Q(published=False) & ~models.Q(decision_reason="")),
                name="matching_dismissed_with_reason",
            ),
        ]
        triggers: ClassVar = frozen(
            "run_id",
            ("published", "state", "decided_by_id", "decided_at", "decision_reason"),
        )

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}"


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def for_company(self) -> Self:
        """With firm and match, in one query, without what founders may not read."""
        return self.select_related("firm", "match").defer(*_private("firm", Firm.PRIVATE_FIELDS))

    def for_firm(self) -> Self:
        """With company and match, in one query, without what investors may not read."""
        return self.select_related("company", "match").defer(
            *Introduction.PRIVATE_FIELDS,
            *_private("company", Company.PRIVATE_FIELDS),
            *_private("match", Match.PRIVATE_FIELDS),
        )


@pghistory.track()
class Introduction(TimestampedModel):
    """A pair being brought together: made by a manager, opened by the company's consent to show `items` until a day.

    What manager and company say to each other (PRIVATE_FIELDS) is refused to investors by the database.
    """

    PRIVATE_FIELDS: ClassVar = ("message", "note", "made_by", "pass_reason")
    LIVE: ClassVar = ("asked", *FOLLOWS)

    match = models.ForeignKey(
        Match,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="introductions",
        verbose_name=_("match"),
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="introductions", verbose_name=_("company")
    )
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="introductions", verbose_name=_("firm"))
    state = models.CharField(
        _("state"), max_length=10, choices=IntroductionState.choices, default=IntroductionState.ASKED
    )
    message = models.TextField(_("to the company"), max_length=MESSAGE_LIMIT, blank=True)
    items = ArrayField(
        models.CharField(max_length=20, choices=DisclosureItem.choices), verbose_name=_("items asked for")
    )
    until = models.DateField(_("shown until"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    changed_at = models.DateTimeField(_("in this state since"), default=timezone.now)
    note = models.CharField(_("outcome in words"), max_length=REASON_LIMIT, blank=True)
    meets_at = models.DateTimeField(_("meeting"), null=True, blank=True)
    meets_where = models.CharField(_("where they meet"), max_length=200, blank=True)
    pass_reason = models.CharField(
        _("why the firm passed"), max_length=10, choices=PassReason.choices, blank=True
    )

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "firm"],
                condition=models.Q(state__in=["asked", *FOLLOWS]),
                name="matching_one_live_introduction",
            ),
            models.CheckConstraint(
                condition=models.Q(pass_reason="")
                | models.Q(state="passed", pass_reason__in=PassReason.values),
                name="matching_pass_reason_of_a_pass",
            ),
            models.UniqueConstraint(fields=["id", "company", "firm"], name="matching_introduction_parties"),
            models.CheckConstraint(
                condition=models.Q(state__in=IntroductionState.values),
                name="matching_introduction_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(items__contained_by=DisclosureItem.values) & ~models.Q(items=[]),
                name="matching_introduction_names_items",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def waits_for(self) -> WaitsFor:
        """Whose turn it is, as the company reads it."""
        return WAITS_FOR.get(self.state, WaitsFor.NOBODY)


class IntroductionStep(models.Model):
    """A state that an introduction came into: when, and by whose hand. Never changed.

    `company` and `firm` are the introduction's, kept equal by a foreign key of all three. `happened_on` is the day on which it
    happened, which may lie before the day on which somebody wrote it down.
    """

    introduction = models.ForeignKey(
        Introduction, models.PROTECT, related_name="steps", verbose_name=_("introduction")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="+", verbose_name=_("firm"))
    state = models.CharField(_("state"), max_length=10, choices=IntroductionState.choices)
    happened_on = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        verbose_name = _("step of an introduction")
        verbose_name_plural = _("steps of introductions")
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["introduction", "state"], name="matching_step_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=IntroductionState.values), name="matching_step_state_known"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return str(self.get_state_display())


@pghistory.track()
class Investment(models.Model):
    """Money that came of an introduction: day, round, whole won, and the paper that shows it.

    One that was entered in error is taken back with a reason, and stays. The database refuses investors the PRIVATE_FIELDS.
    """

    PRIVATE_FIELDS: ClassVar = (
        "evidence",
        "evidence_name",
        "evidence_type",
        "note",
        "recorded_by",
        "taken_back_by",
        "taken_back_reason",
    )

    introduction = models.ForeignKey(
        Introduction, models.PROTECT, related_name="investments", verbose_name=_("introduction")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="investments", verbose_name=_("company")
    )
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="investments", verbose_name=_("firm"))
    invested_on = models.DateField(_("day of the investment"))
    funding_round = models.CharField(_("round"), max_length=10, choices=Round.choices)
    amount_krw = models.BigIntegerField(_("amount, won"))
    evidence = models.FileField(_("evidence"), upload_to="investments/", blank=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    evidence_type = models.CharField(max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=REASON_LIMIT, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    taken_back_reason = models.CharField(_("why it was taken back"), max_length=REASON_LIMIT, blank=True)

    class Meta:
        verbose_name = _("investment")
        verbose_name_plural = _("investments")
        ordering = ["-invested_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_krw__gt=0), name="matching_investment_amount"),
            models.CheckConstraint(
                condition=models.Q(funding_round__in=Round.values), name="matching_investment_round_known"
            ),
            models.CheckConstraint(
                condition=models.Q(taken_back_at__isnull=True, taken_back_reason="")
                | models.Q(taken_back_at__isnull=False) & ~models.Q(taken_back_reason=""),
                name="matching_investment_taken_back_with_reason",
            ),
            models.UniqueConstraint(
                fields=["introduction", "funding_round", "invested_on"],
                condition=models.Q(taken_back_at__isnull=True),
                name="matching_investment_once",
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_funding_round_display()}"


class DisclosureGrantQuerySet(models.QuerySet["DisclosureGrant"]):
    def live(self, today: date) -> Self:
        return self.filter(withdrawn_at=None, until__gte=today)

    def for_company(self) -> Self:
        """With the firm, in one query, without what founders may not read."""
        return self.select_related("firm").defer(*_private("firm", Firm.PRIVATE_FIELDS))

    def for_firm(self) -> Self:
        """With the company, in one query, without what investors may not read."""
        return self.select_related("company").defer(
            *DisclosureGrant.PRIVATE_FIELDS, *_private("company", Company.PRIVATE_FIELDS)
        )


@pghistory.track()
class DisclosureGrant(models.Model):
    """A company's consent that one firm may see these items from one day until another, both included.

    Withdrawing closes at once. `text_version` and `text` keep what the founder agreed to: recipient, purpose, items,
    retention and the right to refuse. The database refuses investors the PRIVATE_FIELDS.
    """

    PRIVATE_FIELDS: ClassVar = ("text_version", "text", "granted_by")

    introduction = models.ForeignKey(
        Introduction, models.PROTECT, related_name="disclosures", verbose_name=_("introduction")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="disclosures", verbose_name=_("company")
    )
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="disclosures", verbose_name=_("firm"))
    items = ArrayField(
        models.CharField(max_length=20, choices=DisclosureItem.choices), verbose_name=_("items")
    )
    text_version = models.CharField(_("version of the text"), max_length=20)
    text = models.TextField(_("text agreed to"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("agreed by")
    )
    granted_at = models.DateTimeField(_("agreed"))
    since = models.DateField(_("shown from"))
    until = models.DateField(_("shown until"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = DisclosureGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent to disclosure")
        verbose_name_plural = _("consents to disclosure")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")), name="matching_disclosure_in_order"
            ),
            ExclusionConstraint(
                name="matching_one_live_disclosure",
                expressions=[
                    same("company"),
                    same("firm"),
                    (
                        models.Func("since", "until", template="daterange(%(expressions)s, '[]')"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(items__contained_by=DisclosureItem.values) & ~models.Q(items=[]),
                name="matching_disclosure_names_items",
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.company} → {self.firm}"

    @property
    def item_labels(self) -> list[Any]:
        return [DisclosureItem(code).label for code in self.items]
