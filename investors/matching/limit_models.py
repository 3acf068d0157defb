"""What keeps a company and a firm apart, and what each side wishes."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from investors.firms.models import Firm
from tenants.companies.models import Company

from .enums import RANKED, ConflictKind, ConflictState, PreferenceLevel, Side

EVIDENCE_LIMIT = 400
# A party that wants to meet everyone wants nobody: the brackets of a run are for few.
MOST_MUSTS = 5
LAST_RANK = 10


@pghistory.track()
class Conflict(TimestampedModel):
    """A reason why a company and a firm are not matched: hard once it is confirmed and until its day, included.

    `side` says who brought it: the machine only proposes, a company's own declaration is never shown to the firm.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="conflicts", verbose_name=_("company"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="conflicts", verbose_name=_("firm"))
    kind = models.CharField(_("kind"), max_length=20, choices=ConflictKind.choices)
    evidence = models.TextField(_("evidence"), max_length=EVIDENCE_LIMIT, blank=True)
    side = models.CharField(_("declared by"), max_length=8, choices=Side.choices, default=Side.OFFICE)
    state = models.CharField(
        _("state"), max_length=10, choices=ConflictState.choices, default=ConflictState.PROPOSED
    )
    until = models.DateField(_("until"), null=True, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("declared by"),
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

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "firm", "kind", "side"], name="matching_conflict_once_a_side"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ConflictKind.values), name="matching_conflict_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ConflictState.values), name="matching_conflict_state_known"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="matching_conflict_side_known"),
            models.CheckConstraint(
                condition=~Q(kind="declined") | Q(until__isnull=False), name="matching_declined_until_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(side="machine") | ~Q(state="confirmed") | Q(decided_by__isnull=False),
                name="matching_found_conflict_decided_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}"


@pghistory.track()
class Preference(TimestampedModel):
    """What one side said of the other: one row a direction. Neither side ever sees the other's.

    `rank` orders a party's own musts and meets, 1 the dearest.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="preferences", verbose_name=_("company")
    )
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="preferences", verbose_name=_("firm"))
    side = models.CharField(
        _("whose wish"), max_length=8, choices=[(each, each.label) for each in (Side.COMPANY, Side.FIRM)]
    )
    level = models.CharField(_("wish"), max_length=8, choices=PreferenceLevel.choices)
    rank = models.PositiveSmallIntegerField(
        _("rank"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_RANK)],
    )
    reason = models.CharField(_("why"), max_length=EVIDENCE_LIMIT, blank=True)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "firm", "side"], name="matching_wish_once_a_direction"
            ),
            models.CheckConstraint(
                condition=Q(level__in=PreferenceLevel.values) & Q(side__in=["company", "firm"]),
                name="matching_wish_known",
            ),
            models.CheckConstraint(
                condition=Q(rank__isnull=True) | Q(rank__range=(1, LAST_RANK), level__in=RANKED),
                name="matching_rank_of_a_wish",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}"


@pghistory.track()
class Participation(TimestampedModel):
    """Whether a company wants to be matched at all. A company that was never asked is: a match opens nothing."""

    company = models.OneToOneField(
        Company, models.PROTECT, related_name="matching_participation", verbose_name=_("company")
    )
    takes_part = models.BooleanField(_("takes part in the matching"))
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("participation in the matching")
        verbose_name_plural = _("participations in the matching")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.company)
