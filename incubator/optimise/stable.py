"""The other way to pair companies and firms: nobody would rather swap. It knows no minimum.

With minimums a stable assignment may not exist, so the two cannot both be promised; beside an assignment that
keeps the minimum stands the number of its blocking pairs. Knows no Django.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from incubator.optimise.assignment import validate
from incubator.optimise.assignment_types import AssignmentProblem, Id, Pair
from incubator.optimise.inputs import order_of
from incubator.optimise.lots import lot_of

_Rank = tuple[int, int, tuple[str, Id], tuple[str, Id]]


@dataclass(frozen=True, slots=True)
class StableResult:
    """`pairs` sorted by id, `objective` their sum of scores, `blocking` the number of blocking pairs: 0 but
    for what locked pairs force."""

    pairs: tuple[tuple[Id, Id], ...]
    objective: int
    blocking: int


def solve_stable(problem: AssignmentProblem) -> StableResult:
    """Deferred acceptance: companies ask firms from their best pair down, firms keep the best they are asked.

    Both sides go by the pair's score, equal scores by a hash of the ids, so the order of the input means
    nothing. Locked pairs are kept first; minimums are not looked at. Raises AssignmentError for input that
    makes no sense.
    """
    validate(problem)
    pairs = {(pair.left, pair.right): pair for pair in problem.pairs if pair.allowed}
    room = {left.id: left.maximum for left in problem.lefts}
    seats = {right.id: right.capacity for right in problem.rights}
    for left, right in problem.locked:
        room[left] -= 1
        seats[right] -= 1
    locked = set(problem.locked)
    wishes: dict[Id, list[Pair]] = defaultdict(list)
    for ends, pair in pairs.items():
        if ends not in locked:
            wishes[pair.left].append(pair)
    for each in wishes.values():
        each.sort(key=_rank)
    held: dict[Id, list[tuple[_Rank, Id]]] = defaultdict(list)
    asking = [left for left in wishes if room[left] > 0]
    while asking:
        left = asking.pop()
        while room[left] > 0 and wishes[left]:
            pair = wishes[left].pop()
            if not seats[pair.right]:
                continue
            room[left] -= 1
            heapq.heappush(held[pair.right], (_rank(pair), left))
            if len(held[pair.right]) > seats[pair.right]:
                _worst, loser = heapq.heappop(held[pair.right])
                room[loser] += 1
                if loser != left:
                    asking.append(loser)
    chosen = [*problem.locked, *((left, right) for right, each in held.items() for _rank, left in each)]
    chosen.sort(key=lambda ends: (order_of(ends[0]), order_of(ends[1])))
    return StableResult(
        pairs=tuple(chosen),
        objective=sum(pairs[ends].score for ends in chosen),
        blocking=len(blocking_pairs(problem, chosen)),
    )


def blocking_pairs(problem: AssignmentProblem, pairs: Iterable[tuple[Id, Id]]) -> tuple[tuple[Id, Id], ...]:
    """The allowed pairs that would both rather have each other: a place free, or a held pair of lower score.

    A locked pair is not given up for another. Equal scores block nothing. Sorted by id.
    """
    chosen = set(pairs)
    scores = {(pair.left, pair.right): pair.score for pair in problem.pairs if pair.allowed}
    locked = set(problem.locked)
    left_load = Counter(left for left, _right in chosen)
    right_load = Counter(right for _left, right in chosen)
    left_least: dict[Id, int] = {}
    right_least: dict[Id, int] = {}
    for left, right in chosen - locked:
        score = scores[left, right]
        left_least[left] = min(left_least.get(left, score), score)
        right_least[right] = min(right_least.get(right, score), score)
    left_free = {left.id for left in problem.lefts if left_load[left.id] < left.maximum}
    right_free = {right.id for right in problem.rights if right_load[right.id] < right.capacity}
    blocking = [
        (left, right)
        for (left, right), score in scores.items()
        if (left, right) not in chosen
        and (left in left_free or left_least.get(left, score) < score)
        and (right in right_free or right_least.get(right, score) < score)
    ]
    return tuple(sorted(blocking, key=lambda ends: (order_of(ends[0]), order_of(ends[1]))))


def _rank(pair: Pair) -> _Rank:
    return (pair.score, lot_of(pair.left, pair.right), order_of(pair.left), order_of(pair.right))
