"""A slot's row for a time that is booked: the one it has, or one made from the hours it was computed from."""

from datetime import datetime
from typing import Any

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import refusing
from tenants.consulting import rules, selectors
from tenants.consulting.enums import Origin, Place, SlotState
from tenants.consulting.errors import (
    HoursChanged,
    RoomTaken,
    SlotPast,
    SlotTaken,
    SlotUnknown,
    SlotWithdrawn,
)
from tenants.consulting.models import Availability, HoursException, Slot, SlotLink
from tenants.consulting.times import Time, booked_over, time_for

TAKEN_TIME = {
    "consulting_adviser_slots_apart": SlotTaken,
    "consulting_room_once_at_a_time": RoomTaken,
    "consulting_time_is_held": SlotTaken,
}


def things_of(slot: Slot | Time) -> list[tuple[str, int]]:
    """What a booking of the time holds besides its people: the seats of a session of several are counted."""
    if isinstance(slot, Slot):
        return [("slot", slot.pk)] if slot.seats > 1 else []
    return [("adviser", slot.adviser.pk), *([("room", slot.room_id)] if slot.room_id else [])]


def bookable(slot: Slot, *, actor: Any, now: datetime) -> Slot:
    """The slot as it is now, if the person may see it and it is bookable; otherwise its refusal."""
    current = selectors.slots_for(actor).filter(pk=slot.pk).first()
    if current is None:
        raise SlotUnknown
    if current.state != SlotState.OPEN:
        raise SlotWithdrawn
    if current.starts <= now:
        raise SlotPast
    if current.taken:
        raise SlotTaken
    return current


def stored(time: Time, *, actor: Any, now: datetime) -> Slot:
    """A slot for a computed time, if it can still be booked. Ask it only while holding `things_of` it."""
    if not rules.may_see_times_of(actor, time.adviser):
        raise SlotUnknown
    # What stands in its way may be others' and their rooms'; slots are the advisers' to write.
    with acting_as_system():
        current = time_for(None, time.key, now=now)
        if current is None:
            raise SlotPast if time.starts <= now else _gone(time)
        with refusing(TAKEN_TIME):
            slot = Slot.objects.create(
                adviser=current.adviser,
                period=current.period,
                held=current.held,
                room_id=current.room_id,
                place=current.place,
                seats=current.seats,
                origin=Origin.HOURS,
            )
        if url := _link_of(current):
            SlotLink.objects.create(slot=slot, url=url)
    return slot


def _gone(time: Time) -> SlotTaken | HoursChanged:
    return SlotTaken() if booked_over(time.adviser.pk, time.held) else HoursChanged()


def _link_of(time: Time) -> str:
    source = time.source
    if source is None or source.place != Place.ONLINE:
        return ""
    model = Availability if source.kind == "hours" else HoursException
    return model._default_manager.values_list("online_url", flat=True).get(pk=source.pk)
