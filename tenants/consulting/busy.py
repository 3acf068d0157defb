"""Busy times in the text of a calendar: when, and nothing else of it. Knows no Django.

A calendar is anybody's text: what is in it is counted before it is unfolded, only the days asked for are unfolded, and the
unfolding stops after so many events.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from .quarters import SEOUL

MOST_EVENTS = 5_000
MOST_RULES = 500
MOST_TIMES = 20_000
LONGEST = timedelta(days=400)
Span = tuple[datetime, datetime]
# Rules that repeat faster than a day say nothing of a person's week and unfold without end.
_FAST = re.compile(rb"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
_FREE = ("TRANSPARENT",)


class NotACalendar(Exception):
    """The text is no calendar that can be read, or more of one than is."""


def busy_times(content: bytes, *, first: date, last: date) -> list[Span]:
    """The times at which a calendar's owner is busy, from the first to the last day, both counted; joined and in order.

    Cancelled and transparent events are none; a moment without a zone and a whole day are Seoul's. Raises NotACalendar.
    """
    if (
        content.count(b"BEGIN:VEVENT") > MOST_EVENTS
        or content.count(b"RRULE") + content.count(b"RDATE") > MOST_RULES
    ):
        raise NotACalendar
    content = b"\r\n".join(line for line in content.splitlines() if not _FAST.search(line))
    try:
        calendar: Any = Calendar.from_ical(content)
        if isinstance(calendar, list):
            raise NotACalendar
        begin = datetime.combine(first, time(), SEOUL)
        end = datetime.combine(last, time(), SEOUL) + timedelta(days=1)
        return _joined(list(_spans(calendar, begin, end)))
    except NotACalendar:
        raise
    # A parser of a hostile text raises whatever it stumbles over; to its owner it all means the same.
    except Exception as error:
        raise NotACalendar from error


def _spans(calendar: Any, begin: datetime, end: datetime) -> Iterator[Span]:
    query = recurring_ical_events.of(calendar, skip_bad_series=True)
    for number, event in enumerate(islice(query.after(begin), MOST_TIMES + 1)):
        if number >= MOST_TIMES:
            raise NotACalendar
        starts = _moment(event.get("DTSTART"))
        if starts is None:
            continue
        if starts >= end:
            return
        if (
            str(event.get("STATUS", "")).upper() == "CANCELLED"
            or str(event.get("TRANSP", "")).upper() in _FREE
        ):
            continue
        ends = _moment(event.get("DTEND")) or starts
        if (
            isinstance(event["DTSTART"].dt, date)
            and not isinstance(event["DTSTART"].dt, datetime)
            and ends <= starts
        ):
            ends = starts + timedelta(days=1)
        ends = min(ends, starts + LONGEST)
        if ends > begin and ends > starts:
            yield max(starts, begin), min(ends, end)


def _moment(value: Any) -> datetime | None:
    found = getattr(value, "dt", None)
    if isinstance(found, datetime):
        return found.replace(tzinfo=SEOUL) if found.tzinfo is None else found.astimezone(SEOUL)
    return datetime.combine(found, time(), SEOUL) if isinstance(found, date) else None


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for starts, ends in sorted(spans):
        if joined and starts <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((starts, ends))
    return joined
