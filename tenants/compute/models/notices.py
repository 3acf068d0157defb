from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.compute.enums import MailEvent, NoticeState, WarningKind

from .ledger import Allocation
from .requests import GrantPolicy


@pghistory.track()
class ClawBackNotice(TimestampedModel):
    """A grant was used less than planned until `checkpoint`: after `deadline` a part of it goes back to the pool.

    `proposed_gflop` is the most that will be taken; what is used meanwhile lessens it, `taken_gflop` is what was.
    """

    lot = models.ForeignKey(
        Allocation, models.PROTECT, related_name="notices", db_index=False, verbose_name=_("grant")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    policy = models.ForeignKey(
        GrantPolicy, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rules")
    )
    checkpoint = models.DateField(_("compared until the day before"))
    planned_gflop = models.BigIntegerField(_("planned until then"))
    used_gflop = models.BigIntegerField(_("used"))
    proposed_gflop = models.BigIntegerField(_("to be taken back"))
    taken_gflop = models.BigIntegerField(_("taken back"), null=True, blank=True)
    sent_at = models.DateTimeField(_("announced"))
    deadline = models.DateField(_("last day to answer"))
    state = models.CharField(_("state"), max_length=9, choices=NoticeState.choices, default=NoticeState.OPEN)
    exemption_reason = models.TextField(
        _("why an exemption is asked for"),
        max_length=1000,
        blank=True,
        validators=[MaxLengthValidator(1000)],
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("exemption asked for"), null=True, blank=True)
    answered_at = models.DateTimeField(_("exemption decided"), null=True, blank=True)
    answer = models.CharField(_("reason of the decision"), max_length=400, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("resolved by"),
    )
    resolution = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("claw-back notice")
        verbose_name_plural = _("claw-back notices")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "checkpoint"], name="compute_notice_once"),
            models.UniqueConstraint(
                fields=["lot"],
                condition=models.Q(state__in=["open", "exempting"]),
                name="compute_one_live_notice",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=NoticeState.values), name="compute_notice_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(used_gflop__gte=0, proposed_gflop__gt=0)
                & models.Q(planned_gflop__gt=models.F("used_gflop")),
                name="compute_notice_amounts",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="carried", taken_gflop__gt=0, taken_gflop__lte=models.F("proposed_gflop")
                )
                | (~models.Q(state="carried") & models.Q(taken_gflop__isnull=True)),
                name="compute_notice_taken",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "exempting"], resolved_at__isnull=True)
                | models.Q(state__in=["exempted", "carried", "cancelled"], resolved_at__isnull=False),
                name="compute_notice_resolved_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="exempting")
                | models.Q(exemption_reason__regex=r"\S", asked_at__isnull=False, answered_at__isnull=True),
                name="compute_notice_exemption_says_why",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="notice_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="announced_stays",
                fields=[
                    "lot",
                    "company",
                    "policy",
                    "checkpoint",
                    "planned_gflop",
                    "used_gflop",
                    "proposed_gflop",
                    "sent_at",
                    "deadline",
                ],
            ),
            pgtrigger.Protect(
                name="resolved_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state NOT IN ('open', 'exempting')"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot} · {self.checkpoint}"

    @property
    def is_live(self) -> bool:
        return self.state in (NoticeState.OPEN, NoticeState.EXEMPTION_ASKED)


class LotWarning(models.Model):
    """A company was told that a grant ends on `ends_on` (the first day after it) with credits left in it.

    `sent_at` is when the first of its mails went out: only then the warning counts. A grant that is extended is warned of
    anew.
    """

    lot = models.ForeignKey(
        Allocation, models.PROTECT, related_name="warnings", db_index=False, verbose_name=_("grant")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    kind = models.CharField(_("kind"), max_length=5, choices=WarningKind.choices)
    ends_on = models.DateField(_("end"))
    left_gflop = models.BigIntegerField(_("left then"))
    made_at = models.DateTimeField(_("when"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("warning of a grant's end")
        verbose_name_plural = _("warnings of a grant's end")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "kind", "ends_on"], name="compute_warning_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=WarningKind.values), name="compute_warning_kind_known"
            ),
            models.CheckConstraint(condition=models.Q(left_gflop__gt=0), name="compute_warning_left"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="warning_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="warned_stays", exclude=["sent_at"]),
            pgtrigger.Protect(
                name="sent_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.sent_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot} · {self.get_kind_display()}"


class LotExtension(models.Model):
    """A grant's last day was moved further away, and why."""

    lot = models.ForeignKey(Allocation, models.PROTECT, related_name="extensions", verbose_name=_("grant"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    from_day = models.DateField(_("last day before"))
    to_day = models.DateField(_("last day after"))
    reason = models.CharField(_("reason"), max_length=400)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("done by"),
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("extension of a grant")
        verbose_name_plural = _("extensions of grants")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_day__gt=models.F("from_day")), name="compute_extension_is_later"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__regex=r"\S"), name="compute_extension_reason_not_empty"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.lot} · {self.to_day}"


class CreditMail(models.Model):
    """A mail that is due: written in the transaction of what it tells, sent once it is committed, and then marked.

    `object_id` is the request, warning or notice that `event` is about. Without `user` it goes to the company's own address.
    """

    event = models.CharField(_("event"), max_length=9, choices=MailEvent.choices)
    object_id = models.BigIntegerField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(_("when"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("mail about credits")
        verbose_name_plural = _("mails about credits")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "object_id", "user"], nulls_distinct=False, name="compute_mail_once"
            ),
            models.CheckConstraint(
                condition=models.Q(event__in=MailEvent.values), name="compute_mail_event_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["made_at"], condition=models.Q(sent_at__isnull=True), name="compute_mail_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.object_id}"
