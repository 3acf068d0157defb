"""Busy times in the text of a calendar: when, and nothing else of it. Knows no Django.

A calendar is anybody's text: what is in it is counted before it is unfolded, only the days asked for are unfolded, and the
unfolding stops after so many events. A few lines can still ask for years of work, so `read_apart` has it done by a process
of its own that may use so much time and memory, and no more.
"""

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from .quarters import SEOUL

MOST_EVENTS = 5_000
MOST_RULES = 500
MOST_TIMES = 20_000
MOST_SECONDS = 20
ROOT = Path(__file__).parents[2]
MOST_MEMORY = 1024 * 1024 * 1024
LONGEST = timedelta(days=400)
Span = tuple[datetime, datetime]
# Rules that repeat faster than a day say nothing of a person's week and unfold without end.
_FAST = re.compile(rb"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
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
    unfolded = _FOLD.sub(b"", content)
    content = b"\r\n".join(line for line in unfolded.splitlines() if not _FAST.search(line))
    try:
        from icalendar import Calendar

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
    import recurring_ical_events  # type: ignore[import-untyped]

    query = recurring_ical_events.of(calendar, skip_bad_series=True)
    found = query.between(begin, end)
    if len(found) > MOST_TIMES:
        raise NotACalendar
    for event in found:
        starts = _moment(event.get("DTSTART"))
        if starts is None:
            continue
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


def read_apart(content: bytes, *, first: date, last: date, seconds: int = MOST_SECONDS) -> list[Span]:
    """`busy_times` by a process of its own, which is ended when it takes longer. Raises NotACalendar."""
    command = [sys.executable, "-m", __name__, first.isoformat(), last.isoformat(), str(seconds)]
    try:
        # Nothing of the calendar is in the command: it comes in by a pipe.
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=seconds * 2, check=True, cwd=ROOT
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NotACalendar from error
    lines = (line.split() for line in done.stdout.decode().splitlines())
    return [(datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in lines]


def main(arguments: list[str]) -> None:
    """Read a calendar from standard input and write its busy times, a line each, within the limits."""
    first, last, seconds = (
        date.fromisoformat(arguments[0]),
        date.fromisoformat(arguments[1]),
        int(arguments[2]),
    )
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    for starts, ends in busy_times(sys.stdin.buffer.read(), first=first, last=last):
        sys.stdout.write(f"{starts.isoformat()} {ends.isoformat()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
