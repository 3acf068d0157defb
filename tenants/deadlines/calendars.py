"""Deadlines as entries of a calendar: whole days, the same entry whenever it is asked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incubator.common.icalendars import CalendarEvent, write_calendar

from .clocks import Clock


def event_of(clock: Clock, *, now: datetime) -> CalendarEvent:
    """One all-day entry; its id is the clock's key, so that a day that moves is another entry."""
    return CalendarEvent(
        uid=f"{clock.kind}-{clock.object_id}-{clock.company_id}-{clock.due:%Y%m%d}@deadlines.camp",
        sequence=0,
        changed_at=now,
        starts=clock.due,
        ends=clock.due + timedelta(days=1),
        summary=" · ".join(filter(None, [clock.title, clock.label])),
        description=clock.todo,
        transparent=True,
    )


def calendar_of(clocks: Iterable[Clock], *, name: str, now: datetime) -> bytes:
    return write_calendar((event_of(clock, now=now) for clock in clocks), name=name)
