"""Time that the camp holds for something of its own, such as a day of meetings: nobody can book it meanwhile.

Whoever books a computed time holds its adviser (`placing.things_of`), and whoever books a slot writes its row (a trigger
does). So under both locks what is busy stays so, and what is held cannot be booked, whoever asks first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from incubator.common.display import moment
from incubator.common.errors import NotAllowed, refusing
from tenants.consulting import rules
from tenants.consulting.enums import ExceptionKind, Origin, SlotState
from tenants.consulting.errors import AdviserBooked, SlotsOverlap
from tenants.consulting.locks import hold
from tenants.consulting.models import Booking, BusyTime, HoursException, Slot, SlotLink

from .slots import withdraw_slot

Span = tuple[datetime, datetime]


def busy_times(
    adviser_ids: Collection[int], *, within: Span, held_for: str = ""
) -> Mapping[int, Sequence[Span]]:
    """When each adviser is elsewhere: booked sessions with their buffers, closed hours, and what their own calendar says.
    What is `held_for` the asker is free for them. Ask it as staff."""
    window = DateTimeTZRange(*within)
    found: dict[int, list[Span]] = defaultdict(list)
    booked = Booking.objects.live().filter(adviser__in=adviser_ids, slot__held__overlap=window)
    closed = HoursException.objects.filter(
        adviser__in=adviser_ids, kind=ExceptionKind.CLOSED, period__overlap=window
    )
    if held_for:
        closed = closed.exclude(held_for=held_for)
    elsewhere = BusyTime.objects.filter(adviser__in=adviser_ids, period__overlap=window)
    sources: Iterable[tuple[Any, str]] = (
        (booked, "slot__held"),
        (closed, "period"),
        (elsewhere, "period"),
    )
    for rows, column in sources:
        for adviser, period in rows.order_by().values_list("adviser_id", column):
            found[adviser].append((period.lower, period.upper))
    return found


def busy_rooms(room_ids: Collection[int], *, within: Span) -> Mapping[int, Sequence[Span]]:
    """When a session of consulting stands in each meeting room, booked or on offer. Ask it as staff."""
    found: dict[int, list[Span]] = defaultdict(list)
    slots = Slot.objects.filter(
        room__in=room_ids, state=SlotState.OPEN, held__overlap=DateTimeTZRange(*within)
    )
    rows: Iterable[tuple[int, Any]] = slots.order_by().values_list("room_id", "held")
    for room, held in rows:
        found[room].append((held.lower, held.upper))
    return found


@transaction.atomic
def still_times(*, adviser_ids: Iterable[int], within: Span, actor: Any) -> None:
    """Until the transaction ends nobody books these advisers in this time: what `busy_times` says then stays true.

    Raises NotAllowed.
    """
    if not rules.is_office(actor):
        raise NotAllowed
    ids = list(adviser_ids)
    hold(*(("adviser", pk) for pk in ids))
    slots = Slot.objects.filter(
        adviser__in=ids, state=SlotState.OPEN, held__overlap=DateTimeTZRange(*within)
    ).order_by("pk")
    list(slots.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


@transaction.atomic
def hold_times(
    *, spans: Mapping[int, Sequence[Span]], held_for: str, reason: str, actor: Any, now: datetime
) -> int:
    """Keep each adviser's times free of bookings; how many. Times on offer by hand in them are withdrawn with the reason.

    `held_for` is the word by which `release_times` finds them. Raises NotAllowed, AdviserBooked.
    """
    if not rules.is_office(actor):
        raise NotAllowed
    hold(*(("adviser", pk) for pk in spans))
    made = []
    for adviser, each in sorted(spans.items()):
        for starts, ends in each:
            period = DateTimeTZRange(starts, ends)
            slots = Slot.objects.filter(adviser=adviser, state=SlotState.OPEN, period__overlap=period)
            for slot in slots.select_related("adviser").order_by("pk"):
                booked = Booking.objects.live().filter(slot=slot).exists()
                if booked:
                    raise AdviserBooked(adviser=slot.adviser.name, time=moment(slot.starts))
                if slot.starts > now:
                    withdraw_slot(slot=slot, reason=reason, actor=actor, now=now)
            made.append(
                HoursException(
                    adviser_id=adviser,
                    kind=ExceptionKind.CLOSED,
                    period=period,
                    reason=reason,
                    held_for=held_for,
                )
            )
    for exception in made:
        exception.save()
    return len(made)


@transaction.atomic
def release_times(*, held_for: str, actor: Any, now: datetime) -> int:
    """Give held times back; how many. Times by hand that were withdrawn for them are on offer again where they can be.

    Raises NotAllowed.
    """
    if not rules.is_office(actor):
        raise NotAllowed
    held = list(HoursException.objects.filter(held_for=held_for).order_by("pk"))
    hold(*(("adviser", each.adviser_id) for each in held))
    for each in held:
        each.delete()
        withdrawn = Slot.objects.filter(
            adviser=each.adviser_id,
            origin=Origin.HAND,
            state=SlotState.WITHDRAWN,
            withdrawn_reason=each.reason,
            period__overlap=each.period,
            period__startswith__gt=now,
        )
        for slot in withdrawn.select_related("link").order_by("pk"):
            _offer_again(slot)
    return len(held)


def _offer_again(slot: Slot) -> None:
    """A new slot in place of a withdrawn one, unless its adviser or room has found something else meanwhile."""
    try:
        with refusing(
            {
                "consulting_adviser_slots_apart": SlotsOverlap,
                "consulting_room_once_at_a_time": SlotsOverlap,
                "consulting_time_is_held": SlotsOverlap,
            }
        ):
            again = Slot.objects.create(
                adviser_id=slot.adviser_id,
                period=slot.period,
                held=slot.held,
                place=slot.place,
                room_id=slot.room_id,
                seats=slot.seats,
            )
    except SlotsOverlap:
        return
    if slot.online_url:
        SlotLink.objects.create(slot=again, url=slot.online_url)
