"""What it would cost to force one more pair into an optimal assignment. Knows no Django."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

# Time grows with the cube of this: a second for 1,000.
MAX_NODES = 1_000
_UNREACHABLE = 2**61


def exchange_costs(
    ends: Sequence[tuple[int, int]],
    scores: Sequence[int],
    chosen: Iterable[int],
    locked: Sequence[bool],
    left_limits: Sequence[tuple[int, Sequence[int]]],
    capacities: Sequence[int],
) -> list[int | None]:
    """For each pair, by how much the best assignment with it is worth less than this optimal one.

    `left_limits` gives for each left its maximum and the worth of its first, second … pair beyond the scores.
    0 for a pair that is chosen or equally good; None where no assignment has it. The answer is exact: the
    cheapest chain of exchanges is a shortest path in the residual graph, which has no negative cycle at an
    optimum.
    """
    taken = set(chosen)
    lefts = len(left_limits)
    pool = lefts + len(capacities)
    left_load = Counter(ends[at][0] for at in taken)
    right_load = Counter(ends[at][1] for at in taken)
    cost = np.full((pool + 1, pool + 1), _UNREACHABLE, dtype=np.int64)
    np.fill_diagonal(cost, 0)
    for at, (left, right) in enumerate(ends):
        if at not in taken:
            cost[left, lefts + right] = -scores[at]
        elif not locked[at]:
            cost[lefts + right, left] = scores[at]
    for left, (maximum, worths) in enumerate(left_limits):
        load = left_load[left]
        if load < maximum:
            cost[pool, left] = -(worths[load] if load < len(worths) else 0)
        if load > 0:
            cost[left, pool] = worths[load - 1] if load <= len(worths) else 0
    for right, capacity in enumerate(capacities):
        if right_load[right] < capacity:
            cost[lefts + right, pool] = 0
        if right_load[right] > 0:
            cost[pool, lefts + right] = 0
    for via in range(pool + 1):
        np.minimum(cost, cost[:, via, None] + cost[None, via, :], out=cost)
    back = [0 if at in taken else int(cost[lefts + right, left]) for at, (left, right) in enumerate(ends)]
    return [
        0 if at in taken else None if way >= _UNREACHABLE // 2 else way - scores[at]
        for at, way in enumerate(back)
    ]
