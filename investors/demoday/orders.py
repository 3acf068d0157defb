"""An order as a form sends it: a number beside each name, or a tick for "not with"."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RankOutOfRange
from .models import Ranking
from .models.days import LOWEST_RANK


@dataclass(frozen=True)
class Choice:
    """One line of the form."""

    id: int
    name: str
    kind: str
    rank: str
    veto: bool


def order_of_post(post: Mapping[str, str], ids: Iterable[int]) -> dict[int, int | None]:
    """Places by id, None for "not with"; who has neither is left out. Raises RankOutOfRange."""
    found: dict[int, int | None] = {}
    for pk in ids:
        text = post.get(f"rank-{pk}", "").strip()
        if post.get(f"veto-{pk}"):
            found[pk] = None
        elif text:
            if not (text.isascii() and text.isdigit() and len(text) < 4):
                raise RankOutOfRange(most=LOWEST_RANK)
            found[pk] = int(text)
    return found


def choices(
    others: Iterable[tuple[int, str, str]],
    rankings: Iterable[Ranking],
    other: str,
    post: Mapping[str, str] | None = None,
) -> list[Choice]:
    """The lines of the form: those with a place first, then by name; what was typed stays after a refusal."""
    said = {getattr(each, other): each for each in rankings}
    lines = []
    for pk, name, kind in others:
        own = said.get(pk)
        rank = str(own.rank) if own and own.rank else ""
        veto = bool(own and own.veto)
        if post is not None:
            rank, veto = post.get(f"rank-{pk}", ""), bool(post.get(f"veto-{pk}"))
        lines.append(Choice(pk, name, kind, rank, veto))
    return sorted(lines, key=_key)


def _key(choice: Choice) -> Any:
    place = int(choice.rank) if choice.rank.isascii() and choice.rank.isdigit() else 10_000
    return (place, choice.veto, choice.name)
