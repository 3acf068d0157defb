"""Deadlines as entries of a calendar: whole days, the same entry whenever it is asked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from .clocks import Clock


def event_of(clock: Clock, *, now: datetime) -> Event:
    """One all-day entry; its id is the clock's key, so that a day that moves is another entry."""
    event = Event()
    event.add("uid", f"{clock.kind}-{clock.object_id}-{clock.company_id}-{clock.due:%Y%m%d}@deadlines.camp")
    event.add("dtstamp", now)
    event.add("dtstart", clock.due)
    event.add("dtend", clock.due + timedelta(days=1))
    event.add("summary", " · ".join(filter(None, [clock.title, clock.label])))
    event.add("description", clock.todo)
    event.add("transp", "TRANSPARENT")
    return event


def calendar_of(clocks: Iterable[Clock], *, name: str, now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//AI Startup Camp//deadlines//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for clock in clocks:
        calendar.add_component(event_of(clock, now=now))
    content: bytes = calendar.to_ical()
    return content
