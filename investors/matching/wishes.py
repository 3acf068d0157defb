"""What wishes make of a fit. Knows no Django.

A pair is worth its bracket, which both sides' wishes decide together, and within it the fit as each side sees it: a rank
lifts a side's own view half the way to a full fit at most. Wishes add and never take away, so a wish never costs a pair
anything; a veto is no wish but a limit.
"""

import math
from dataclasses import dataclass

FULL = 10_000
MUTUAL_MUST, MUST_AND_MEET, MUTUAL_MEET = 3 * FULL, 2 * FULL, FULL
LAST_RANK = 10
# The rank that an unranked wish counts as.
_UNRANKED = {"must": 1, "meet": 6}


@dataclass(frozen=True, slots=True)
class Wish:
    """`level` is must or meet; `rank` 1 is the dearest, None where none was given."""

    level: str
    rank: int | None = None


def bracket_of(ours: Wish | None, theirs: Wish | None) -> int:
    """Points above a full fit: for both musts, for one and a meet, for both meets, and nothing for one side alone."""
    if ours is None or theirs is None:
        return 0
    musts = [ours.level, theirs.level].count("must")
    return (MUTUAL_MEET, MUST_AND_MEET, MUTUAL_MUST)[musts]


def bonus_of(fit: int, ours: Wish | None, theirs: Wish | None) -> int:
    """What the ranks add to the fit, whole points: the geometric mean of both sides' views, less the fit."""
    return math.isqrt(_view(fit, ours) * _view(fit, theirs)) - fit


def _view(fit: int, wish: Wish | None) -> int:
    if wish is None:
        return fit
    rank = wish.rank or _UNRANKED[wish.level]
    return fit + (FULL - fit) * (LAST_RANK + 1 - rank) // (2 * LAST_RANK)
