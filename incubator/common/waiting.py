"""Things of many domains that wait for somebody, read in one query.

Each domain's part starts at its own `*_for(user)`, is brought into the same columns by `waiting`, and `read` asks the
database for all of them at once, however many kinds and rows there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    QuerySet,
    Value,
    Window,
)
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone


@dataclass(frozen=True)
class Waiting:
    """One thing that waits. `total` counts all of its kind, of which only the first were read."""

    kind: str
    object_id: int
    label: str
    since: datetime
    due: date | None = None
    details: dict[str, Any] = field(default_factory=dict)
    total: int = 1

    def day(self, today: date) -> int:
        """The how-manieth day it waits: 1 on the day that it came."""
        return max((today - timezone.localdate(self.since)).days, 0) + 1


def waiting(
    things: QuerySet, kind: str, /, *, label: Any, since: Any, due: Any = None, most: int = 20, **details: Any
) -> QuerySet:
    """The columns of `Waiting` out of any queryset: `label`, `since`, `due` and `details` are expressions or names of
    fields. The `most` that wait longest are kept."""
    since, due = (F(each) if isinstance(each, str) else each for each in (since, due))
    return things.order_by(since, "pk").values_list(
        Value(kind, output_field=CharField()),
        Cast("pk", BigIntegerField()),
        Cast(label, CharField()),
        Cast(since, DateTimeField()),
        Cast(due if due is not None else Value(None), DateField()),
        JSONObject(**details),
        Window(Count("*")),
    )[:most]


def read(parts: Iterable[QuerySet]) -> list[Waiting]:
    """All of the parts in one query, what waits longest first."""
    chosen = list(parts)
    if not chosen:
        return []
    rows = reduce(lambda left, right: left.union(right, all=True), chosen)
    return sorted((Waiting(*row) for row in rows), key=lambda each: (each.since, each.kind, each.object_id))
