import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from investors.demoday.enums import PassReason, Side, VerdictValue
from investors.firms.models import Firm
from tenants.companies.models import Company

from .days import DemoDay

NOTE_LIMIT = 400


@pghistory.track()
class Verdict(models.Model):
    """What one side says after the pair's meeting of the day, recorded by the office at the desk; only the office reads it.

    It belongs to the pair, not to a version of the timetable: a repair of the day leaves it alone.
    """

    day = models.ForeignKey(DemoDay, models.PROTECT, related_name="verdicts", verbose_name=_("demo day"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="+", verbose_name=_("firm"))
    side = models.CharField(_("who says it"), max_length=7, choices=Side.choices)
    value = models.CharField(_("verdict"), max_length=8, choices=VerdictValue.choices)
    reason = models.CharField(_("reason"), max_length=6, choices=PassReason.choices, blank=True)
    note = models.CharField(_("in words"), max_length=NOTE_LIMIT, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "company", "firm", "side"], name="demoday_verdict_once"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="demoday_verdict_side_known"),
            models.CheckConstraint(condition=Q(value__in=VerdictValue.values), name="demoday_verdict_known"),
            models.CheckConstraint(
                condition=Q(value="pass", reason__in=PassReason.values) | ~Q(value="pass") & Q(reason=""),
                name="demoday_pass_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} – {self.firm}: {self.get_value_display()}"
