"""From the canonical input of a run to its result: nothing but the input decides it. Makes no query.

The input is plain JSON, the one that is kept with the run, so a run is repeated by exactly the way it was made.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from incubator.common.fingerprints import fingerprint
from incubator.optimise.assignment import (
    AssignmentProblem,
    AssignmentResult,
    Left,
    Pair,
    Right,
    solve_assignment,
)
from incubator.optimise.assignment_types import Id
from incubator.optimise.inputs import gettext_noop
from incubator.optimise.stable import StableResult, blocking_pairs, solve_stable

from .facts import Facts
from .limits import Limits
from .problem import Scores, canonical_problem, canonical_result
from .scoring import DEFAULT_WEIGHTS, Weights
from .wishes import bonus_of, bracket_of

Report = Callable[[int, int, str], None]
STEPS = 5
# The modules whose code decides what comes out of an input.
_DECIDING = {
    "incubator.common": ("fingerprints",),
    "incubator.optimise": (
        "assignment",
        "assignment_types",
        "exchanges",
        "inputs",
        "lots",
        "solver",
        "stable",
    ),
    "investors.matching": ("problem", "prose", "scoring", "scoring_types", "solving", "stored", "wishes"),
}


@dataclass(frozen=True)
class Answer:
    """All that was computed of one input."""

    problem: AssignmentProblem
    result: AssignmentResult
    without_minimum: AssignmentResult
    stable: StableResult
    blocking: int

    @property
    def hash(self) -> str:
        return fingerprint(canonical_result(self.result))


@cache
def code_version() -> str:
    """Names the code that decides results: equal as long as not one of its characters changes."""
    content = hashlib.sha256()
    for package, modules in _DECIDING.items():
        for module in modules:
            content.update(files(package).joinpath(f"{module}.py").read_bytes())
    return f"{content.hexdigest()[:16]} highspy {version('highspy')}"


def kept_problem(
    facts: Facts,
    scores: Scores,
    limits: Limits,
    *,
    weights: Weights = DEFAULT_WEIGHTS,
    locked: Iterable[tuple[int, int]] = (),
) -> dict[str, Any]:
    """The canonical input of a run with limits and wishes: `canonical_problem` and

    `limits` as [company, firm, code, until], `apart` as [company, code], `wishes` as [company, firm, side, level, rank],
    `lifts` as [company, firm, bracket, bonus] where wishes lift a pair, `locked` and `forbidden` pairs by hand. The third
    of each of `pairs` are its points: fit, bracket and bonus together.
    """
    kept = canonical_problem(facts, scores, weights)
    apart: dict[tuple[int, int], list[str]] = {}
    for limit in limits.pairs:
        apart.setdefault((limit.company, limit.firm), []).append(limit.code)
    pairs, lifts = [], []
    for company, firm, fit, computed in kept["pairs"]:
        ours = limits.wishes.get((company, firm, "company"))
        theirs = limits.wishes.get((company, firm, "firm"))
        bracket, bonus = bracket_of(ours, theirs), bonus_of(fit, ours, theirs)
        if bracket or bonus:
            lifts.append([company, firm, bracket, bonus])
        codes = {*filter(None, computed.split(",")), *apart.get((company, firm), ())}
        if company in limits.companies:
            codes.add(limits.companies[company])
        pairs.append([company, firm, fit + bracket + bonus, ",".join(sorted(codes))])
    known = {(company, firm) for company, firm, *_rest in pairs}
    return {
        **kept,
        "pairs": pairs,
        "limits": [
            [limit.company, limit.firm, limit.code, limit.until]
            for limit in limits.pairs
            if (limit.company, limit.firm) in known
        ],
        "apart": sorted([company, code] for company, code in limits.companies.items()),
        "wishes": sorted(
            [company, firm, side, wish.level, wish.rank]
            for (company, firm, side), wish in limits.wishes.items()
            if (company, firm) in known
        ),
        "lifts": lifts,
        "locked": sorted([company, firm] for company, firm in locked),
        "forbidden": [],
    }


def problem_of(kept: Mapping[str, Any]) -> AssignmentProblem:
    """Each company may have every firm once: only the firms' capacities and the limits bound it."""
    minimum = kept["minimum"]
    most = max(len(kept["firms"]), minimum)
    forbidden = {tuple(ends) for ends in kept.get("forbidden", ())}
    return AssignmentProblem(
        lefts=tuple(Left(company["id"], minimum, most) for company in kept["companies"]),
        rights=tuple(Right(firm["id"], firm["capacity"]) for firm in kept["firms"]),
        pairs=tuple(
            Pair(company, firm, points, not codes and (company, firm) not in forbidden, codes or "removed")
            if codes or (company, firm) in forbidden
            else Pair(company, firm, points)
            for company, firm, points, codes in kept["pairs"]
        ),
        locked=tuple((company, firm) for company, firm in kept.get("locked", ())),
    )


def say_nothing(done: int, total: int, stage: str) -> None:
    """For whoever waits for the answer anyway."""


def solved(kept: Mapping[str, Any], report: Report = say_nothing) -> Answer:
    """Solve an input, and beside it what it would be without a minimum and in a stable way.

    Raises AssignmentError, SolverError, and whatever `report` raises to stop.
    """
    problem = problem_of(kept)
    report(1, STEPS, gettext_noop("Finding the best choice of pairs"))
    result = solve_assignment(problem)
    report(2, STEPS, gettext_noop("Finding what the minimum costs"))
    free = replace(problem, lefts=tuple(replace(left, minimum=0) for left in problem.lefts))
    without_minimum = solve_assignment(free)
    report(3, STEPS, gettext_noop("Finding the stable choice"))
    stable = solve_stable(problem)
    blocking = len(blocking_pairs(problem, result.pairs))
    report(4, STEPS, gettext_noop("Checking every limit and sum"))
    return Answer(problem, result, without_minimum, stable, blocking)


def resolved(kept: Mapping[str, Any]) -> AssignmentResult:
    """The result alone, for a look at what a change would do."""
    return solve_assignment(problem_of(kept))


def points_of(kept: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    return {(company, firm): points for company, firm, points, _codes in kept["pairs"]}


def lifts_of(kept: Mapping[str, Any]) -> dict[tuple[int, int], tuple[int, int]]:
    """Bracket and bonus of the pairs that wishes lift."""
    return {(company, firm): (bracket, bonus) for company, firm, bracket, bonus in kept.get("lifts", ())}


def ends(pair: Iterable[Id]) -> tuple[int, int]:
    company, firm = pair
    return int(company), int(firm)
