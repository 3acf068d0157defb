"""Half-open periods of days, as PostgreSQL's ranges keep them."""

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.fields import RangeOperators
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Func


def days(first: date | None, last: date | None) -> DateRange:
    """The period from `first` to `last`, both held; None leaves that side open."""
    return DateRange(first, last + timedelta(days=1) if last else None)


def last_day(period: Any) -> date | None:
    """The last day that a half-open period holds, None when it has no end."""
    return period.upper - timedelta(days=1) if period.upper else None


def same(field: str) -> tuple[Func, str]:
    """`field` equal, for an exclusion constraint without btree_gist: the one-point range of an integer overlaps itself only."""
    column = F(field)
    return Func(column, column, template="int8range(%(expressions)s, '[]')"), RangeOperators.OVERLAPS
