"""Checks an assignment against its problem in plain arithmetic, sharing nothing with the way it was found."""

from collections import Counter, defaultdict

from incubator.optimise.assignment_types import (
    AssignmentProblem,
    AssignmentResult,
    Id,
    missing_price,
    missing_unit,
)


def check_assignment(problem: AssignmentProblem, result: AssignmentResult) -> list[str]:
    """Every broken rule in a sentence; an empty list means that the result is what it claims to be.

    The bound is proven anew from `result.prices`: any non-negative prices of places limit what every
    assignment can be worth, so a bound that holds and equals the objective proves the optimum.
    """
    return [
        *_broken_rules(problem, result),
        *_broken_shortfalls(problem, result),
        *_broken_proof(problem, result),
    ]


def _broken_rules(problem: AssignmentProblem, result: AssignmentResult) -> list[str]:
    broken = []
    allowed = {(pair.left, pair.right): pair.score for pair in problem.pairs if pair.allowed}
    held_by = Counter(left for left, _right in result.pairs)
    load_of = Counter(right for _left, right in result.pairs)
    seen: set[tuple[Id, Id]] = set()
    for pair in result.pairs:
        if pair in seen:
            broken.append(f"pair {pair} is there twice")
        if pair not in allowed:
            broken.append(f"pair {pair} is not allowed")
        seen.add(pair)
    broken.extend(
        f"company {left.id} has {held_by[left.id]} pairs, at most {left.maximum}"
        for left in problem.lefts
        if held_by[left.id] > left.maximum
    )
    broken.extend(
        f"firm {right.id} has {load_of[right.id]} pairs, at most {right.capacity}"
        for right in problem.rights
        if load_of[right.id] > right.capacity
    )
    broken.extend(f"locked pair {pair} is missing" for pair in problem.locked if pair not in seen)
    score = sum(allowed.get(pair, 0) for pair in result.pairs)
    if score != result.objective:
        broken.append(f"objective {result.objective} is not the sum of scores {score}")
    told = [(pair.left, pair.right) for pair in result.unmatched]
    if len(told) != len(set(told)) or set(told) != allowed.keys() - seen:
        broken.append("the unmatched pairs are not the allowed ones that were not chosen")
    broken.extend(
        f"pair {(pair.left, pair.right)} has no honest reason"
        for pair in result.unmatched
        if pair.needs_points < 0 or pair.score != allowed.get((pair.left, pair.right))
    )
    return broken


def _broken_shortfalls(problem: AssignmentProblem, result: AssignmentResult) -> list[str]:
    broken = []
    told = {shortfall.left: shortfall for shortfall in result.shortfalls}
    load_of = Counter(right for _left, right in result.pairs)
    firms_of: dict[Id, set[Id]] = defaultdict(set)
    held_by: dict[Id, set[Id]] = defaultdict(set)
    for pair in problem.pairs:
        if pair.allowed:
            firms_of[pair.left].add(pair.right)
    for company, firm in result.pairs:
        held_by[company].add(firm)
    if len(told) != len(result.shortfalls):
        broken.append("a company is short twice")
    for left in problem.lefts:
        firms, held = firms_of[left.id], held_by[left.id]
        missing = max(left.minimum - len(held), 0)
        shortfall = told.pop(left.id, None)
        if missing != (shortfall.missing if shortfall else 0):
            broken.append(f"company {left.id} misses {missing} introductions and the result says otherwise")
        elif shortfall and (shortfall.cause == "no_eligible_firm") != (firms == held):
            broken.append(f"company {left.id} is short for another cause than {shortfall.cause}")
        elif shortfall:
            broken.extend(
                f"company {left.id} is short while firm {right.id} has a free seat"
                for right in problem.rights
                if right.id in firms - held and load_of[right.id] < right.capacity
            )
    broken.extend(f"unknown company {left} is short" for left in told)
    return broken


def _broken_proof(problem: AssignmentProblem, result: AssignmentResult) -> list[str]:
    broken = []
    prices = result.prices
    if any(
        price < 0 for side in (prices.maximum, prices.minimum, prices.capacity) for price in side.values()
    ):
        broken.append("a price is negative")
    if result.gap < 0:
        broken.append(f"objective {result.objective} is over the bound {result.bound}")
    unit = missing_unit(problem)
    locked = set(problem.locked)
    held_by = Counter(left for left, _right in result.pairs)
    worth = 0
    missing = 0
    for left in problem.lefts:
        least = prices.minimum.get(left.id, 0)
        worth += prices.maximum.get(left.id, 0) * left.maximum - least * left.minimum
        steps = [missing_price(step + 1) - missing_price(step) for step in range(left.minimum)]
        worth += sum(max(least - unit * step, 0) for step in steps)
        missing += missing_price(left.minimum - held_by[left.id])
    worth += sum(prices.capacity.get(right.id, 0) * right.capacity for right in problem.rights)
    for pair in problem.pairs:
        if pair.allowed:
            over = prices.maximum.get(pair.left, 0) - prices.minimum.get(pair.left, 0)
            gain = pair.score - over - prices.capacity.get(pair.right, 0)
            worth += gain if (pair.left, pair.right) in locked else max(gain, 0)
    if result.bound != worth + unit * missing:
        broken.append(f"the prices prove a bound of {worth + unit * missing}, not {result.bound}")
    return broken
