"""Whether what is left pays for a job, and which grants would. Knows no Django.

Grants pay as the ledger lets them: the one that ends first pays first, each only for its own resources. What running
jobs may still cost is taken off before, from the grants that end first: nobody knows yet which of them will pay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """What is free in one grant, in whole GFLOP. Without `resources` it pays for everything."""

    name: str
    free: int
    resources: Collection[str] = ()
    own_share_percent: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one grant would pay of the job, and what would then be left in it."""

    room: Room
    gflop: int
    left: int


@dataclass(frozen=True, slots=True)
class Fit:
    """`missing` GFLOP no grant pays for; `left` would be left in all grants together."""

    parts: tuple[Part, ...]
    missing: int
    left: int

    @property
    def fits(self) -> bool:
        return self.missing == 0


def fit(rooms: Sequence[Room], *, held: int, need: Mapping[str, int]) -> Fit:
    """Lay `need` (GFLOP by resource) on `rooms`, the first to end first, once `held` GFLOP are kept for running jobs."""
    free = []
    for room in rooms:
        kept = min(held, room.free)
        held -= kept
        free.append(room.free - kept)
    paid = [0] * len(rooms)
    missing = 0
    for resource, due in need.items():
        for place, room in enumerate(rooms):
            if not room.resources or resource in room.resources:
                part = min(due, free[place])
                free[place] -= part
                paid[place] += part
                due -= part
        missing += due
    parts = tuple(
        Part(room, gflop, left) for room, gflop, left in zip(rooms, paid, free, strict=True) if gflop
    )
    return Fit(parts, missing, sum(free))
