"""Requests in numbers: how soon they are answered and solved, how often opened again, how satisfied companies are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.helpdesk import selectors
from tenants.helpdesk.enums import OPEN_STATES, RequestState
from tenants.helpdesk.models import HelpRequest

from .tables import Column, Line, Table

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Figures:
    """Of some requests. Hours are of the clock, not of working days; None where there is nothing to count."""

    reported: int
    open: int
    overdue: int
    answer_hours: Decimal | None
    solve_hours: Decimal | None
    reopened_percent: Decimal | None
    satisfaction: Decimal | None

    def values(self) -> list[Any]:
        return [
            self.reported,
            self.open,
            self.overdue,
            self.answer_hours,
            self.solve_hours,
            self.reopened_percent,
            self.satisfaction,
        ]


def _hours(spans: Iterable[timedelta]) -> Decimal | None:
    """The middle of them: one that lay for weeks does not hide that most are quick."""
    found = [Decimal(int(span.total_seconds())) / SECONDS_AN_HOUR for span in spans]
    return Decimal(median(found)).quantize(Decimal("0.1")) if found else None


def figures(requests: Sequence[HelpRequest], today: date) -> Figures:
    ever_solved = [each for each in requests if each.solved_at or each.reopened]
    reopened = [each for each in ever_solved if each.reopened]
    marks = [each.satisfaction for each in requests if each.satisfaction]
    return Figures(
        reported=len(requests),
        open=sum(each.state in OPEN_STATES for each in requests),
        overdue=sum(each.is_overdue(today) for each in requests),
        answer_hours=_hours(each.answered_at - each.asked_at for each in requests if each.answered_at),
        solve_hours=_hours(
            each.solved_at - each.asked_at
            for each in requests
            if each.solved_at and each.state in (RequestState.SOLVED, RequestState.CLOSED)
        ),
        reopened_percent=Decimal(100 * len(reopened)) / len(ever_solved) if ever_solved else None,
        satisfaction=(Decimal(sum(marks)) / len(marks)).quantize(Decimal("0.01")) if marks else None,
    )


def reported_in(user: Any, year: int) -> list[HelpRequest]:
    """The requests that were reported in a year, by the camp's calendar; one query."""
    first = timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001
    end = timezone.make_aware(datetime(year + 1, 1, 1))  # noqa: DTZ001
    return list(selectors.requests_for(user).filter(Q(asked_at__gte=first) & Q(asked_at__lt=end)))


def table(requests: Sequence[HelpRequest], today: date) -> Table:
    """By category, and all together."""
    categories = sorted({each.category for each in requests}, key=lambda each: (each.position, each.pk))
    return Table(
        name="categories",
        title=gettext_lazy("Requests by category"),
        columns=[
            Column(gettext_lazy("Category")),
            Column(gettext_lazy("Reported"), "number"),
            Column(gettext_lazy("Open"), "number"),
            Column(gettext_lazy("Overdue"), "number"),
            Column(gettext_lazy("Hours to the first answer (median)"), "number"),
            Column(gettext_lazy("Hours until solved (median)"), "number"),
            Column(gettext_lazy("Opened again"), "percent"),
            Column(gettext_lazy("Satisfaction, 1 to 5"), "number"),
        ],
        lines=[
            Line(
                [
                    category.display_name,
                    *figures([each for each in requests if each.category_id == category.pk], today).values(),
                ]
            )
            for category in categories
        ],
        note=gettext_lazy("Opened again: of those that were ever said to be solved."),
        total=[_("All"), *figures(requests, today).values()] if requests else None,
    )
