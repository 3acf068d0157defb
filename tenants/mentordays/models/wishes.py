import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.consulting.models import Adviser
from tenants.mentordays.enums import Side

from .days import MentorDay

LOWEST_RANK = 20


@pghistory.track()
class Wish(TimestampedModel):
    """What one side says of the other: a place in its order, or "not with". Its own side and the office read it, nobody else."""

    day = models.ForeignKey(MentorDay, models.PROTECT, related_name="wishes", verbose_name=_("mentor day"))
    side = models.CharField(_("from the side of"), max_length=7, choices=Side.choices)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="+", verbose_name=_("adviser"))
    rank = models.PositiveSmallIntegerField(_("place"), null=True, blank=True)
    veto = models.BooleanField(_("not with"), default=False)
    note = models.CharField(_("word to the office"), max_length=200, blank=True)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "side", "company", "adviser"], name="mentordays_wish_once_a_side"
            ),
            models.UniqueConstraint(
                fields=["day", "company", "rank"],
                condition=Q(side="company", rank__isnull=False),
                name="mentordays_company_rank_once",
            ),
            models.UniqueConstraint(
                fields=["day", "adviser", "rank"],
                condition=Q(side="adviser", rank__isnull=False),
                name="mentordays_adviser_rank_once",
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="mentordays_side_known"),
            models.CheckConstraint(
                condition=Q(veto=True, rank__isnull=True) | Q(veto=False, rank__gte=1, rank__lte=LOWEST_RANK),
                name="mentordays_rank_or_veto",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.adviser}"
