"""Matching at the camp's own size and at ten times that."""

import random

import pytest

from incubator.optimise.assignment import solve_assignment
from incubator.optimise.assignment_types import AssignmentProblem, Left, Pair, Right
from tests.performance.conftest import Bench


def problem(companies: int, firms: int) -> AssignmentProblem:
    """A dense problem: one pair in ten is forbidden, scores are even from 0 to 1 in steps of 1/10,000."""
    dice = random.Random(2026)
    return AssignmentProblem(
        lefts=tuple(Left(id=company, minimum=1, maximum=5) for company in range(companies)),
        rights=tuple(Right(id=firm, capacity=5) for firm in range(firms)),
        pairs=tuple(
            Pair(left=company, right=firm, score=dice.randrange(10_001))
            for company in range(companies)
            for firm in range(firms)
            if dice.random() >= 0.1
        ),
    )


@pytest.mark.parametrize(("companies", "firms", "rounds"), [(73, 60, 5), (730, 60, 1)])
def test_assignment(bench: Bench, companies: int, firms: int, rounds: int) -> None:
    made = problem(companies, firms)
    bench.time(
        f"match {companies} companies with {firms} firms", lambda: solve_assignment(made), rounds=rounds
    )
