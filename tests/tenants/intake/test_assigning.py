"""Whatever the camp looks like: no maximum and no conflict is ever broken, nothing possible is missed, and the same twice."""

from itertools import product

import numpy as np
from highspy import Highs, HighsModelStatus
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.intake.assigning import Assignment, Problem, assign


@st.composite
def problems(draw):
    applications = list(range(1, draw(st.integers(0, 9)) + 1))
    reviewers = list(range(101, 101 + draw(st.integers(0, 5))))
    pairs = list(product(applications, reviewers))
    barred = set(draw(st.lists(st.sampled_from(pairs), unique=True))) if pairs else set()
    fixed = set(draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4))) if pairs else set()
    maximum = {reviewer: draw(st.integers(0, 6)) for reviewer in reviewers}
    for reviewer in reviewers:  # what is there already fits
        maximum[reviewer] = max(maximum[reviewer], sum(1 for _one, by in fixed if by == reviewer))
    return Problem(applications, maximum, draw(st.integers(1, 4)), barred - fixed, fixed)


def most_possible(problem: Problem) -> int:
    """How many new reviews there can be, by a linear programme over the same pairs."""
    fixed, barred = set(problem.fixed), set(problem.barred)
    pairs = [p for p in product(problem.applications, problem.maximum) if p not in fixed | barred]
    if not pairs:
        return 0
    solver = Highs()
    solver.setOptionValue("output_flag", False)
    variables = [solver.addVariable(0, 1, obj=-1) for _pair in pairs]
    for place, limit in (
        *(((0, one), problem.each - sum(1 for a, _r in fixed if a == one)) for one in problem.applications),
        *(((1, by), most - sum(1 for _a, r in fixed if r == by)) for by, most in problem.maximum.items()),
    ):
        index, value = place
        chosen = [variables[n] for n, pair in enumerate(pairs) if pair[index] == value]
        if chosen:
            solver.addConstr(sum(chosen) <= max(limit, 0))
    solver.run()
    assert solver.getModelStatus() == HighsModelStatus.kOptimal
    return round(-solver.getInfo().objective_function_value)


@settings(max_examples=300, deadline=None)
@given(problems())
def test_maxima_and_conflicts_hold_and_nothing_possible_is_missed(problem):
    result: Assignment = assign(problem)
    assert not set(result.pairs) & (set(problem.barred) | set(problem.fixed))
    assert len(set(result.pairs)) == len(result.pairs)
    for reviewer, most in problem.maximum.items():
        assert sum(1 for _one, by in [*result.pairs, *problem.fixed] if by == reviewer) <= most
    for one in problem.applications:
        given_now = sum(1 for each, _by in result.pairs if each == one)
        had = sum(1 for each, _by in problem.fixed if each == one)
        assert given_now <= max(problem.each - had, 0)
        assert result.missing.get(one, 0) == max(problem.each - had - given_now, 0)
    assert len(result.pairs) == most_possible(problem)
    shuffled = Problem(
        list(reversed(list(problem.applications))),
        dict(reversed(list(problem.maximum.items()))),
        problem.each,
        list(problem.barred)[::-1],
        list(problem.fixed)[::-1],
    )
    assert assign(shuffled) == result


@given(st.integers(1, 20), st.integers(2, 6), st.integers(1, 2))
@settings(max_examples=60, deadline=None)
def test_without_conflicts_nobody_has_two_more_than_another(applications, reviewers, each):
    result = assign(Problem(range(applications), dict.fromkeys(range(100, 100 + reviewers), 99), each))
    loads = [
        sum(1 for _one, by in result.pairs if by == reviewer) for reviewer in range(100, 100 + reviewers)
    ]
    assert np.ptp(loads) <= 1


def test_somebody_is_moved_out_of_the_way():
    """Reviewer 11 alone may take application 2, and is given 1 first by number: 1 goes to 12 instead."""
    problem = Problem([1, 2], {11: 1, 12: 1}, 1, barred={(2, 12)})
    assert assign(problem) == Assignment(((1, 12), (2, 11)))
