"""The same hour week after week."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from incubator.common.display import moment
from incubator.common.errors import DomainError
from tenants.companies.models import Company
from tenants.consulting import policy, selectors
from tenants.consulting.availability import WEEK
from tenants.consulting.enums import SlotState
from tenants.consulting.errors import BadSeries, HoursChanged, SeriesClashes, SlotUnknown
from tenants.consulting.locks import hold
from tenants.consulting.models import Booking, Slot
from tenants.consulting.quarters import SEOUL
from tenants.consulting.times import Time, time_for

from .bookings import book_slot
from .placing import things_of


def _at(slot: Slot | Time, starts: datetime, *, actor: Any, now: datetime) -> Slot | Time:
    """The adviser's time of the same length at this moment: one offered by hand, or a computed one."""
    adviser_id = slot.adviser.pk
    length = slot.minutes
    offered = selectors.slots_for(actor).filter(
        adviser=adviser_id, state=SlotState.OPEN, period__startswith=starts
    )
    found = next((each for each in offered if each.minutes == length), None)
    if found is not None:
        return found
    key = f"{adviser_id}-{starts:%Y%m%d%H%M}-{length}"
    time = time_for(actor, key, now=now)
    if time is None:
        raise HoursChanged
    return time


@transaction.atomic
def book_series(
    *,
    slot: Slot | Time,
    weeks: int,
    company: Company,
    attendee: Any,
    topic: str,
    attendees: Sequence[Any] = (),
    files: Sequence[Any] = (),
    click: str = "",
    actor: Any,
    now: datetime,
    notify: bool = True,
) -> list[Booking]:
    """Book the time and the same hour of the following weeks: all of them, or none with the dates that clash named.

    Raises BadSeries, SeriesClashes, NotAllowed, and for the first of them what `book_slot` raises.
    """
    if not 2 <= weeks <= policy.MOST_WEEKS:
        raise BadSeries(most=policy.MOST_WEEKS)
    if click and (done := Booking.objects.filter(company_id=company.pk, click=f"{click}.0")):
        return list(Booking.objects.filter(series=done[0].series).order_by("period"))
    series, booked = uuid4(), []
    clashes: list[tuple[datetime, DomainError]] = []
    # All at once, so that nobody who holds one of them waits for another that is held here.
    hold(
        ("adviser", slot.adviser.pk),
        *things_of(slot),
        ("company", company.pk),
        *(("attendee", person.pk) for person in (attendee, *attendees)),
    )
    first = slot.starts.astimezone(SEOUL)
    for week in range(weeks):
        starts = first + WEEK * week
        try:
            with transaction.atomic():
                booked.append(
                    book_slot(
                        slot=slot if week == 0 else _at(slot, starts, actor=actor, now=now),
                        company=company,
                        attendee=attendee,
                        topic=topic,
                        attendees=attendees,
                        files=files if week == 0 else (),
                        click=f"{click}.{week}" if click else "",
                        series=series,
                        actor=actor,
                        now=now,
                        notify=notify,
                    )
                )
        except DomainError as refusal:
            if isinstance(refusal, SlotUnknown) or refusal.status in (400, 403):
                raise
            clashes.append((starts, refusal))
    if clashes:
        days = ", ".join(moment(starts) for starts, _ in clashes)
        raise SeriesClashes(clashes=days)
    return booked
