"""Matching beside greedy, deferred acceptance and scipy's `milp`, on the same scores in the same run.

Time is that of the processor, the building of each model included: the clock of a busy machine says little.
"""

import resource
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import chain

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from incubator.optimise.assignment import check_assignment, solve_assignment
from incubator.optimise.assignment_types import (
    AssignmentProblem,
    Id,
    Left,
    Pair,
    Right,
    missing_price,
    missing_unit,
)
from incubator.optimise.stable import blocking_pairs, solve_stable
from tests.performance.conftest import Bench

MINIMUM = 3
SEATS_PER_COMPANY = 6
# Where the processor's time has been at most half of milp's; elsewhere the figure is printed.
TWICE_AS_QUICK = ((500, 300),)


@cache
def problem(companies: int, firms: int, top: int) -> AssignmentProblem:
    """Companies and firms that differ in quality, one pair in twenty forbidden; `top` best a side (0: all)."""
    draw = np.random.default_rng(2026)
    scores = 0.8 * draw.random((companies, firms)) + 0.1 * draw.random((companies, 1))
    scores = np.floor(10_000 * (scores + 0.1 * draw.random((1, firms)))).astype(int)
    allowed = draw.random((companies, firms)) >= 0.05
    if top:
        known = np.where(allowed, scores, -1)
        kept = np.zeros_like(allowed)
        kept[np.arange(companies)[:, None], np.argpartition(-known, top - 1, axis=1)[:, :top]] = True
        kept[np.argpartition(-known, top - 1, axis=0)[:top], np.arange(firms)[None, :]] = True
        allowed &= kept
    seats = SEATS_PER_COMPANY * companies // firms
    capacities = draw.integers(seats // 2, seats + seats // 2 + 1, firms)
    lefts, rights = np.nonzero(allowed)
    return AssignmentProblem(
        lefts=tuple(Left(at, MINIMUM, 8) for at in range(companies)),
        rights=tuple(Right(at, int(capacity)) for at, capacity in enumerate(capacities)),
        pairs=tuple(map(Pair, lefts.tolist(), rights.tolist(), scores[lefts, rights].tolist())),
    )


def by_greed(made: AssignmentProblem) -> set[tuple[Id, Id]]:
    """The best pair first, as long as both have places."""
    room = {left.id: left.maximum for left in made.lefts}
    seats = {right.id: right.capacity for right in made.rights}
    chosen = set()
    for pair in sorted(made.pairs, key=lambda pair: -pair.score):
        if room[pair.left] and seats[pair.right]:
            room[pair.left] -= 1
            seats[pair.right] -= 1
            chosen.add((pair.left, pair.right))
    return chosen


def by_milp(made: AssignmentProblem) -> set[tuple[Id, Id]]:
    """The same model as a mixed integer program."""
    count, unit = len(made.lefts), missing_unit(made)
    missing = [
        (left.id, unit * (missing_price(step + 1) - missing_price(step)))
        for left in made.lefts
        for step in range(left.minimum)
    ]
    rows = [(pair.left, count + pair.left, 2 * count + pair.right) for pair in made.pairs]  # type: ignore[operator]
    rows += [(count + left,) for left, _price in missing]  # type: ignore[operator,misc]
    lengths = [len(each) for each in rows]
    matrix = csc_array(
        (
            np.ones(sum(lengths)),
            np.fromiter(chain.from_iterable(rows), dtype=np.int64),
            np.concatenate([[0], np.cumsum(lengths)]),
        ),
        shape=(2 * count + len(made.rights), len(rows)),
    )
    lower = [-np.inf] * count + [left.minimum for left in made.lefts] + [-np.inf] * len(made.rights)
    upper = [left.maximum for left in made.lefts] + [np.inf] * count
    upper += [right.capacity for right in made.rights]
    costs = [-pair.score for pair in made.pairs] + [price for _left, price in missing]
    found = milp(
        np.array(costs, dtype=float),
        integrality=np.ones(len(rows)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, lower, upper),
        options={"mip_rel_gap": 0.0},
    )
    assert found.status == 0
    return {(pair.left, pair.right) for pair, value in zip(made.pairs, found.x, strict=False) if value > 0.5}


def worth(made: AssignmentProblem, pairs: set[tuple[Id, Id]]) -> tuple[int, int]:
    """The sum of scores, and how many companies are short."""
    held = Counter(left for left, _right in pairs)
    scores = {(pair.left, pair.right): pair.score for pair in made.pairs}
    return sum(scores[ends] for ends in pairs), sum(held[left.id] < left.minimum for left in made.lefts)


@pytest.mark.parametrize(("companies", "firms", "top"), [(73, 60, 0), (500, 300, 0), (5_000, 2_000, 50)])
def test_assignment(bench: Bench, companies: int, firms: int, top: int) -> None:
    made = problem(companies, firms, top)
    spent: dict[str, float] = {}
    found: dict[str, set[tuple[Id, Id]]] = {}

    def take(name: str, call: Callable[[], set[tuple[Id, Id]]]) -> None:
        rounds = 5 if companies < 100 else 1
        times = []
        for _round in range(rounds):
            began = time.process_time()
            found[name] = call()
            times.append(time.process_time() - began)
        spent[name] = sorted(times)[rounds // 2]

    def ours() -> set[tuple[Id, Id]]:
        result = solve_assignment(made)
        assert result.gap == 0
        return set(result.pairs)

    take("ours", ours)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    take("greedy", lambda: by_greed(made))
    take("deferred acceptance", lambda: set(solve_stable(made).pairs))
    take("milp", lambda: by_milp(made))
    size = f"{companies} x {firms}"
    for name, pairs in found.items():
        total, short = worth(made, pairs)
        bench.figure(f"match {size}, {name}, processor", round(spent[name] * 1000, 1), "ms")
        bench.figure(f"match {size}, {name}, sum of scores", total, "points")
        bench.figure(f"match {size}, {name}, companies short", short, "")
        bench.figure(f"match {size}, {name}, blocking", len(blocking_pairs(made, pairs)), "pairs")
    bench.figure(f"match {size}, milp takes, of ours", round(spent["milp"] / spent["ours"], 2), "times")
    bench.figure(f"match {size}, memory of the process at most", round(peak), "MB")
    assert worth(made, found["ours"]) == worth(made, found["milp"])
    assert (companies, firms) not in TWICE_AS_QUICK or spent["milp"] >= 2 * spent["ours"]


def test_a_result_is_what_it_claims_to_be() -> None:
    made = problem(500, 300, 0)
    assert check_assignment(made, solve_assignment(made)) == []
