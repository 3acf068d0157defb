from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.display import hours
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.companies.models import Company, Membership
from tenants.consulting import rules, selectors
from tenants.consulting.enums import BookingState, Side, SlotState
from tenants.consulting.errors import (
    AllowanceUsedUp,
    AlreadyCancelled,
    AttendeeBusy,
    AttendeeNotMember,
    ReasonMissing,
    SessionBegun,
    SlotPast,
    SlotTaken,
    SlotUnknown,
    SlotWithdrawn,
)
from tenants.consulting.locks import hold
from tenants.consulting.models import Booking, Slot
from tenants.consulting.tasks import announce

from .mails import BOOKED, CANCELLED

OTHER_SIDES = {
    Side.COMPANY: (Side.ADVISER,),
    Side.ADVISER: (Side.COMPANY,),
    Side.OFFICE: (Side.ADVISER, Side.COMPANY),
}


def _bookable(slot: Slot, *, actor: Any, now: datetime) -> Slot:
    """The slot as it is now, if the person may see it and it is bookable; otherwise its refusal."""
    current = selectors.slots_for(actor).filter(pk=slot.pk).first()
    if current is None:
        raise SlotUnknown
    if current.state == SlotState.WITHDRAWN:
        raise SlotWithdrawn
    if current.starts <= now:
        raise SlotPast
    if current.taken:
        raise SlotTaken
    return current


def _within_allowance(company_id: int, slot: Slot) -> None:
    """Refuse a slot that the company has no hours left for in its quarter. Ask it only while holding the company."""
    allowance = selectors.allowance_of(company_id, at=slot.starts)
    if not allowance.covers(slot.minutes):
        raise AllowanceUsedUp(
            needed=hours(slot.minutes), total=hours(allowance.total), left=allowance.left_in_words
        )


@transaction.atomic
def book_slot(
    *,
    slot: Slot,
    company: Company,
    attendee: Any,
    topic: str,
    actor: Any,
    now: datetime,
    notify: bool = True,
) -> Booking:
    """Book a slot for a company; `attendee` is the member who comes, `topic` is for the adviser alone to read.

    Who books tells the other side by mail, unless `notify` is off.
    Raises NotAllowed, SlotUnknown, SlotWithdrawn, SlotPast, SlotTaken, AttendeeNotMember, AllowanceUsedUp, AttendeeBusy, Invalid.
    """
    if not rules.may_book_for(actor, company.pk):
        raise NotAllowed
    current = _bookable(slot, actor=actor, now=now)
    if not Membership.objects.filter(company_id=company.pk, user_id=attendee.pk).exists():
        raise AttendeeNotMember
    booking = Booking(
        slot=current,
        adviser_id=current.adviser_id,
        period=current.period,
        company=company,
        attendee=attendee,
        topic=topic.strip(),
        booked_by=actor,
        booked_at=now,
    )
    validate(booking, exclude={"slot", "adviser", "company", "attendee", "booked_by"})
    # Hours are counted over rows that another transaction may be adding to: one booking of a company at a time.
    hold(("company", company.pk), ("attendee", attendee.pk))
    _within_allowance(company.pk, current)
    with refusing(
        {
            "consulting_one_live_booking": SlotTaken,
            "consulting_attendee_once_at_a_time": AttendeeBusy,
            "consulting_withdrawn_slot_is_free": SlotWithdrawn,
        }
    ):
        booking.save(force_insert=True)
    if notify:
        side = rules.side_of(actor, booking) or Side.OFFICE
        announce(booking, BOOKED, OTHER_SIDES[side])
    return booking


@transaction.atomic
def cancel_booking(
    *, booking: Booking, reason: str, actor: Any, now: datetime, side: Side | None = None, notify: bool = True
) -> Booking:
    """Give the slot back. The booking stays, with who, when, why and from which side; only the office may name another side
    than its own (a company that telephoned).

    Raises NotAllowed, ReasonMissing, AlreadyCancelled, SessionBegun, Invalid.
    """
    own_side = rules.side_of(actor, booking)
    if own_side is None or (side not in (None, own_side) and own_side != Side.OFFICE):
        raise NotAllowed
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    # The slot first, as everyone does who changes a booking: its row is written with the booking's.
    hold(("slot", booking.slot_id))
    current = Booking.objects.select_for_update(of=("self",), no_key=True).get(pk=booking.pk)
    if current.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    if current.starts <= now or current.state != BookingState.BOOKED:
        raise SessionBegun
    current.state, current.cancelled_at, current.cancelled_by = BookingState.CANCELLED, now, actor
    current.cancelled_side, current.cancel_reason = side or own_side, reason
    validate(
        current, exclude={"slot", "adviser", "company", "attendee", "booked_by", "cancelled_by", "topic"}
    )
    current.save(
        update_fields=[
            "state",
            "cancelled_at",
            "cancelled_by",
            "cancelled_side",
            "cancel_reason",
            "updated_at",
        ]
    )
    if notify:
        announce(current, CANCELLED, OTHER_SIDES[own_side])
    return current
