"""The assignment against brute force on small camps, and against its own checker on a full one."""

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incubator.optimise import assignment
from incubator.optimise.assignment import (
    MAX_SCORE,
    OUT_OF_REACH,
    AssignmentError,
    AssignmentProblem,
    Left,
    Pair,
    Right,
    Shortfall,
    Unmatched,
    check_assignment,
    solve_assignment,
)
from incubator.optimise.assignment_types import FULL_FIT, Id, missing_price
from incubator.optimise.lots import lot_of
from incubator.optimise.solver import LinearProgram, Solution, maximise


def problem_of(
    lefts: list[tuple[Id, int, int]],
    rights: list[tuple[Id, int]],
    scores: dict[tuple[Id, Id], int],
    locked: tuple[tuple[Id, Id], ...] = (),
) -> AssignmentProblem:
    return AssignmentProblem(
        tuple(Left(*left) for left in lefts),
        tuple(Right(*right) for right in rights),
        tuple(Pair(left, right, score) for (left, right), score in scores.items()),
        locked,
    )


def shuffled(problem: AssignmentProblem, seed: int) -> AssignmentProblem:
    draw = random.Random(seed)
    return AssignmentProblem(
        tuple(draw.sample(problem.lefts, len(problem.lefts))),
        tuple(draw.sample(problem.rights, len(problem.rights))),
        tuple(draw.sample(problem.pairs, len(problem.pairs))),
        tuple(draw.sample(problem.locked, len(problem.locked))),
    )


def missing_of(problem: AssignmentProblem, pairs: tuple[tuple[Id, Id], ...]) -> list[int]:
    held = Counter(left for left, _right in pairs)
    return [max(left.minimum - held[left.id], 0) for left in problem.lefts]


def best_by_brute_force(problem: AssignmentProblem) -> tuple[int, int]:
    """The least price of missing introductions, and the best sum of scores at that price."""
    allowed = [pair for pair in problem.pairs if pair.allowed]
    most = {left.id: left.maximum for left in problem.lefts}
    seats = {right.id: right.capacity for right in problem.rights}
    best: tuple[int, int] | None = None
    for kept in itertools.product((False, True), repeat=len(allowed)):
        chosen = [pair for pair, keep in zip(allowed, kept, strict=True) if keep]
        pairs = tuple((pair.left, pair.right) for pair in chosen)
        if not set(problem.locked) <= set(pairs):
            continue
        if any(count > most[left] for left, count in Counter(left for left, _right in pairs).items()):
            continue
        if any(count > seats[right] for right, count in Counter(right for _left, right in pairs).items()):
            continue
        price = sum(missing_price(missing) for missing in missing_of(problem, pairs))
        score = sum(pair.score for pair in chosen)
        if best is None or (price, -score) < (best[0], -best[1]):
            best = (price, score)
    assert best is not None
    return best


@st.composite
def small_problems(draw: st.DrawFn) -> AssignmentProblem:
    lefts = []
    for at in range(draw(st.integers(0, 4))):
        minimum = draw(st.integers(0, 3))
        lefts.append(Left(f"c{at}", minimum, minimum + draw(st.integers(0, 2))))
    rights = [Right(at, draw(st.integers(0, 3))) for at in range(draw(st.integers(0, 3)))]
    # Few different scores, so that many results are equally good.
    scores = st.sampled_from([0, 1, 5000, 5000, 9999, 10_000])
    pairs = [
        Pair(left.id, right.id, draw(scores), draw(st.sampled_from([True, True, True, False])))
        for left in lefts
        for right in rights
        if draw(st.booleans()) or draw(st.booleans())
    ]
    locked: list[tuple[Id, Id]] = []
    for pair in pairs:
        left_load = sum(1 for left, _right in locked if left == pair.left)
        right_load = sum(1 for _left, right in locked if right == pair.right)
        fits = left_load < next(left.maximum for left in lefts if left.id == pair.left)
        fits = fits and right_load < next(right.capacity for right in rights if right.id == pair.right)
        if pair.allowed and fits and draw(st.integers(0, 5)) == 0:
            locked.append((pair.left, pair.right))
    return AssignmentProblem(tuple(lefts), tuple(rights), tuple(pairs), tuple(locked))


