"""Companies that wait for a time, times offered to them, and other times proposed for a session that is booked."""

from datetime import date, timedelta
from typing import Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.consulting.enums import AdviceField, Language, OfferState, ProposalState, Side, WaitingState

from .advisers import Adviser, private_of
from .bookings import Booking
from .parts import REASON_LIMIT, bounded
from .slots import Slot


class WaitingQuerySet(models.QuerySet["WaitingEntry"]):
    def in_full(self) -> Self:
        """With its adviser and the time that is held for it, in two queries, without what founders may not read."""
        offers = Offer.objects.filter(state=OfferState.OPEN).select_related("slot__adviser", "slot__room")
        return (
            self.select_related("adviser")
            .defer(*private_of("adviser"))
            .prefetch_related(
                models.Prefetch("offers", offers.defer(*private_of("slot__adviser")), to_attr="open_offers")
            )
        )


@pghistory.track()
class WaitingEntry(TimestampedModel):
    """A company waits for a time of a week, of an adviser or on a topic; whoever waits longest is asked first."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="waiting_entries", verbose_name=_("company")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who waits")
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("adviser")
    )
    field = models.CharField(_("topic"), max_length=16, choices=AdviceField.choices, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, blank=True)
    week = models.DateField(_("week from"))
    state = models.CharField(
        _("state"), max_length=7, choices=WaitingState.choices, default=WaitingState.WAITING
    )
    joined_at = models.DateTimeField(_("waits since"))

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting company")
        verbose_name_plural = _("waiting list")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "adviser", "field", "language", "week"],
                nulls_distinct=False,
                condition=Q(state__in=["waiting", "offered"]),
                name="consulting_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WaitingState.values), name="consulting_waiting_state_known"
            ),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="consulting_waits_for_a_week"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.company} · {self.week}"

    @property
    def offer(self) -> Any:
        """The time that is held for it now; read with `in_full`."""
        return next(iter(getattr(self, "open_offers", ())), None)

    @property
    def last_day(self) -> date:
        return self.week + timedelta(days=6)


@pghistory.track()
class Offer(TimestampedModel):
    """A freed time, held for one company that waits until it answers or `expires_at`."""

    entry = models.ForeignKey(
        WaitingEntry, models.PROTECT, related_name="offers", verbose_name=_("waiting company")
    )
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="offers", verbose_name=_("slot"))
    state = models.CharField(_("state"), max_length=8, choices=OfferState.choices, default=OfferState.OPEN)
    offered_at = models.DateTimeField(_("offered"))
    expires_at = models.DateTimeField(_("held until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        ordering = ["-offered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=Q(state="open"), name="consulting_slot_offered_to_one"
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state="open"), name="consulting_one_offer_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OfferState.values), name="consulting_offer_state_known"
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.company} · {self.slot}"


@pghistory.track()
class Proposal(TimestampedModel):
    """Another time for a booked session, proposed from one side and answered by the other. It holds no time."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="proposals", verbose_name=_("booking"))
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company"), editable=False
    )
    adviser = models.ForeignKey(
        Adviser, models.PROTECT, related_name="+", verbose_name=_("adviser"), editable=False
    )
    side = models.CharField(_("proposed from the side of"), max_length=8, choices=Side.choices)
    period = DateTimeRangeField(_("time"))
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT)
    state = models.CharField(
        _("state"), max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by")
    )
    made_at = models.DateTimeField(_("proposed"))
    expires_at = models.DateTimeField(_("ends without an answer"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(state="open"), name="consulting_one_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="consulting_proposal_state_known"
            ),
            bounded("consulting_proposal_bounded"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        from incubator.common.display import period

        return str(period(self.period))
