"""Pairs companies and firms: at most so many each, a minimum where one exists, the best sum of scores.

The constraint matrix is that of a flow, so the linear program has a whole-number vertex and whole-number
prices; both are checked, and the prices prove the bound in exact arithmetic. Knows no Django.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from incubator.optimise.assignment_check import check_assignment
from incubator.optimise.assignment_types import (
    MAX_COUNT,
    MAX_DOUBLINGS,
    MAX_MINIMUM,
    MAX_SCORE,
    OUT_OF_REACH,
    AssignmentError,
    AssignmentProblem,
    AssignmentResult,
    Id,
    Left,
    Method,
    Pair,
    Prices,
    Right,
    Shortfall,
    Unmatched,
    Why,
    highest_score,
    missing_price,
    missing_unit,
)
from incubator.optimise.exchanges import MAX_NODES, exchange_costs
from incubator.optimise.inputs import order_of
from incubator.optimise.lots import lot_of
from incubator.optimise.solver import INFINITY, LinearProgram, Solution, maximise, maximise_by_parts

__all__ = [
    "MAX_SCORE",
    "OUT_OF_REACH",
    "AssignmentError",
    "AssignmentProblem",
    "AssignmentResult",
    "Left",
    "Pair",
    "Prices",
    "Right",
    "Shortfall",
    "Unmatched",
    "check_assignment",
    "solve_assignment",
]

_TOLERANCE = 1e-6
# Above so many pairs the solver starts from the best of each side; it pays up to so many companies and firms.
_MANY_PAIRS = 10_000
_MANY_PEOPLE = 2_000
_FIRST_PAIRS = 16


def solve_assignment(problem: AssignmentProblem) -> AssignmentResult:
    """Find the assignment that misses the fewest introductions, most evenly, and among those scores the most.

    Missing the minimum is priced 1, 2, 4 and on for each further introduction of one company. Among equal
    results one is chosen by a hash of the ids, so the order of the input never matters. Raises
    AssignmentError for input that makes no sense, SolverError when the solver finds no optimum within its
    iterations.
    """
    validate(problem)
    model = _Model.of(problem)
    method: Method = "linear"
    found = model.solved() if model.pairs or model.missing else Solution([], [])
    prices = model.prices(found)
    chosen = model.chosen(found)
    if chosen is None:
        method = "integer"
        chosen = model.chosen(maximise(model.program(), integer=True))
        if chosen is None:
            raise AssertionError("an integer program was answered with fractions")
    if model.pairs and model.worth(chosen) == model.bound(prices):
        # Only where the prices prove the optimum do they describe all optima.
        program, positions = model.tie_break(prices)
        lots = maximise(program).values
        tied = [at for at, value in zip(positions, lots, strict=False) if value > 0.5]
        if all(_whole_enough(value) for value in lots) and model.worth(tied) == model.worth(chosen):
            chosen = tied
    return model.result(chosen, prices, method)


@dataclass(frozen=True, slots=True)
class _Prices:
    """Whole, non-negative prices by position in the model."""

    maximum: Sequence[int]
    minimum: Sequence[int]
    capacity: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Model:
    """The problem in a canonical order.

    Columns: the pairs, then each company's missing introductions in turn. Rows: the maximum of each company,
    its minimum, the capacity of each firm.
    """

    lefts: Sequence[Left]
    rights: Sequence[Right]
    pairs: Sequence[Pair]
    ends: Sequence[tuple[int, int]]
    locked: Sequence[bool]
    missing: Sequence[tuple[int, int]]
    unit: int
    highest: int

    @classmethod
    def of(cls, problem: AssignmentProblem) -> "_Model":
        lefts = sorted(problem.lefts, key=lambda left: order_of(left.id))
        rights = sorted(problem.rights, key=lambda right: order_of(right.id))
        left_at = {left.id: at for at, left in enumerate(lefts)}
        right_at = {right.id: at for at, right in enumerate(rights)}
        pairs = sorted(
            (pair for pair in problem.pairs if pair.allowed),
            key=lambda pair: (left_at[pair.left], right_at[pair.right]),
        )
        unit = missing_unit(problem)
        locked = set(problem.locked)
        return cls(
            lefts=lefts,
            rights=rights,
            pairs=pairs,
            ends=[(left_at[pair.left], right_at[pair.right]) for pair in pairs],
            locked=[(pair.left, pair.right) in locked for pair in pairs],
            missing=[
                (at, unit << min(step, MAX_DOUBLINGS))
                for at, left in enumerate(lefts)
                for step in range(left.minimum)
            ],
            unit=unit,
            highest=highest_score(problem),
        )

    def program(self) -> LinearProgram:
        count = len(self.lefts)
        return LinearProgram(
            costs=[pair.score for pair in self.pairs] + [-price for _at, price in self.missing],
            column_lower=[float(locked) for locked in self.locked] + [0.0] * len(self.missing),
            column_upper=[1.0] * (len(self.pairs) + len(self.missing)),
            row_lower=[-INFINITY] * count
            + [left.minimum for left in self.lefts]
            + [-INFINITY] * len(self.rights),
            row_upper=[left.maximum for left in self.lefts]
            + [INFINITY] * count
            + [right.capacity for right in self.rights],
            entries=[(at, count + at, 2 * count + to) for at, to in self.ends]
            + [(count + at,) for at, _price in self.missing],
        )

    def tie_break(self, prices: _Prices) -> tuple[LinearProgram, list[int]]:
        """All optima, by complementary slackness with the prices, and a hash of the ids to choose one.

        With it the positions of its pairs: a pair worth less than its places is in no optimum.
        """
        plain = self.program()
        gains = self.gains(prices)
        gains += [prices.minimum[at] - price for at, price in self.missing]
        kept = [
            at
            for at, (low, gain) in enumerate(zip(plain.column_lower, gains, strict=True))
            if low or gain >= 0
        ]
        pairs = [at for at in kept if at < len(self.pairs)]
        limits = [left.maximum for left in self.lefts]
        limits += [left.minimum for left in self.lefts]
        limits += [right.capacity for right in self.rights]
        tight = [price > 0 for price in (*prices.maximum, *prices.minimum, *prices.capacity)]
        program = LinearProgram(
            costs=[float(lot_of(self.pairs[at].left, self.pairs[at].right)) for at in pairs]
            + [0.0] * (len(kept) - len(pairs)),
            column_lower=[max(plain.column_lower[at], float(gains[at] > 0)) for at in kept],
            column_upper=[1.0] * len(kept),
            row_lower=[
                limit if held else low
                for limit, held, low in zip(limits, tight, plain.row_lower, strict=True)
            ],
            row_upper=[
                limit if held else high
                for limit, held, high in zip(limits, tight, plain.row_upper, strict=True)
            ],
            entries=[plain.entries[at] for at in kept],
        )
        return program, pairs

    def solved(self) -> Solution:
        """The best as a linear program; a large one from the pairs that stand high on either side."""
        program = self.program()
        if len(self.pairs) <= _MANY_PAIRS or len(self.lefts) + len(self.rights) > _MANY_PEOPLE:
            return maximise(program)
        first = [bool(low) for low in program.column_lower]
        first[len(self.pairs) :] = [True] * len(self.missing)
        left_count, right_count = [0] * len(self.lefts), [0] * len(self.rights)
        for at in sorted(range(len(self.pairs)), key=lambda at: -self.pairs[at].score):
            left, right = self.ends[at]
            if left_count[left] < _FIRST_PAIRS or right_count[right] < _FIRST_PAIRS:
                left_count[left] += 1
                right_count[right] += 1
                first[at] = True
        return maximise_by_parts(program, first)

    def chosen(self, found: Solution) -> list[int] | None:
        """Positions of the chosen pairs, or None when a column is neither in nor out."""
        if not all(_whole_enough(value) for value in found.values):
            return None
        return [at for at, value in enumerate(found.values[: len(self.pairs)]) if round(value) == 1]

    def prices(self, found: Solution) -> _Prices:
        """Rounding keeps them a proof: any non-negative prices bound every assignment."""
        count = len(self.lefts)
        duals = [round(dual) for dual in found.row_duals] or [0] * (2 * count + len(self.rights))
        return _Prices(
            maximum=[max(dual, 0) for dual in duals[:count]],
            minimum=[max(-dual, 0) for dual in duals[count : 2 * count]],
            capacity=[max(dual, 0) for dual in duals[2 * count :]],
        )

    def gains(self, prices: _Prices) -> list[int]:
        """What each pair is worth over the price of its places."""
        over = [most - least for most, least in zip(prices.maximum, prices.minimum, strict=True)]
        return [
            pair.score - over[left] - prices.capacity[right]
            for pair, (left, right) in zip(self.pairs, self.ends, strict=True)
        ]

    def bound(self, prices: _Prices) -> int:
        """No assignment is worth more, whatever the prices are."""
        total = sum(price * left.maximum for price, left in zip(prices.maximum, self.lefts, strict=True))
        total -= sum(price * left.minimum for price, left in zip(prices.minimum, self.lefts, strict=True))
        total += sum(
            price * right.capacity for price, right in zip(prices.capacity, self.rights, strict=True)
        )
        total += sum(
            gain for gain, locked in zip(self.gains(prices), self.locked, strict=True) if gain > 0 or locked
        )
        return total + sum(max(prices.minimum[at] - price, 0) for at, price in self.missing)

    def worth(self, chosen: Sequence[int]) -> int:
        return self.score(chosen) - self.missing_worth(chosen)

    def score(self, chosen: Sequence[int]) -> int:
        return sum(self.pairs[at].score for at in chosen)

    def missing_worth(self, chosen: Sequence[int]) -> int:
        held = Counter(self.ends[at][0] for at in chosen)
        return self.unit * sum(missing_price(left.minimum - held[at]) for at, left in enumerate(self.lefts))

    def result(self, chosen: Sequence[int], prices: _Prices, method: Method) -> AssignmentResult:
        return AssignmentResult(
            pairs=tuple((self.pairs[at].left, self.pairs[at].right) for at in chosen),
            objective=self.score(chosen),
            bound=self.bound(prices) + self.missing_worth(chosen),
            shortfalls=self.shortfalls(chosen),
            unmatched=self.unmatched(chosen, prices),
            prices=Prices(
                maximum={
                    left.id: price for left, price in zip(self.lefts, prices.maximum, strict=True) if price
                },
                minimum={
                    left.id: price for left, price in zip(self.lefts, prices.minimum, strict=True) if price
                },
                capacity={
                    right.id: price
                    for right, price in zip(self.rights, prices.capacity, strict=True)
                    if price
                },
            ),
            method=method,
        )

    def shortfalls(self, chosen: Sequence[int]) -> tuple[Shortfall, ...]:
        held = Counter(self.ends[at][0] for at in chosen)
        eligible = Counter(left for left, _right in self.ends)
        return tuple(
            Shortfall(
                left.id,
                left.minimum - held[at],
                "no_eligible_firm" if held[at] == eligible[at] else "firms_full",
            )
            for at, left in enumerate(self.lefts)
            if held[at] < left.minimum
        )

    def needs(self, chosen: Sequence[int], prices: _Prices) -> list[int]:
        """Points that each pair lacks: exact at a proven optimum of moderate size, else what prices prove."""
        gains = self.gains(prices)
        proven = self.worth(chosen) == self.bound(prices)
        limit = self.highest + 1
        if not proven or len(self.lefts) + len(self.rights) >= MAX_NODES:
            return [-gain if -gain < limit else OUT_OF_REACH for gain in (min(gain, 0) for gain in gains)]
        worths: list[list[int]] = [[] for _left in self.lefts]
        for at, price in self.missing:
            worths[at].insert(0, price)
        costs = exchange_costs(
            self.ends,
            gains,
            chosen,
            self.locked,
            [
                (left.maximum, worth, most - least)
                for left, worth, most, least in zip(
                    self.lefts, worths, prices.maximum, prices.minimum, strict=True
                )
            ],
            [(right.capacity, price) for right, price in zip(self.rights, prices.capacity, strict=True)],
            limit=limit,
        )
        return [cost if cost < limit else OUT_OF_REACH for cost in costs]

    def unmatched(self, chosen: Sequence[int], prices: _Prices) -> tuple[Unmatched, ...]:
        taken = set(chosen)
        left_load = Counter(self.ends[at][0] for at in chosen)
        right_load = Counter(self.ends[at][1] for at in chosen)
        # The lowest score that a company holds, and the lowest by which a firm's seat serves a minimum.
        held: dict[int, int] = {}
        needed: dict[int, int] = {}
        for at in chosen:
            left, right = self.ends[at]
            score = self.pairs[at].score
            held[left] = min(held.get(left, score), score)
            if left_load[left] <= self.lefts[left].minimum and not self.locked[at]:
                needed[right] = min(needed.get(right, score), score)

        def why(at: int) -> Why:
            left, right = self.ends[at]
            score = self.pairs[at].score
            if right_load[right] < self.rights[right].capacity:
                return "better_pair"
            if left_load[left] == self.lefts[left].maximum and held.get(left, score) >= score:
                return "better_pair"
            return "minimum_of_another" if needed.get(right, score) < score else "capacity"

        needs = self.needs(chosen, prices)
        return tuple(
            Unmatched(pair.left, pair.right, pair.score, why(at), needs[at])
            for at, pair in enumerate(self.pairs)
            if at not in taken
        )


def _whole_enough(value: float) -> bool:
    return abs(value - round(value)) <= _TOLERANCE


def validate(problem: AssignmentProblem) -> None:
    """Raise AssignmentError for the first thing that makes no sense."""
    lefts: dict[Id, Left] = {}
    for left in problem.lefts:
        if left.id in lefts:
            raise AssignmentError("duplicate_id", f"company {left.id}")
        _whole(left.maximum, MAX_COUNT, f"maximum of company {left.id}")
        _whole(left.minimum, MAX_MINIMUM, f"minimum of company {left.id}")
        if left.minimum > left.maximum:
            raise AssignmentError("minimum_over_maximum", f"company {left.id}")
        lefts[left.id] = left
    rights: dict[Id, Right] = {}
    for right in problem.rights:
        if right.id in rights:
            raise AssignmentError("duplicate_id", f"firm {right.id}")
        _whole(right.capacity, MAX_COUNT, f"capacity of firm {right.id}")
        rights[right.id] = right
    pairs: dict[tuple[Id, Id], Pair] = {}
    for pair in problem.pairs:
        ends = (pair.left, pair.right)
        if pair.left not in lefts or pair.right not in rights:
            raise AssignmentError("unknown_id", f"pair {pair.left}, {pair.right}")
        if ends in pairs:
            raise AssignmentError("duplicate_pair", f"pair {pair.left}, {pair.right}")
        _whole(pair.score, MAX_SCORE, f"score of {pair.left}, {pair.right}")
        pairs[ends] = pair
    _validate_locked(problem, lefts, rights, pairs)


def _validate_locked(
    problem: AssignmentProblem,
    lefts: dict[Id, Left],
    rights: dict[Id, Right],
    pairs: dict[tuple[Id, Id], Pair],
) -> None:
    for ends, count in Counter(problem.locked).items():
        place = f"pair {ends[0]}, {ends[1]}"
        if ends[0] not in lefts or ends[1] not in rights:
            raise AssignmentError("unknown_id", place)
        if count > 1:
            raise AssignmentError("duplicate_pair", place)
        if ends not in pairs or not pairs[ends].allowed:
            raise AssignmentError("locked_not_allowed", place)
    for identity, count in Counter(left for left, _right in problem.locked).items():
        if count > lefts[identity].maximum:
            raise AssignmentError("locked_over_maximum", f"company {identity}")
    for identity, count in Counter(right for _left, right in problem.locked).items():
        if count > rights[identity].capacity:
            raise AssignmentError("locked_over_capacity", f"firm {identity}")


def _whole(value: object, most: int, place: str) -> None:
    """The solver takes a NaN for an answer, so numbers are looked at before it sees them."""
    if isinstance(value, float) and not math.isfinite(value):
        raise AssignmentError("not_finite", place, value)
    if type(value) is not int:
        raise AssignmentError("not_a_whole_number", place, value)
    if value < 0:
        raise AssignmentError("negative", place, value)
    if value > most:
        raise AssignmentError("too_large", place, value)
