"""What other weights would change, computed on today's facts and kept nowhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from incubator.optimise.assignment import AssignmentError, AssignmentResult
from incubator.optimise.solver import SolverError

from .errors import RunFailed
from .facts import Facts, collect_facts
from .limits import Limits, collect_limits
from .problem import Scores, score_all
from .scoring import Weights
from .solving import kept_problem, resolved

Pair = tuple[int, int]


@dataclass(frozen=True)
class Changed:
    """A pair and its scores (1/10,000): None where a side takes part no more, or did not yet."""

    pair: Pair
    before: int | None
    after: int | None

    @property
    def difference(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class WhatIf:
    """The result under other weights beside a stored run's pairs, and beside today's facts under those in force.

    `objective_now` and `objective` are sums under different weights: `kept` says how many of today's pairs would stay.
    """

    entering: list[Changed] = field(default_factory=list)
    leaving: list[Changed] = field(default_factory=list)
    staying: list[Changed] = field(default_factory=list)
    objective_now: int = 0
    objective: int = 0
    bound: int = 0
    shortfalls: int = 0
    kept: int = 0
    pairs_now: int = 0
    moved: int = 0
    all_pairs: int = 0


def what_if(*, weights: Weights, in_force: Weights, today: date, stored: Mapping[Pair, int] | None) -> WhatIf:
    """Compare `weights` with the pairs (and scores) of a stored run, or of today's result when there is none.

    Raises RunFailed.
    """
    facts = collect_facts(today)
    after, now = score_all(facts, weights), score_all(facts, in_force)
    limits = collect_limits(today)
    result = _solved(facts, after, limits, weights)
    result_now = _solved(facts, now, limits, in_force)
    chosen, chosen_now = _pairs(result), _pairs(result_now)
    before = dict(stored) if stored is not None else {pair: now[pair].score for pair in chosen_now}

    def changed(pair: Pair) -> Changed:
        old = before.get(pair, now[pair].score if pair in now else None)
        return Changed(pair, old, after[pair].score if pair in after else None)

    return WhatIf(
        entering=_sorted(changed(pair) for pair in chosen - before.keys()),
        leaving=_sorted(changed(pair) for pair in before.keys() - chosen),
        staying=_sorted(changed(pair) for pair in chosen & before.keys()),
        objective_now=result_now.objective,
        objective=result.objective,
        bound=result.bound,
        shortfalls=sum(short.missing for short in result.shortfalls),
        kept=len(chosen & chosen_now),
        pairs_now=len(chosen_now),
        moved=sum(after[pair].score != now[pair].score for pair in after),
        all_pairs=len(after),
    )


def _sorted(changes: Iterable[Changed]) -> list[Changed]:
    return sorted(changes, key=lambda change: (-abs(change.difference or 0), change.pair))


def _pairs(result: AssignmentResult) -> set[Pair]:
    return {(int(company), int(firm)) for company, firm in result.pairs}


def _solved(facts: Facts, scores: Scores, limits: Limits, weights: Weights) -> AssignmentResult:
    try:
        return resolved(kept_problem(facts, scores, limits, weights=weights))
    except (AssignmentError, SolverError) as error:
        raise RunFailed(detail=str(error)) from error
