"""The managers' board: every introduction under way, by where it stands and how long."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from . import selectors
from .enums import IntroductionState
from .models import Introduction
from .policy import PATIENCE


@dataclass(frozen=True)
class Card:
    introduction: Introduction
    days: int  # in this state
    total: int  # since the company was asked
    overdue: bool


@dataclass(frozen=True)
class Column:
    state: IntroductionState
    patience: int
    cards: list[Card]

    @property
    def label(self) -> Any:
        return self.state.label


def board_of(user: Any, today: date, *, firm: str = "", company: str = "") -> list[Column]:
    """One column a state, in the order in which they follow; within it, who waits longest first. `firm` and `company` are parts
    of names."""
    found = selectors.introductions_for(user).filter(state__in=Introduction.LIVE)
    if firm:
        found = found.filter(firm__name__icontains=firm[:100])
    if company:
        found = found.filter(company__name__icontains=company[:100])
    columns = {state: Column(state, patience, []) for state, patience in PATIENCE.items()}
    for introduction in found.order_by("changed_at", "pk"):
        state = IntroductionState(introduction.state)
        days = (today - timezone.localdate(introduction.changed_at)).days
        total = (today - timezone.localdate(introduction.made_at)).days
        columns[state].cards.append(Card(introduction, days, total, days > PATIENCE[state]))
    return list(columns.values())
