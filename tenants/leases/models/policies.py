from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.display import day
from incubator.common.enums import Sector


class LeasePolicy(models.Model):
    """The camp's rules for leases from a day on, until a later row. Never edited: the rows are their own history.

    Of two rows for one day the later one holds.
    """

    NUMBERS: ClassVar = (
        "term_months",
        "extension_months",
        "years_in_all",
        "age_years",
        "new_industry_age_years",
        "notice_days",
        "longest_notice_days",
        "holdover_days",
    )

    starts_on = models.DateField(_("from this day on"))
    term_months = models.PositiveSmallIntegerField(
        _("longest term of a lease, months"),
        help_text=_("From its first day, extensions included."),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )
    extension_months = models.PositiveSmallIntegerField(
        _("longest extension, months"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )
    years_in_all = models.PositiveSmallIntegerField(
        _("years that a company may stay in all"),
        help_text=_("Days with a space are counted, two spaces on one day once."),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    age_years = models.PositiveSmallIntegerField(
        _("age of the company at the end of a lease, years at most"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    new_industry_age_years = models.PositiveSmallIntegerField(
        _("the same in notified new industries"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    new_industries = ArrayField(
        models.CharField(max_length=20, choices=Sector.choices),
        verbose_name=_("notified new industries"),
        default=list,
        blank=True,
    )
    notice_days = models.PositiveSmallIntegerField(
        _("notice before a termination, days at least"), default=30, validators=[MaxValueValidator(365)]
    )
    longest_notice_days = models.PositiveSmallIntegerField(
        _("notice before a termination, days at most"), default=180, validators=[MaxValueValidator(730)]
    )
    holdover_days = models.PositiveSmallIntegerField(
        _("days to clear the space after the end"),
        help_text=_("A stay beyond them is marked. No day after the end is ever counted as waived."),
        default=14,
        validators=[MaxValueValidator(180)],
    )
    source = models.CharField(
        _("where the rules come from"),
        max_length=200,
        help_text=_("Named in every refusal, for example: operating rules, article 12."),
    )
    reason = models.CharField(_("reason"), max_length=400)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set"))

    class Meta:
        verbose_name = _("rules for leases")
        verbose_name_plural = _("rules for leases")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    term_months__gt=0, extension_months__gt=0, years_in_all__gt=0, age_years__gt=0
                ),
                name="leases_policy_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(new_industry_age_years__gte=models.F("age_years")),
                name="leases_policy_new_industries_longer",
            ),
            models.CheckConstraint(
                condition=models.Q(longest_notice_days__gte=models.F("notice_days")),
                name="leases_policy_notice_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(new_industries__contained_by=Sector.values),
                name="leases_policy_sectors_known",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="leases_policy_has_source"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return day(self.starts_on)
