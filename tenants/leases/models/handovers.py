"""The end of a lease: its handover with a checklist, photographs, keys and deposit."""

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.leases.enums import CheckBy, CheckState, HandoverState

from .leases import Lease


class _Titled(models.Model):
    title = models.CharField(_("what is checked"), max_length=120)
    title_en = models.CharField(_("the same in English"), max_length=120, blank=True)
    by = models.CharField(_("ticked by"), max_length=8, choices=CheckBy.choices, default=CheckBy.MANAGER)
    required = models.BooleanField(_("required"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        return (self.title_en if get_language() == "en" else "") or self.title


@pghistory.track()
class ChecklistItem(_Titled, TimestampedModel):
    """One line of the checklist that new handovers begin with. Those that have begun keep the lines they had."""

    position = models.PositiveSmallIntegerField(_("place in the list"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("checklist item")
        verbose_name_plural = _("checklist for handovers")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__in=CheckBy.values), name="leases_checklist_by_known"
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="leases_checklist_has_title"),
        ]


@pghistory.track()
class Handover(TimestampedModel):
    """A lease's space on its way back to the camp. At most one of a lease that was not called off."""

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="handovers", verbose_name=_("lease"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    state = models.CharField(
        _("state"), max_length=10, choices=HandoverState.choices, default=HandoverState.OPEN
    )
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    keys_given = models.PositiveSmallIntegerField(_("keys given out"), default=0)
    keys_returned = models.PositiveSmallIntegerField(_("keys returned"), default=0)
    restoration = models.CharField(_("restoration"), max_length=400, blank=True)
    deposit_krw = models.PositiveBigIntegerField(_("deposit held, won"), default=0)
    kept_krw = models.PositiveBigIntegerField(_("deposit kept, won"), default=0)
    returned_krw = models.PositiveBigIntegerField(_("deposit returned, won"), default=0)
    kept_reason = models.CharField(_("why a part of the deposit is kept"), max_length=400, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closing_note = models.CharField(_("note at the end"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=~models.Q(state=HandoverState.CANCELLED),
                name="leases_one_handover",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=HandoverState.values), name="leases_handover_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at__isnull=True)
                | (~models.Q(state="open") & models.Q(closed_at__isnull=False)),
                name="leases_handover_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(keys_returned__lte=models.F("keys_given")), name="leases_handover_keys"
            ),
            models.CheckConstraint(
                condition=models.Q(kept_krw__lte=models.F("deposit_krw") - models.F("returned_krw")),
                name="leases_handover_deposit",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="closed")
                | models.Q(deposit_krw=models.F("kept_krw") + models.F("returned_krw")),
                name="leases_handover_deposit_accounted",
            ),
            models.CheckConstraint(
                condition=models.Q(kept_krw=0) | ~models.Q(kept_reason=""),
                name="leases_handover_kept_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lease}"

    @property
    def is_open(self) -> bool:
        return self.state == HandoverState.OPEN


@pghistory.track()
class HandoverItem(_Titled, TimestampedModel):
    """One line of a handover's checklist, copied from the list in use when the handover began."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="items", verbose_name=_("handover"))
    position = models.PositiveSmallIntegerField(_("place in the list"))
    state = models.CharField(_("state"), max_length=10, choices=CheckState.choices, default=CheckState.OPEN)
    note = models.CharField(_("note"), max_length=400, blank=True, validators=[MaxLengthValidator(400)])
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("item of a handover")
        verbose_name_plural = _("items of a handover")
        ordering = ["handover_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "position"], name="leases_handover_item_place"),
            models.CheckConstraint(condition=models.Q(by__in=CheckBy.values), name="leases_item_by_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=CheckState.values), name="leases_item_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", done_at__isnull=True)
                | (~models.Q(state="open") & models.Q(done_at__isnull=False)),
                name="leases_item_done_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="waived") | ~models.Q(note=""), name="leases_item_waived_has_note"
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == CheckState.OPEN


class HandoverPicture(models.Model):
    """A photograph of what an item of the checklist found. Evidence: it stays as it came."""

    item = models.ForeignKey(
        HandoverItem, models.PROTECT, related_name="pictures", verbose_name=_("item of a handover")
    )
    file = models.FileField(_("photograph"), upload_to="handovers/")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("photograph of a handover")
        verbose_name_plural = _("photographs of a handover")
        ordering = ["item_id", "added_at", "pk"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.item}"
