"""Calendars as RFC 5545 writes them: events in, the text of an .ics file out. Other rooms add what a person should see in
their calendar by `register_events`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # large, and most processes write no calendar
    from icalendar import Event, Timezone, vCalAddress

PRODUCT = "-//AI Startup Camp//Calendar//KO"
ZONE = "Asia/Seoul"


@dataclass(frozen=True)
class CalendarEvent:
    """One event. `uid` stays for ever, `sequence` rises with every change, `changed_at` is when that was.

    `starts` and `ends` are moments, the end not included, or days for an event of whole days (the last day not included).
    A `transparent` one keeps nobody busy.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts: datetime | date
    ends: datetime | date
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    transparent: bool = False
    organizer: tuple[str, str] | None = None
    attendees: tuple[tuple[str, str], ...] = ()


Source = Callable[[Any, datetime], Iterable[CalendarEvent]]
_sources: list[Source] = []


def register_events(source: Source) -> None:
    """Let a person's feed carry these events: `source(user, now)`, asked under the system's role for one person at a time."""
    if source not in _sources:
        _sources.append(source)


def events_of(user: Any, now: datetime) -> list[CalendarEvent]:
    """Everything that every source has for the person."""
    return [event for source in _sources for event in source(user, now)]


def _zone() -> "Timezone":
    """Seoul as it has been since 1988: nine hours ahead, without summer time."""
    from icalendar import Timezone, TimezoneStandard

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", ZONE)
    standard.add("dtstart", datetime(1988, 10, 9, 2))  # noqa: DTZ001 (a zone's own beginning is local time)
    standard.add("tzoffsetfrom", timedelta(hours=9))
    standard.add("tzoffsetto", timedelta(hours=9))
    standard.add("tzname", "KST")
    zone.add_component(standard)
    return zone


def _address(person: tuple[str, str]) -> "vCalAddress":
    from icalendar import vCalAddress

    name, mail = person
    address = vCalAddress(f"mailto:{mail}")
    address.params["CN"] = name
    return address


def _event(event: CalendarEvent, invites: bool) -> "Event":
    from icalendar import Event

    written = Event()
    written.add("uid", event.uid)
    written.add("sequence", event.sequence)
    written.add("dtstamp", event.changed_at)
    written.add("last-modified", event.changed_at)
    written.add("dtstart", event.starts)
    written.add("dtend", event.ends)
    written.add("summary", event.summary)
    written.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    if event.transparent:
        written.add("transp", "TRANSPARENT")
    for name in ("description", "location", "url"):
        if value := getattr(event, name):
            written.add(name, value)
    if event.organizer:
        written.add("organizer", _address(event.organizer), encode=False)
    for person in event.attendees if invites else ():
        address = _address(person)
        address.params["RSVP"] = "FALSE"
        written.add("attendee", address, encode=False)
    return written


def write_calendar(events: Iterable[CalendarEvent], *, name: str, method: str = "PUBLISH") -> bytes:
    """The .ics text of these events. `method` is PUBLISH for a feed, REQUEST or CANCEL for an invitation by mail, which
    names who is invited; a feed does not."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
    calendar.add_component(_zone())
    for event in events:
        calendar.add_component(_event(event, method != "PUBLISH"))
    return calendar.to_ical()
