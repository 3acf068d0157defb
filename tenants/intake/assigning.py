"""Which reviewer gets which application. Plain data in, plain data out; no Django.

Applications flow to reviewers through the pairs that are allowed. Each step adds one review along the path that ends at the
least burdened reviewer it can reach, moving others out of the way, which keeps the flow of least cost for loads that count
quadratically: as many reviews as can be, and the burden as even as can be. Everything is ordered by number, so the same input
gives the same result.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

Pair = tuple[int, int]  # application, reviewer


@dataclass(frozen=True)
class Problem:
    """`maximum` is what each reviewer takes in all, `barred` the pairs that may not be, `fixed` those that are already."""

    applications: Collection[int]
    maximum: Mapping[int, int]
    each: int
    barred: Collection[Pair] = ()
    fixed: Collection[Pair] = ()


@dataclass(frozen=True)
class Assignment:
    """The new `pairs`, and how many reviews each application still lacks (`missing`, without those that lack none)."""

    pairs: tuple[Pair, ...]
    missing: dict[int, int] = field(default_factory=dict)


def assign(problem: Problem) -> Assignment:
    """As many reviews as can be up to `each` an application; conflicts and maxima are never broken."""
    state = _State(problem)
    for _turn in range(problem.each):
        for application in sorted(problem.applications):
            if state.lacks(application):
                state.add(application)
    missing = {one: lacking for one in sorted(problem.applications) if (lacking := state.lacks(one))}
    return Assignment(tuple(sorted(state.chosen)), missing)


class _State:
    def __init__(self, problem: Problem) -> None:
        self.each = problem.each
        self.maximum = {reviewer: problem.maximum[reviewer] for reviewer in sorted(problem.maximum)}
        fixed, barred = set(problem.fixed), set(problem.barred)
        self.had = _by(fixed, 0)
        self.load = dict.fromkeys(self.maximum, 0)
        for _application, reviewer in fixed:
            if reviewer in self.load:
                self.load[reviewer] += 1
        self.allowed = {
            one: [reviewer for reviewer in self.maximum if (one, reviewer) not in barred | fixed]
            for one in sorted(problem.applications)
        }
        self.chosen: set[Pair] = set()

    def lacks(self, application: int) -> int:
        new = sum(1 for one, _reviewer in self.chosen if one == application)
        return max(self.each - self.had.get(application, 0) - new, 0)

    def add(self, application: int) -> None:
        """One more review of this application, if there is a way at all."""
        came_from, reached = self._reach(application)
        free = [reviewer for reviewer in reached if self.load[reviewer] < self.maximum[reviewer]]
        if not free:
            return
        last = reviewer = min(free, key=lambda each: (self.load[each], each))
        while True:
            one, before = came_from[reviewer]
            self.chosen.add((one, reviewer))
            if before is None:
                break
            self.chosen.discard((one, before))
            reviewer = before
        self.load[last] += 1

    def _reach(self, application: int) -> tuple[dict[int, tuple[int, int | None]], list[int]]:
        """The reviewers this application can get, each by the application that would be handed over to them and the reviewer
        who would hand it over; breadth first."""
        came_from: dict[int, tuple[int, int | None]] = {}
        queue: deque[tuple[int, int | None]] = deque([(application, None)])
        holds = _holds(self.chosen)
        while queue:
            one, giver = queue.popleft()
            for reviewer in self.allowed[one]:
                if reviewer in came_from or (one, reviewer) in self.chosen:
                    continue
                came_from[reviewer] = (one, giver)
                queue.extend((held, reviewer) for held in holds.get(reviewer, ()))
        return came_from, list(came_from)


def _by(pairs: Iterable[Pair], place: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for pair in pairs:
        counts[pair[place]] = counts.get(pair[place], 0) + 1
    return counts


def _holds(pairs: Iterable[Pair]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for application, reviewer in sorted(pairs):
        found.setdefault(reviewer, []).append(application)
    return found