@settings(max_examples=150, deadline=None)
@given(small_problems())
def test_no_assignment_is_better_and_the_result_proves_it(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    price, score = best_by_brute_force(problem)
    assert check_assignment(problem, result) == []
    assert sum(missing_price(missing) for missing in missing_of(problem, result.pairs)) == price
    assert (result.objective, result.bound, result.gap) == (score, score, 0)
    assert result.method == "linear"


@settings(max_examples=60, deadline=None)
@given(small_problems(), st.integers(0, 1000))
def test_the_order_of_the_input_never_matters(problem: AssignmentProblem, seed: int) -> None:
    assert solve_assignment(shuffled(problem, seed)) == solve_assignment(problem)


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_a_pair_needs_exactly_as_many_points_as_the_result_says(problem: AssignmentProblem) -> None:
    price, score = best_by_brute_force(problem)
    for missed in solve_assignment(problem).unmatched:
        ends = (missed.left, missed.right)
        raised = missed.score + min(missed.needs_points, FULL_FIT + 1)
        equal = best_by_brute_force(with_score(problem, ends, raised))
        better = best_by_brute_force(with_score(problem, ends, raised + 1))
        assert equal == (price, score)
        assert better == (price, score if missed.needs_points == OUT_OF_REACH else score + 1)


def with_score(problem: AssignmentProblem, ends: tuple[Id, Id], score: int) -> AssignmentProblem:
    return replace(
        problem,
        pairs=tuple(
            replace(pair, score=score) if (pair.left, pair.right) == ends else pair for pair in problem.pairs
        ),
    )


def test_the_best_sum_of_scores_wins_over_the_best_single_pair() -> None:
    problem = problem_of(
        [("a", 0, 1), ("b", 0, 1)],
        [("x", 1), ("y", 1)],
        {("a", "x"): 10_000, ("a", "y"): 9_000, ("b", "x"): 9_000, ("b", "y"): 1_000},
    )
    result = solve_assignment(problem)
    assert result.pairs == (("a", "y"), ("b", "x"))
    assert (result.objective, result.bound) == (18_000, 18_000)


def test_a_minimum_outweighs_any_score() -> None:
    problem = problem_of(
        [("rich", 1, 3), ("poor", 1, 3)],
        [("x", 1), ("y", 1)],
        {("rich", "x"): 10_000, ("rich", "y"): 10_000, ("poor", "x"): 0},
    )
    result = solve_assignment(problem)
    assert result.pairs == (("poor", "x"), ("rich", "y"))
    assert result.shortfalls == ()
    [missed] = result.unmatched
    assert (missed.left, missed.right, missed.why) == ("rich", "x", "minimum_of_another")


def test_too_few_seats_are_shared_out_evenly() -> None:
    companies: list[tuple[Id, int, int]] = [(at, 3, 5) for at in range(4)]
    scores: dict[tuple[Id, Id], int] = {
        (company, f"f{firm}"): 10_000 if company == 0 else 100 for company in range(4) for firm in range(4)
    }
    result = solve_assignment(problem_of(companies, [(f"f{at}", 2) for at in range(4)], scores))
    assert Counter(left for left, _right in result.pairs) == {0: 2, 1: 2, 2: 2, 3: 2}
    assert result.shortfalls == tuple(Shortfall(at, 1, "firms_full") for at in range(4))


def test_a_company_that_may_have_too_few_firms_is_named_with_its_cause() -> None:
    problem = AssignmentProblem(
        (Left("a", 2, 3), Left("b", 1, 1), Left("c", 1, 1)),
        (Right("x", 1), Right("y", 0)),
        (
            Pair("a", "x", 100),
            Pair("a", "y", 100, allowed=False, reason="holds_rival"),
            Pair("b", "y", 100),
        ),
    )
    result = solve_assignment(problem)
    assert result.pairs == (("a", "x"),)
    assert result.shortfalls == (
        Shortfall("a", 1, "no_eligible_firm"),
        Shortfall("b", 1, "firms_full"),
        Shortfall("c", 1, "no_eligible_firm"),
    )
    assert check_assignment(problem, result) == []
    assert result.gap == 0


@pytest.mark.parametrize(
    ("lefts", "scores", "expected"),
    [
        (
            [("a", 0, 1)],
            {("a", "x"): 9_000, ("a", "y"): 8_900},
            Unmatched("a", "y", 8_900, "better_pair", 100),
        ),
        (
            [("a", 0, 2), ("b", 0, 2)],
            {("a", "x"): 9_000, ("b", "x"): 8_990},
            Unmatched("b", "x", 8_990, "capacity", 10),
        ),
        (
            [("a", 0, 2), ("b", 1, 2)],
            {("a", "x"): 9_000, ("b", "x"): 8_990},
            Unmatched("a", "x", 9_000, "minimum_of_another", OUT_OF_REACH),
        ),
        (
            [("a", 0, 2), ("b", 0, 2)],
            {("a", "x"): 7_000, ("b", "x"): 6_000, ("b", "none"): 10_000},
            Unmatched("b", "none", 10_000, "capacity", OUT_OF_REACH),
        ),
    ],
)
def test_why_a_pair_was_not_chosen(
    lefts: list[tuple[Id, int, int]], scores: dict[tuple[Id, Id], int], expected: Unmatched
) -> None:
    result = solve_assignment(problem_of(lefts, [("x", 1), ("y", 1), ("none", 0)], scores))
    assert expected in result.unmatched


def test_an_equal_pair_needs_nothing_but_luck() -> None:
    equal: dict[tuple[Id, Id], int] = {("a", "x"): 5_000, ("b", "x"): 5_000}
    [missed] = solve_assignment(problem_of([("a", 0, 1), ("b", 0, 1)], [("x", 1)], equal)).unmatched
    assert (missed.why, missed.needs_points) == ("capacity", 0)


def test_a_very_large_run_says_what_its_prices_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = full_camp(12, 9, seed=5)
    exact = {(each.left, each.right): each.needs_points for each in solve_assignment(problem).unmatched}
    monkeypatch.setattr(assignment, "MAX_NODES", 20)
    at_least = {(each.left, each.right): each.needs_points for each in solve_assignment(problem).unmatched}
    assert at_least.keys() == exact.keys()
    assert all(0 <= at_least[ends] <= exact[ends] for ends in exact)


def test_a_locked_pair_stays_whatever_it_costs() -> None:
    scores: dict[tuple[Id, Id], int] = {("a", "x"): 1, ("b", "x"): 10_000}
    problem = problem_of([("a", 0, 1), ("b", 1, 1)], [("x", 1)], scores, (("a", "x"),))
    result = solve_assignment(problem)
    assert result.pairs == (("a", "x"),)
    assert result.shortfalls == (Shortfall("b", 1, "firms_full"),)
    assert result.gap == 0
    assert check_assignment(problem, result) == []


@pytest.mark.parametrize(
    "problem",
    [
        problem_of([], [], {}),
        problem_of([("a", 0, 3)], [], {}),
        problem_of([], [("x", 3)], {}),
        problem_of([("a", 0, 3)], [("x", 3)], {}),
    ],
)
def test_an_empty_side_gives_an_empty_result(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    assert (result.pairs, result.objective, result.bound, result.shortfalls) == ((), 0, 0, ())
    assert check_assignment(problem, result) == []


def test_a_company_without_any_firm_is_short() -> None:
    result = solve_assignment(problem_of([("a", 2, 3)], [], {}))
    assert result.shortfalls == (Shortfall("a", 2, "no_eligible_firm"),)
    assert (result.objective, result.bound) == (0, 0)


SANE = problem_of([("a", 1, 2), ("b", 1, 2)], [("x", 2)], {("a", "x"): 1, ("b", "x"): 2})


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"lefts": (*SANE.lefts, Left("a", 0, 1))}, "duplicate_id", "company a"),
        ({"rights": (*SANE.rights, Right("x", 1))}, "duplicate_id", "firm x"),
        ({"pairs": (*SANE.pairs, Pair("a", "x", 1))}, "duplicate_pair", "pair a, x"),
        ({"pairs": (Pair("c", "x", 1),)}, "unknown_id", "pair c, x"),
        ({"pairs": (Pair("a", "z", 1),)}, "unknown_id", "pair a, z"),
        ({"pairs": (Pair("a", "x", float("nan")),)}, "not_finite", "score of a, x"),  # type: ignore[arg-type]
        ({"pairs": (Pair("a", "x", float("inf")),)}, "not_finite", "score of a, x"),  # type: ignore[arg-type]
        ({"pairs": (Pair("a", "x", 0.5),)}, "not_a_whole_number", "score of a, x"),  # type: ignore[arg-type]
        ({"pairs": (Pair("a", "x", True),)}, "not_a_whole_number", "score of a, x"),
        ({"pairs": (Pair("a", "x", -1),)}, "negative", "score of a, x"),
        ({"pairs": (Pair("a", "x", 40_001),)}, "too_large", "score of a, x"),
        ({"pairs": (Pair("a", "x", -1, allowed=False),)}, "negative", "score of a, x"),
        ({"rights": (Right("x", -1),)}, "negative", "capacity of firm x"),
        ({"rights": (Right("x", 10**30),)}, "too_large", "capacity of firm x"),
        ({"lefts": (Left("a", -1, 2),)}, "negative", "minimum of company a"),
        ({"lefts": (Left("a", 2, 1),)}, "minimum_over_maximum", "company a"),
        ({"lefts": (Left("a", 101, 200),)}, "too_large", "minimum of company a"),
        ({"locked": (("a", "y"),)}, "unknown_id", "pair a, y"),
        ({"locked": (("a", "x"), ("a", "x"))}, "duplicate_pair", "pair a, x"),
        ({"pairs": (), "locked": (("a", "x"),)}, "locked_not_allowed", "pair a, x"),
        (
            {"pairs": (Pair("a", "x", 1, allowed=False),), "locked": (("a", "x"),)},
            "locked_not_allowed",
            "pair a, x",
        ),
        ({"rights": (Right("x", 1),), "locked": (("a", "x"), ("b", "x"))}, "locked_over_capacity", "firm x"),
        (
            {"lefts": (Left("a", 0, 0), Left("b", 0, 0)), "locked": (("b", "x"),)},
            "locked_over_maximum",
            "company b",
        ),
    ],
)
def test_input_that_makes_no_sense(changes: dict[str, object], code: str, place: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        solve_assignment(replace(SANE, **changes))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.place) == (code, place)


