"""What rooms above know of a firm, for the firm's page: how it answered introductions, whom it was introduced to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .models import Firm


@dataclass(frozen=True)
class Fact:
    label: Any
    text: Any


Teller = Callable[[Firm], Iterable[Fact]]
_tellers: list[Teller] = []


def register_teller(tell: Teller) -> None:
    """Have `tell` asked for facts whenever a manager opens a firm. Registering twice asks once."""
    if tell not in _tellers:
        _tellers.append(tell)


def facts_about(firm: Firm) -> list[Fact]:
    return [fact for tell in _tellers for fact in tell(firm)]
