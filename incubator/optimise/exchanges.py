"""What it would cost to force one more pair into an optimal assignment. Knows no Django."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

# Time grows with the cube of this: two seconds for 1,500.
MAX_NODES = 1_500


def exchange_costs(
    ends: Sequence[tuple[int, int]],
    gains: Sequence[int],
    chosen: Iterable[int],
    locked: Sequence[bool],
    left_limits: Sequence[tuple[int, Sequence[int], int]],
    right_limits: Sequence[tuple[int, int]],
    *,
    limit: int,
) -> list[int]:
    """For each pair, by how much the best assignment with it is worth less than this optimal one.

    `gains` are what pairs are worth over the price of their places. `left_limits` gives for each left its
    maximum, the worth of its first, second … pair beyond the scores and the price of its place, `right_limits`
    for each right its capacity and price. Prices must prove the optimum: then no exchange wins anything over
    them, and the cheapest chain of exchanges is a shortest path over non-negative costs. 0 for a pair that is
    chosen or equally good; `limit` (at most 16,000) where it costs so much, or no assignment has it.
    """
    taken = set(chosen)
    lefts = len(left_limits)
    pool = lefts + len(right_limits)
    left_load = Counter(ends[at][0] for at in taken)
    right_load = Counter(ends[at][1] for at in taken)
    # As few bits as twice the limit fits into: the more to a cache line.
    kind = np.int16 if 2 * limit <= np.iinfo(np.int16).max else np.int32
    cost = np.full((pool + 1, pool + 1), limit, dtype=kind)
    np.fill_diagonal(cost, 0)
    for at, (left, right) in enumerate(ends):
        if at not in taken:
            cost[left, lefts + right] = min(-gains[at], limit)
        elif not locked[at]:
            cost[lefts + right, left] = min(gains[at], limit)
    for left, (maximum, worths, price) in enumerate(left_limits):
        load = left_load[left]
        if load < maximum:
            cost[pool, left] = min(-price - (worths[load] if load < len(worths) else 0), limit)
        if load > 0:
            cost[left, pool] = min(price + (worths[load - 1] if load <= len(worths) else 0), limit)
    for right, (capacity, price) in enumerate(right_limits):
        if right_load[right] < capacity:
            cost[lefts + right, pool] = 0
        if right_load[right] > 0:
            cost[pool, lefts + right] = min(price, limit)
    through = np.empty_like(cost)
    for via in range(pool + 1):
        np.add(cost[:, via, None], cost[None, via, :], out=through)
        np.minimum(cost, through, out=cost)
    return [
        0 if at in taken else min(int(cost[lefts + right, left]) + min(-gains[at], limit), limit)
        for at, (left, right) in enumerate(ends)
    ]
