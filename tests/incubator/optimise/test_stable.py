"""Stable pairs: against all that is possible on small problems, and beside the assignment on a full one."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.optimise.assignment import AssignmentProblem, solve_assignment
from incubator.optimise.assignment_types import Id
from incubator.optimise.stable import blocking_pairs, solve_stable
from tests.incubator.optimise.test_assignment import full_camp, problem_of, shuffled, small_problems


def blocks(problem: AssignmentProblem, pairs: set[tuple[Id, Id]], ends: tuple[Id, Id]) -> bool:
    """By the definition: each side has a place free or holds, unlocked, something of lower score."""
    scores = {(pair.left, pair.right): pair.score for pair in problem.pairs if pair.allowed}
    places = (
        {left.id: left.maximum for left in problem.lefts},
        {right.id: right.capacity for right in problem.rights},
    )
    for side in (0, 1):
        mine = [held for held in pairs if held[side] == ends[side]]
        worse = [held for held in mine if held not in problem.locked and scores[held] < scores[ends]]
        if len(mine) >= places[side][ends[side]] and not worse:
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(small_problems())
def test_nobody_would_rather_swap(problem: AssignmentProblem) -> None:
    result = solve_stable(problem)
    chosen = set(result.pairs)
    scores = {(pair.left, pair.right): pair.score for pair in problem.pairs if pair.allowed}
    assert len(chosen) == len(result.pairs)
    assert set(problem.locked) <= chosen <= scores.keys()
    most = {left.id: left.maximum for left in problem.lefts}
    seats = {right.id: right.capacity for right in problem.rights}
    assert all(n <= most[left] for left, n in Counter(left for left, _right in chosen).items())
    assert all(n <= seats[right] for right, n in Counter(right for _left, right in chosen).items())
    assert not [ends for ends in scores.keys() - chosen if blocks(problem, chosen, ends)]
    assert (result.blocking, result.objective) == (0, sum(scores[ends] for ends in chosen))


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_the_blocking_pairs_of_an_assignment_are_those_of_the_definition(problem: AssignmentProblem) -> None:
    pairs = set(solve_assignment(problem).pairs)
    allowed = {(pair.left, pair.right) for pair in problem.pairs if pair.allowed}
    expected = {ends for ends in allowed - pairs if blocks(problem, pairs, ends)}
    assert set(blocking_pairs(problem, pairs)) == expected


@settings(max_examples=40, deadline=None)
@given(small_problems(), st.integers(0, 1000))
def test_the_order_of_the_input_never_matters(problem: AssignmentProblem, seed: int) -> None:
    assert solve_stable(shuffled(problem, seed)) == solve_stable(problem)


def test_stability_forgets_the_minimum_and_the_assignment_blocks_for_it() -> None:
    problem = problem_of(
        [("rich", 0, 2), ("poor", 1, 2)], [("x", 1)], {("rich", "x"): 900, ("poor", "x"): 100}
    )
    assert solve_stable(problem).pairs == (("rich", "x"),)
    assert blocking_pairs(problem, solve_assignment(problem).pairs) == (("rich", "x"),)


def test_a_full_camp_is_stable_and_worth_less_than_the_best_without_a_minimum() -> None:
    problem = full_camp(73, 60, seed=7)
    free = replace(problem, lefts=tuple(replace(left, minimum=0) for left in problem.lefts))
    stable, best = solve_stable(problem), solve_assignment(free)
    assert stable.blocking == 0
    assert len(blocking_pairs(problem, solve_assignment(problem).pairs)) > 0
    assert stable.objective <= best.objective
