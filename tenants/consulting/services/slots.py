from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.consulting import rules
from tenants.consulting.enums import Ending, ExceptionKind, Origin, Side, SlotState
from tenants.consulting.errors import (
    BadSeats,
    BadSpan,
    HeldByCamp,
    ReasonMissing,
    RoomTaken,
    SlotGone,
    SlotsOverlap,
    SpanPast,
    SpanTooShort,
)
from tenants.consulting.locks import hold
from tenants.consulting.models import (
    MOST_SEATS,
    Adviser,
    Booking,
    HoursException,
    MeetingRoom,
    Slot,
    SlotLink,
)
from tenants.consulting.tasks import announce

from .bookings import OTHER_SIDES, end_booking, held_booking
from .mails import CANCELLED
from .waiting import take_back_offers

LONGEST_SPAN = timedelta(hours=12)


def _split(starts: datetime, ends: datetime, minutes: int) -> list[DateTimeTZRange]:
    """As many periods of `minutes` as fit into the span, from its start on."""
    length = timedelta(minutes=minutes)
    count = int((ends - starts) / length)
    return [DateTimeTZRange(starts + length * n, starts + length * (n + 1)) for n in range(count)]


@transaction.atomic
def open_slots(
    *,
    adviser: Adviser,
    starts: datetime,
    ends: datetime,
    minutes: int,
    room: MeetingRoom | None = None,
    online_url: str = "",
    seats: int = 1,
    actor: Any,
    now: datetime,
) -> list[Slot]:
    """Offer the time from `starts` to `ends` in slots of `minutes` each, for `seats` companies each; what is left over at the end
    is not offered.

    All of them or none. Raises NotAllowed, BadSpan, SpanTooShort, SpanPast, SlotsOverlap, RoomTaken, HeldByCamp, Invalid.
    """
    if not rules.may_open_slots(actor, adviser.pk):
        raise NotAllowed
    if not starts < ends <= starts + LONGEST_SPAN:
        raise BadSpan(limit=LONGEST_SPAN // timedelta(hours=1))
    if starts <= now:
        raise SpanPast
    if minutes < 1 or starts + timedelta(minutes=minutes) > ends:
        raise SpanTooShort(minutes=minutes)
    if not 1 <= seats <= MOST_SEATS:
        raise BadSeats(most=MOST_SEATS)
    slots = [
        Slot(adviser=adviser, period=period, held=period, room=room, seats=seats)
        for period in _split(starts, ends, minutes)
    ]
    for slot in slots:
        validate(slot)
    links = [SlotLink(slot=slot, url=online_url) for slot in slots if online_url]
    for link in links:
        validate(link, exclude={"slot"})
    # Two spans that are opened at once must not wait for each other's halves.
    hold(("adviser", adviser.pk), *([("room", room.pk)] if room else []))
    with refusing(
        {
            "consulting_adviser_slots_apart": SlotsOverlap,
            "consulting_room_once_at_a_time": RoomTaken,
            "consulting_time_is_held": HeldByCamp,
        }
    ):
        Slot.objects.bulk_create(slots)
    for link in links:
        link.slot_id = link.slot.pk
    SlotLink.objects.bulk_create(links)
    return slots


@transaction.atomic
def withdraw_slot(
    *, slot: Slot, reason: str, actor: Any, now: datetime, notify: bool = True
) -> list[Booking]:
    """Take back a slot. The bookings that hold it are cancelled with the same reason and given back, and offers of it end; a
    time of the weekly hours is closed, so that it is not offered again.

    Raises NotAllowed, ReasonMissing, SlotGone (withdrawn already), SessionBegun.
    """
    if not rules.may_withdraw(actor, slot):
        raise NotAllowed
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    hold(("slot", slot.pk))
    current = Slot.objects.select_for_update(of=("self",), no_key=True).get(pk=slot.pk)
    if current.state != SlotState.OPEN:
        raise SlotGone
    take_back_offers(current.pk, now)
    ended = []
    for booking in Booking.objects.live().filter(slot=current).order_by("pk"):
        held = held_booking(booking)
        side = rules.side_of(actor, held) or Side.OFFICE
        end_booking(held, ending=Ending.CANCELLED, reason=reason, side=side, actor=actor, now=now)
        ended.append(held)
        if notify:
            announce(held, CANCELLED, OTHER_SIDES[side])
    if current.origin == Origin.HOURS:
        HoursException.objects.create(
            adviser_id=current.adviser_id, kind=ExceptionKind.CLOSED, period=current.period, reason=reason
        )
    slot.state, slot.withdrawn_at, slot.withdrawn_reason = SlotState.WITHDRAWN, now, reason
    slot.withdrawn_by = actor
    validate(slot, exclude={"adviser", "room"})
    slot.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdrawn_reason", "updated_at"])
    return ended
