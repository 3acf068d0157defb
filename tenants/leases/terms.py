"""Months of a contract, counted as the Civil Act counts them. Knows no Django."""

from calendar import monthrange
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def _shifted(day: date, months: int) -> tuple[int, int]:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month + 1


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it has no such day."""
    year, month = _shifted(day, -months)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def last_of_term(first: date, months: int) -> date:
    """The last day of a term of `months` that begins on `first`: the day before the same day of the month it ends in,
    or that month's last day where it has no such day."""
    year, month = _shifted(first, months)
    if first.day > monthrange(year, month)[1]:
        return date(year, month, monthrange(year, month)[1])
    return date(year, month, first.day) - ONE_DAY


def ask_by(last: date) -> date:
    """The last day on which an extension of a lease that ends with `last` may be asked for: one month before it."""
    return months_before(last, 1)
