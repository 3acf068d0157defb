from datetime import datetime
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from incubator.common.periods import same
from tenants.consulting.enums import Origin, Place, SlotState

from .advisers import Adviser, MeetingRoom, private_of
from .parts import MOST_SEATS, REASON_LIMIT, bounded


class SlotQuerySet(models.QuerySet["Slot"]):
    def bookable(self, now: datetime) -> Self:
        """The one rule of what can be booked: open, free, not begun, and its adviser takes bookings."""
        return self.filter(
            state=SlotState.OPEN, taken=False, adviser__active=True, period__startswith__gt=now
        )

    def in_full(self) -> Self:
        """With adviser and room, in one query, without what founders may not read."""
        return self.select_related("adviser", "room").defer(*private_of("adviser"))


@pghistory.track(exclude=["taken"])
class Slot(TimestampedModel):
    """A time that an adviser offers by hand, or one of the weekly hours that was booked. It is never moved or deleted: it is
    withdrawn, and another one opened.

    `held` is its time with the buffers around it, in which neither adviser nor room nor attendee is anywhere else.
    `taken` says whether live bookings and open offers hold all its seats. The database keeps both so, whatever anyone
    writes: that a slot is taken is for everyone to know, by whom is not.
    """

    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="slots", verbose_name=_("adviser"))
    period = DateTimeRangeField(_("time"))
    held = DateTimeRangeField(_("time with buffers"), null=True, blank=True, editable=False)
    origin = models.CharField(
        _("origin"), max_length=5, choices=Origin.choices, default=Origin.HAND, editable=False
    )
    place = models.CharField(_("place"), max_length=6, choices=Place.choices, blank=True)
    seats = models.PositiveSmallIntegerField(_("companies in one session"), default=1)
    room = models.ForeignKey(
        MeetingRoom,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="slots",
        verbose_name=_("meeting room"),
    )
    state = models.CharField(_("state"), max_length=9, choices=SlotState.choices, default=SlotState.OPEN)
    taken = models.BooleanField(_("booked"), default=False, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["period", "pk"]
        indexes = [
            models.Index(
                F("period__startswith"), condition=Q(state="open"), name="consulting_open_slots_by_time"
            )
        ]
        constraints = [
            ExclusionConstraint(
                name="consulting_adviser_slots_apart",
                expressions=[same("adviser"), ("held", RangeOperators.OVERLAPS)],
                condition=Q(state="open"),
            ),
            ExclusionConstraint(
                name="consulting_room_once_at_a_time",
                expressions=[same("room"), ("held", RangeOperators.OVERLAPS)],
                condition=Q(state="open", room__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["id", "adviser", "period"], name="consulting_slot_place_and_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SlotState.values), name="consulting_slot_state_known"
            ),
            models.CheckConstraint(
                condition=Q(taken=False) | Q(state="open"), name="consulting_withdrawn_slot_is_free"
            ),
            models.CheckConstraint(
                condition=Q(held__isnull=False, held__contains=F("period")),
                name="consulting_slot_holds_its_time",
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1, seats__lte=MOST_SEATS), name="consulting_seats_possible"
            ),
            models.CheckConstraint(
                condition=Q(state="released", origin="hours") | ~Q(state="released"),
                name="consulting_hand_slot_is_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "released"], withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="consulting_withdrawal_has_reason",
            ),
            bounded("consulting_slot_bounded"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        from incubator.common.display import period

        return f"{period(self.period)} · {self.adviser}"

    @property
    def starts(self) -> datetime:
        return self.period.lower

    @property
    def ends(self) -> datetime:
        return self.period.upper

    @property
    def minutes(self) -> int:
        return round((self.period.upper - self.period.lower).total_seconds() / 60)

    @property
    def is_group(self) -> bool:
        return self.seats > 1

    @property
    def online_url(self) -> str:
        link = getattr(self, "link", None)
        return link.url if link else ""


@pghistory.track()
class SlotLink(models.Model):
    """Where an online session of a slot takes place. Apart from the slot, because only who booked it may know."""

    slot = models.OneToOneField(
        Slot, models.PROTECT, primary_key=True, related_name="link", verbose_name=_("slot")
    )
    url = models.URLField(_("online address"), max_length=400)

    class Meta:
        verbose_name = _("online address")
        verbose_name_plural = _("online addresses")

    def __str__(self) -> str:
        return self.url
