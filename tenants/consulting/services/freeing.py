"""What becomes of a time that is free again: it is held for whoever waits longest, or given back."""

from datetime import datetime, timedelta

from django.db.models import Q

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import refusing
from tenants.consulting import policy, selectors
from tenants.consulting.availability import monday_of
from tenants.consulting.enums import OfferState, Origin, SlotState, WaitingState
from tenants.consulting.errors import SlotTaken
from tenants.consulting.models import Booking, Offer, Slot, WaitingEntry
from tenants.consulting.quarters import SEOUL
from tenants.consulting.tasks import announce_offer


def free_time(slot_id: int, *, now: datetime) -> None:
    """Ask it while holding the slot, after its booking or offer has ended."""
    # Who waits is nobody's to know but the office's, and slots are not a founder's to write.
    with acting_as_system():
        slot = (
            Slot.objects.select_for_update(of=("self",), no_key=True)
            .select_related("adviser")
            .get(pk=slot_id)
        )
        if slot.state != SlotState.OPEN:
            return
        if not slot.taken and slot.adviser.active:
            _offer(slot, now)
        used = (
            Booking.objects.live().filter(slot=slot).exists()
            or Offer.objects.filter(slot=slot, state=OfferState.OPEN).exists()
        )
        if slot.origin == Origin.HOURS and not used:
            slot.state = SlotState.RELEASED
            slot.save(update_fields=["state", "updated_at"])


def _offer(slot: Slot, now: datetime) -> None:
    """Hold the time for the company that waits longest for one like it, has the hours for it and was not offered it before."""
    expires_at = min(now + policy.OFFER_STANDS, slot.starts - timedelta(hours=1))
    if slot.starts - now < policy.OFFER_AHEAD or expires_at <= now:
        return
    week = monday_of(slot.starts.astimezone(SEOUL).date())
    entries = (
        WaitingEntry.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(
            Q(adviser=None) | Q(adviser_id=slot.adviser_id),
            Q(field="") | Q(field__in=slot.adviser.fields),
            Q(language="") | Q(language__in=slot.adviser.languages),
            week=week,
            state=WaitingState.WAITING,
        )
        .exclude(offers__slot__adviser=slot.adviser_id, offers__slot__period=slot.period)
        .exclude(company__bookings__slot=slot, company__bookings__state__in=("booked", "requested"))
        .order_by("joined_at", "pk")
    )
    for entry in entries:
        if not selectors.allowance_of(entry.company_id, at=slot.starts).covers(slot.minutes):
            continue
        with refusing({"consulting_slot_offered_to_one": SlotTaken}):
            offer = Offer.objects.create(
                entry=entry, company_id=entry.company_id, slot=slot, offered_at=now, expires_at=expires_at
            )
        entry.state = WaitingState.OFFERED
        entry.save(update_fields=["state", "updated_at"])
        announce_offer(offer)
        return
