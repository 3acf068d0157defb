"""Taking time of an adviser or a room for something that is no session."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.consulting import rules
from tenants.consulting.enums import SlotState
from tenants.consulting.errors import AdviserHeld, RoomTaken
from tenants.consulting.models import Adviser, MeetingRoom, Slot, TimeHold

from .slots import withdraw_slot

TAKEN_TIME = {"consulting_holds_adviser_apart": AdviserHeld, "consulting_holds_room_apart": RoomTaken}


@transaction.atomic
def hold_time(
    *,
    adviser: Adviser | None,
    room: MeetingRoom | None,
    starts: datetime,
    ends: datetime,
    what: str,
    actor: Any,
    now: datetime,
    instead_of: TimeHold | None = None,
) -> TimeHold:
    """Hold the time of an adviser, a room or both: nobody can book a session in it, and it is no session.

    Times that the adviser offers by hand then and nobody has booked are withdrawn. `instead_of` is given back first.
    Raises NotAllowed, AdviserHeld (a session or another hold), RoomTaken, Invalid.
    """
    if not rules.is_office(actor):
        raise NotAllowed
    with connection.cursor() as cursor:
        # What the trigger of holds takes, before any slot is touched: whoever writes a slot has finished, or waits without one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('consulting_timehold'))")
    if instead_of is not None:
        release_time(hold=instead_of, actor=actor)
    hold = TimeHold(adviser=adviser, room=room, period=DateTimeTZRange(starts, ends), what=what)
    validate(hold, exclude={"adviser", "room"})
    if adviser is not None:
        offered = Slot.objects.filter(
            adviser=adviser, state=SlotState.OPEN, taken=False, held__overlap=hold.period
        )
        # A slot of several seats that some have booked is a session.
        for slot in offered.exclude(bookings__state__in=["requested", "booked", "held", "missed"]):
            withdraw_slot(slot=slot, reason=what, actor=actor, now=now)
    with refusing(TAKEN_TIME):
        hold.save()
    return hold


@transaction.atomic
def release_time(*, hold: TimeHold, actor: Any) -> None:
    """Give held time back. Raises NotAllowed."""
    if not rules.is_office(actor):
        raise NotAllowed
    TimeHold.objects.filter(pk=hold.pk, live=True).update(live=False)
