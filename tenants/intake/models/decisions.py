"""What an acceptance made, and the letters that told of decisions."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company, Residency
from tenants.intake.enums import LetterKind
from tenants.leases.models import Lease

from .applications import REASON, Application


@pghistory.track(exclude=["undone_because"])
class Acceptance(TimestampedModel):
    """An acceptance and what it made. Taken back, it stays as the record of what there was for a while.

    `newest_member` is the highest id of a membership when it was made: members of the company with a higher one came
    by it. `company_is_new` says whether the company came by it too.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="acceptances")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    company_is_new = models.BooleanField(_("new company"), default=True)
    residency = models.ForeignKey(Residency, models.SET_NULL, null=True, related_name="+")
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="+", verbose_name=_("lease"))
    newest_member = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(_("accepted"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("taken back by")
    )
    undone_because = models.TextField(_("why it was taken back"), **REASON)

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(undone_at__isnull=True),
                name="intake_accepted_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.application)


class Letter(models.Model):
    """A mail to an applicant, word for word: written with what it tells, sent once that is committed, each once."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="letters")
    kind = models.CharField(_("kind"), max_length=10, choices=LetterKind.choices)
    turn = models.PositiveSmallIntegerField(default=1)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    made_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "kind", "turn"], name="intake_letter_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=LetterKind.values), name="intake_letter_kind_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["made_at"], condition=models.Q(sent_at__isnull=True), name="intake_letter_waiting"
            )
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="written_stays", exclude=["sent_at"]),
            pgtrigger.Protect(
                name="sent_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.sent_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return self.subject