def test_fractions_are_never_taken_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fractions_first(program: LinearProgram, *, integer: bool = False) -> Solution:
        found = maximise(program, integer=integer)
        return found if integer else replace(found, values=[0.5 for _value in found.values])

    problem = full_camp(6, 5, seed=3)
    expected = solve_assignment(problem)
    monkeypatch.setattr(assignment, "maximise", fractions_first)
    result = solve_assignment(problem)
    assert (result.method, result.objective, result.gap) == ("integer", expected.objective, 0)
    assert check_assignment(problem, result) == []


def full_camp(companies: int, firms: int, seed: int, step: int = 1) -> AssignmentProblem:
    draw = random.Random(seed)
    return AssignmentProblem(
        tuple(Left(at, 3, 8) for at in range(companies)),
        tuple(Right(at, draw.randint(3, 8)) for at in range(firms)),
        tuple(
            Pair(company, firm, step * (draw.randint(0, 10_000) // step), allowed=draw.random() > 0.05)
            for company in range(companies)
            for firm in range(firms)
        ),
    )


@pytest.mark.parametrize("step", [1, 500, 5000])
def test_a_full_camp_is_solved_to_the_bound_in_any_order(step: int) -> None:
    problem = full_camp(73, 60, seed=7, step=step)
    result = solve_assignment(problem)
    assert check_assignment(problem, result) == []
    assert result.gap == 0
    assert result.shortfalls == ()
    assert {solve_assignment(shuffled(problem, seed)).pairs for seed in range(3)} == {result.pairs}


def test_the_choice_among_equal_results_follows_the_ids_and_not_their_order() -> None:
    companies: list[tuple[Id, int, int]] = [(f"c{at}", 1, 1) for at in range(8)]
    equal: dict[tuple[Id, Id], int] = {
        (f"c{left}", f"f{right}"): 5000 for left in range(8) for right in range(8)
    }
    problem = problem_of(companies, [(f"f{at}", 1) for at in range(8)], equal)
    result = solve_assignment(problem)
    assert len(result.pairs) == 8
    assert result.pairs != tuple((f"c{at}", f"f{at}") for at in range(8))
    best = max(
        sum(lot_of(f"c{left}", f"f{right}") for left, right in enumerate(order))
        for order in itertools.permutations(range(8))
    )
    assert sum(lot_of(left, right) for left, right in result.pairs) == best


def test_the_checker_sees_what_is_wrong() -> None:
    problem = full_camp(5, 4, seed=1)
    result = solve_assignment(problem)
    first, *rest = result.pairs
    forbidden = next((pair.left, pair.right) for pair in full_camp(9, 9, seed=1).pairs if not pair.allowed)
    assert check_assignment(problem, result) == []
    assert check_assignment(problem, replace(result, pairs=(first, *result.pairs)))
    assert check_assignment(problem, replace(result, pairs=tuple(rest)))
    assert check_assignment(problem, replace(result, pairs=(*result.pairs, forbidden)))
    assert check_assignment(problem, replace(result, objective=result.objective + 1))
    assert check_assignment(problem, replace(result, bound=result.bound - 1))
    assert check_assignment(problem, replace(result, bound=result.bound + 1))
    assert check_assignment(problem, replace(result, shortfalls=(Shortfall(0, 1, "firms_full"),)))
    assert check_assignment(problem, replace(result, unmatched=()))
    tight = replace(problem, rights=tuple(replace(right, capacity=0) for right in problem.rights))
    assert f"firm {first[1]} has" in " ".join(check_assignment(tight, result))
    narrow = replace(problem, lefts=tuple(replace(left, minimum=0, maximum=0) for left in problem.lefts))
    assert f"company {first[0]} has" in " ".join(check_assignment(narrow, result))
    unlocked = next((pair.left, pair.right) for pair in result.unmatched)
    assert f"locked pair {unlocked} is missing" in check_assignment(
        replace(problem, locked=(unlocked,)), result
    )


@settings(max_examples=80, deadline=None)
@given(small_problems(), st.data())
def test_a_better_score_never_unmatches_a_pair(problem: AssignmentProblem, data: st.DataObject) -> None:
    result = solve_assignment(problem)
    raisable = [
        pair for pair in problem.pairs if (pair.left, pair.right) in result.pairs and pair.score < MAX_SCORE
    ]
    if raisable:
        pair = data.draw(st.sampled_from(raisable))
        score = data.draw(st.integers(pair.score + 1, MAX_SCORE))
        assert (pair.left, pair.right) in solve_assignment(
            with_score(problem, (pair.left, pair.right), score)
        ).pairs


def test_a_better_score_never_unmatches_a_pair_of_a_full_camp() -> None:
    problem = full_camp(73, 60, seed=11, step=500)
    pairs = solve_assignment(problem).pairs
    scores = {(pair.left, pair.right): pair.score for pair in problem.pairs}
    for ends in pairs[::40]:
        better = with_score(problem, ends, min(scores[ends] + 500, MAX_SCORE))
        assert ends in solve_assignment(better).pairs


def test_twenty_orders_of_a_full_camp_give_one_result() -> None:
    problem = full_camp(73, 60, seed=12, step=1000)
    pairs = solve_assignment(problem).pairs
    assert {solve_assignment(shuffled(problem, seed)).pairs for seed in range(20)} == {pairs}


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_starting_from_a_part_of_the_pairs_gives_the_same_result(problem: AssignmentProblem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "_MANY_PAIRS", 0)
        patch.setattr(assignment, "_FIRST_PAIRS", 1)
        by_parts = solve_assignment(problem)
    assert check_assignment(problem, by_parts) == []
    assert by_parts.pairs == solve_assignment(problem).pairs


def test_a_full_camp_is_the_same_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = full_camp(73, 60, seed=13, step=500)
    expected = solve_assignment(problem).pairs
    monkeypatch.setattr(assignment, "_MANY_PAIRS", 0)
    monkeypatch.setattr(assignment, "_FIRST_PAIRS", 2)
    assert solve_assignment(problem).pairs == expected
