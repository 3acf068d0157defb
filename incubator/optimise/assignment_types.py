"""What an assignment is asked with and answered with. Plain data; ids are whole numbers or texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from incubator.optimise.inputs import InputError, gettext_noop

Id = int | str
Cause = Literal["no_eligible_firm", "firms_full"]
Why = Literal["capacity", "better_pair", "minimum_of_another"]
Method = Literal["linear", "integer"]

# What a fit can be worth, and a fit whose wishes on both sides lift it over all others.
FULL_FIT = 10_000
MAX_SCORE = 4 * FULL_FIT
# More points than a score can have.
OUT_OF_REACH = MAX_SCORE + 1
MAX_MINIMUM = 100
MAX_COUNT = 1_000_000
# Each missing introduction of one company costs twice the one before, up to this many doublings.
MAX_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Left:
    """A company: introductions it is guaranteed where possible, and the most it may have."""

    id: Id
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Right:
    """A firm and how many introductions it takes."""

    id: Id
    capacity: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A possible introduction. `score` counts 1/10,000 of a fit; a pair that is not `allowed` says why in `reason`."""

    left: Id
    right: Id
    score: int
    allowed: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentProblem:
    """Pairs not listed are not allowed. `locked` pairs are in every result. The order means nothing."""

    lefts: tuple[Left, ...]
    rights: tuple[Right, ...]
    pairs: tuple[Pair, ...]
    locked: tuple[tuple[Id, Id], ...] = ()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """`missing` introductions to the minimum of `left`.

    `no_eligible_firm`: it has every firm it may have. `firms_full`: the others that it may have are full.
    """

    left: Id
    missing: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An allowed pair that was not chosen, and why.

    `better_pair`: the company has its fill and nothing worse. `minimum_of_another`: a company with a lower
    score holds the seat, because it would fall below its minimum. `capacity`: the firm is full.
    `needs_points`: a score raised by this much, and by no less, would make it an equal choice ("at least" in
    a run with many hundred ids); 0 is an equal pair that lost the draw; OUT_OF_REACH says that no score would
    do.
    """

    left: Id
    right: Id
    score: int
    why: Why
    needs_points: int


@dataclass(frozen=True, slots=True)
class Prices:
    """The certificate: what one more place is worth, in points, by weak duality a proof of the bound.

    `maximum` by left: one more introduction over its maximum; `minimum` by left: one less to its minimum;
    `capacity` by right: one more seat. All are at least 0; those that are 0 are left out.
    """

    maximum: Mapping[Id, int]
    minimum: Mapping[Id, int]
    capacity: Mapping[Id, int]


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """`objective` is the sum of scores of `pairs`, `bound` what it cannot exceed.

    The bound holds for every assignment that misses as little of the minimums as this one. `gap` is `bound`
    less `objective`: 0 means proven optimal. `pairs` and `unmatched` are sorted by id.
    """

    pairs: tuple[tuple[Id, Id], ...]
    objective: int
    bound: int
    shortfalls: tuple[Shortfall, ...]
    unmatched: tuple[Unmatched, ...]
    prices: Prices
    method: Method

    @property
    def gap(self) -> int:
        return self.bound - self.objective


REASONS: Mapping[str, str] = {
    "duplicate_id": gettext_noop("%(place)s is there twice"),
    "unknown_id": gettext_noop("%(place)s names nobody in the run"),
    "duplicate_pair": gettext_noop("%(place)s is there twice"),
    "not_a_whole_number": gettext_noop("%(place)s is not a whole number: %(value)s"),
    "not_finite": gettext_noop("%(place)s is not a finite number: %(value)s"),
    "negative": gettext_noop("%(place)s is negative: %(value)s"),
    "too_large": gettext_noop("%(place)s is too large: %(value)s"),
    "minimum_over_maximum": gettext_noop("%(place)s has a minimum above its maximum"),
    "locked_not_allowed": gettext_noop("%(place)s is locked but not allowed"),
    "locked_over_capacity": gettext_noop("%(place)s has more locked pairs than seats"),
    "locked_over_maximum": gettext_noop("%(place)s has more locked pairs than its maximum"),
}


class AssignmentError(InputError):
    """The problem makes no sense. `code` is a key of REASONS, `place` says where: `score of 3, 7`."""

    reasons = REASONS


def missing_price(missing: int) -> int:
    """The price of `missing` introductions of one company, in units of `missing_unit`: 1, 3, 7, 15 and on."""
    return sum(1 << min(step, MAX_DOUBLINGS) for step in range(missing))


def missing_unit(problem: AssignmentProblem) -> int:
    """More points than any exchange of pairs can win: one missing introduction always outweighs scores."""
    return (min(len(problem.lefts), len(problem.rights)) + 1) * highest_score(problem) + 1


def highest_score(problem: AssignmentProblem) -> int:
    """The most that a score of this problem's kind can be: more where wishes lift some over a full fit."""
    return MAX_SCORE if any(pair.score > FULL_FIT for pair in problem.pairs) else FULL_FIT
