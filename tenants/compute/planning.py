"""Plans by month, and what is due by them. Knows no Django; amounts are whole GFLOP, every division rounds down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

MAX_MONTHS = 24


def month_after(month: date, months: int = 1) -> date:
    """The first day of the calendar month that lies `months` after that of a day."""
    at = month.year * 12 + month.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    first = month_after(day, months)
    length = (month_after(first) - first).days
    return first.replace(day=min(day.day, length))


def months_of(first: date, end: date) -> list[date]:
    """The first days of the calendar months that the half-open period touches."""
    months, month = [], first.replace(day=1)
    while month < end:
        months.append(month)
        month = month_after(month)
    return months


def evenly(amount: int, first: date, end: date) -> list[tuple[date, int]]:
    """A plan that uses the same on each day of the period. The last month takes what the division leaves."""
    days, plan, given = (end - first).days, [], 0
    for month in months_of(first, end):
        until = min(month_after(month), end)
        so_far = amount * (until - first).days // days
        plan.append((month, so_far - given))
        given = so_far
    return plan


def planned_until(plan: Sequence[tuple[date, int]], first: date, end: date, day: date) -> int:
    """What was to be used before `day`: the months that are over, and of the one that runs its days' share."""
    total = 0
    for month, gflop in plan:
        begins, ends = max(month, first), min(month_after(month), end)
        held = (ends - begins).days
        if held <= 0:
            # A month outside the grant's own period counts from that period's nearer side on.
            total += gflop if begins < day else 0
        else:
            total += gflop * max(min((day - begins).days, held), 0) // held
    return total


def checkpoints(first: date, end: date, every: int) -> Iterator[date]:
    """The days within a half-open period on which use is compared with the plan: every so many months."""
    number = 1
    while (day := add_months(first, every * number)) < end:
        yield day
        number += 1


@dataclass(frozen=True)
class Shortfall:
    """Use against the plan: `take` is what the rule takes back, 0 where enough was used."""

    planned: int
    used: int
    take: int


def shortfall(*, planned: int, used: int, least_percent: int, take_percent: int, spare: int) -> Shortfall:
    """Where less than `least_percent` of the plan was used, `take_percent` of what was not used of it are taken back,
    and never more than `spare`."""
    if used * 100 >= planned * least_percent:
        return Shortfall(planned, used, 0)
    return Shortfall(planned, used, min((planned - used) * take_percent // 100, max(spare, 0)))
