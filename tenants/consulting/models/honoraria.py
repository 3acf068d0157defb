"""What advisers are paid: rates from a day on, and the sheets of months that are closed. No bank account is kept anywhere."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.consulting.enums import PayeeKind, RateUnit

from .advisers import Adviser
from .parts import REASON_LIMIT

HIGHEST_RATE = 10_000_000


@pghistory.track()
class HonorariumRate(TimestampedModel):
    """What a session of an adviser is paid from a day on, and as what kind of income. `period` is open until the next rate."""

    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="rates", verbose_name=_("adviser"))
    amount_krw = models.PositiveBigIntegerField(
        _("amount in won"), validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_RATE)]
    )
    unit = models.CharField(_("for"), max_length=7, choices=RateUnit.choices, default=RateUnit.HOUR)
    kind = models.CharField(_("paid as"), max_length=11, choices=PayeeKind.choices, default=PayeeKind.OTHER)
    period = DateRangeField(_("in force"))
    source = models.CharField(_("source or reason"), max_length=REASON_LIMIT)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("honorarium rate")
        verbose_name_plural = _("honorarium rates")
        ordering = ["adviser__name", "-period"]
        constraints = [
            ExclusionConstraint(
                name="consulting_one_rate_a_day",
                expressions=[same("adviser"), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(amount_krw__gte=1, amount_krw__lte=HIGHEST_RATE), name="consulting_rate_possible"
            ),
            models.CheckConstraint(
                condition=Q(unit__in=RateUnit.values, kind__in=PayeeKind.values), name="consulting_rate_known"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="consulting_rate_has_source"),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__startswith__isnull=False),
                name="consulting_rate_has_start",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        from incubator.common.display import won_exact

        return f"{self.adviser} · {won_exact(self.amount_krw)} / {self.get_unit_display()}"


APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class HonorariumSheet(models.Model):
    """A month whose payments are settled. Its figures stay; what turns out different later is in a later month's sheet."""

    month = models.DateField(_("month"), unique=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed"))

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="consulting_sheet_is_of_a_month"),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        from incubator.common.display import month

        return month(self.month)


class HonorariumLine(models.Model):
    """What a sheet settles of one month for one adviser: of its own, or the difference to what was settled before."""

    sheet = models.ForeignKey(
        HonorariumSheet, models.PROTECT, related_name="lines", verbose_name=_("closed month")
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="honorarium_lines", verbose_name=_("adviser")
    )
    kind = models.CharField(_("paid as"), max_length=11, choices=PayeeKind.choices)
    for_month = models.DateField(_("month of the sessions"))
    sessions = models.IntegerField(_("sessions"))
    minutes = models.IntegerField(_("minutes"))
    gross_krw = models.BigIntegerField(_("gross"))

    class Meta:
        verbose_name = _("line of a closed month")
        verbose_name_plural = _("lines of closed months")
        ordering = ["sheet", "adviser__name", "for_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "adviser", "kind", "for_month"], name="consulting_settled_once"
            ),
            models.CheckConstraint(condition=Q(for_month__day=1), name="consulting_line_is_of_a_month"),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.adviser} · {self.for_month:%Y-%m}"


class HonorariumPayment(models.Model):
    """One payment of a sheet: all its lines of one adviser and kind of income, and what is withheld of their sum."""

    sheet = models.ForeignKey(
        HonorariumSheet, models.PROTECT, related_name="payments", verbose_name=_("closed month")
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="honorarium_payments", verbose_name=_("adviser")
    )
    kind = models.CharField(_("paid as"), max_length=11, choices=PayeeKind.choices)
    gross_krw = models.BigIntegerField(_("gross"))
    taxable_krw = models.BigIntegerField(_("taxable amount"))
    income_tax_krw = models.BigIntegerField(_("income tax"))
    local_tax_krw = models.BigIntegerField(_("local income tax"))
    net_krw = models.BigIntegerField(_("net"))

    class Meta:
        verbose_name = _("payment of a closed month")
        verbose_name_plural = _("payments of closed months")
        ordering = ["sheet", "adviser__name"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "adviser", "kind"], name="consulting_paid_once"),
            models.CheckConstraint(
                condition=Q(net_krw=F("gross_krw") - F("income_tax_krw") - F("local_tax_krw")),
                name="consulting_payment_adds_up",
            ),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.adviser} · {self.sheet}"
