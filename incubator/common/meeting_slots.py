"""The slots of a day of meetings: clock times and breaks in, numbered slots out, as timetables and people read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class MeetingSlot:
    """A slot, counted from 1; `block` rises after each break."""

    number: int
    block: int
    starts: datetime
    ends: datetime


def slots_between(
    *, day: date, starts: time, minutes: int, count: int, breaks: Iterable[int] = (), break_minutes: int = 0
) -> tuple[MeetingSlot, ...]:
    """`count` slots of `minutes` one after the other, a break after each slot whose number is in `breaks`."""
    after = set(breaks)
    at = timezone.make_aware(datetime.combine(day, starts))
    found, block = [], 0
    for number in range(1, count + 1):
        found.append(MeetingSlot(number, block, at, at + timedelta(minutes=minutes)))
        at += timedelta(minutes=minutes)
        if number in after:
            at += timedelta(minutes=break_minutes)
            block += 1
    return tuple(found)


def slot_numbers(text: str, most: int) -> list[int]:
    """Slots as people write them, "1-3, 7": sorted and without repeats. Raises ValueError for anything else."""
    found: set[int] = set()
    for part in text.replace("~", "-").replace("–", "-").split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if not first and not dash:
            continue
        if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
            raise ValueError(part)
        lowest, highest = int(first), int(last or first)
        if not 1 <= lowest <= highest <= most:
            raise ValueError(part)
        found.update(range(lowest, highest + 1))
    return sorted(found)


def shown_slots(numbers: Iterable[int]) -> str:
    """The same back as people write them."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
