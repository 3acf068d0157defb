"""Meetings on slots while they are being arranged: put, take, move along chains. Knows no Django.

A chain alternates between two slots: moving all of its meetings to the other slot keeps everybody's meetings
apart, which is how an edge colouring of a bipartite graph is mended.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterable

from incubator.optimise.timetable_model import Model, bits

_FREE = -1
# Windows of too many meetings in a row count as much as so many waits.
_LONG_RUN = 5
_REPORT_EVERY = 8192


class Board:
    """Which pair meets in which slot; people and tables never clash, and nobody is where they are absent."""

    def __init__(self, model: Model) -> None:
        slots = len(model.slots)
        self.model = model
        self.slot_of = [_FREE] * len(model.pairs)
        self.company_at = [[_FREE] * slots for _company in model.companies]
        self.host_at = [[_FREE] * slots for _host in model.hosts]
        self.company_free = list(model.company_masks)
        self.host_free = list(model.host_masks)
        self.spare = list(model.seats)
        for pair, slot in model.fixed.items():
            self.put(pair, slot)

    def put(self, pair: int, slot: int) -> None:
        company, host = self.model.pairs[pair]
        self.slot_of[pair] = slot
        self.company_at[company][slot] = pair
        self.host_at[host][slot] = pair
        self.company_free[company] &= ~(1 << slot)
        self.host_free[host] &= ~(1 << slot)
        self.spare[slot] -= 1

    def take(self, pair: int) -> None:
        company, host = self.model.pairs[pair]
        slot = self.slot_of[pair]
        self.slot_of[pair] = _FREE
        self.company_at[company][slot] = _FREE
        self.host_at[host][slot] = _FREE
        self.company_free[company] |= 1 << slot
        self.host_free[host] |= 1 << slot
        self.spare[slot] += 1

    def move(self, placed: dict[int, int]) -> None:
        """Move these pairs to these slots at once; a pair not on the board yet is put there."""
        for pair in placed:
            if self.slot_of[pair] != _FREE:
                self.take(pair)
        for pair, slot in placed.items():
            self.put(pair, slot)

    def placed(self) -> list[int]:
        return [pair for pair, slot in enumerate(self.slot_of) if slot != _FREE]

    def options(self, pair: int) -> int:
        """The slots in which both are free, whether or not a table is."""
        company, host = self.model.pairs[pair]
        return self.company_free[company] & self.host_free[host]

    def fill(self, pairs: Iterable[int]) -> list[int]:
        """Put the pairs on the board, the one with the fewest slots left first; the rest is returned."""
        model = self.model
        by_company: list[list[int]] = [[] for _company in model.companies]
        by_host: list[list[int]] = [[] for _host in model.hosts]
        waiting = {pair for pair in pairs if self.slot_of[pair] == _FREE}
        for pair in sorted(waiting):
            by_company[model.pairs[pair][0]].append(pair)
            by_host[model.pairs[pair][1]].append(pair)
        queue = [(self.options(pair).bit_count(), pair) for pair in waiting]
        heapq.heapify(queue)
        stuck = []
        while queue:
            count, pair = heapq.heappop(queue)
            if pair not in waiting:
                continue
            options = self.options(pair)
            if options.bit_count() != count:
                heapq.heappush(queue, (options.bit_count(), pair))
                continue
            waiting.discard(pair)
            company, host = model.pairs[pair]
            open_slots = [slot for slot in bits(options) if self.spare[slot] > 0]
            if not open_slots:
                stuck.append(pair)
                continue
            neighbours = [other for other in by_company[company] + by_host[host] if other in waiting]
            masks = [self.options(other) for other in neighbours]
            self.put(
                pair,
                min(
                    open_slots,
                    key=lambda slot: (sum(mask >> slot & 1 for mask in masks), -self.spare[slot], slot),
                ),
            )
            for other in neighbours:
                heapq.heappush(queue, (self.options(other).bit_count(), other))
        return [pair for pair in stuck if not self.squeeze(pair)]

    def squeeze(self, pair: int) -> bool:
        """Put the pair on the board, by moving others along a chain where that makes room."""
        company, host = self.model.pairs[pair]
        both = self.options(pair)
        for slot in bits(both):
            if self.spare[slot] > 0:
                self.put(pair, slot)
                return True
        for slot in bits(both):
            if self._clear_table(slot):
                self.put(pair, slot)
                return True
        for free, other_free, at in (
            (self.company_free[company], self.host_free[host], self.host_at[host]),
            (self.host_free[host], self.company_free[company], self.company_at[company]),
        ):
            for slot in bits(free & self.model.masks[pair] & ~other_free):
                blocking = at[slot]
                if blocking == _FREE:
                    continue
                for other in bits(other_free):
                    chain = self.chain(blocking, other)
                    if chain is not None and self._fits(chain, slot, other, extra=1):
                        self.move(chain)
                        self.put(pair, slot)
                        return True
        return False

    def juggle(self, waiting: list[int], turns: int, *, seed: int) -> list[int]:
        """Put waiting pairs where they push out the fewest, which then wait, for so many turns.

        The best board found is kept: the fewest waiting. A pair that was pushed out of a slot stays out of it
        for a while, so that the search does not go in circles. Returns who still waits.
        """
        draw = random.Random(seed)  # noqa: S311 - the same draw for the same day is the point
        model = self.model
        waiting = list(waiting)
        best, best_board = list(waiting), list(self.slot_of)
        barred: dict[tuple[int, int], int] = {}
        for turn in range(turns):
            if not waiting:
                break
            at = int(draw.random() * len(waiting))
            pair = waiting[at]
            if self.squeeze(pair):
                waiting[at] = waiting[-1]
                waiting.pop()
                if len(waiting) < len(best):
                    best, best_board = list(waiting), list(self.slot_of)
                continue
            choices = []
            for slot in bits(model.masks[pair]):
                pushed = self._pushed(pair, slot, draw)
                if pushed is not None and barred.get((pair, slot), -1) < turn:
                    choices.append((len(pushed), draw.random(), slot, pushed))
            if not choices:
                continue
            _count, _lot, slot, pushed = min(choices)
            for other in pushed:
                self.take(other)
                barred[other, slot] = turn + 5 + int(draw.random() * 10)
            self.put(pair, slot)
            waiting[at] = waiting[-1]
            waiting.pop()
            waiting += pushed
        if len(waiting) > len(best):
            self.restore(best_board)
            waiting = best
        return waiting

    def restore(self, slot_of: list[int]) -> None:
        """Go back to an arrangement that was kept."""
        for pair, slot in enumerate(self.slot_of):
            if slot not in (_FREE, slot_of[pair]):
                self.take(pair)
        for pair, slot in enumerate(slot_of):
            if slot not in (_FREE, self.slot_of[pair]):
                self.put(pair, slot)

    def _pushed(self, pair: int, slot: int, draw: random.Random) -> list[int] | None:
        """Who would have to leave the slot for the pair; None where one of them may not."""
        company, host = self.model.pairs[pair]
        pushed = [
            other for other in (self.company_at[company][slot], self.host_at[host][slot]) if other != _FREE
        ]
        if not pushed and self.spare[slot] <= 0:
            seated = [row[slot] for row in self.host_at if row[slot] not in (_FREE, *self.model.fixed)]
            if not seated:
                return None
            pushed = [seated[int(draw.random() * len(seated))]]
        return None if any(other in self.model.fixed for other in pushed) else pushed

    def _clear_table(self, slot: int) -> bool:
        """Move one meeting of the slot elsewhere, to free its table."""
        for row in self.host_at:
            pair = row[slot]
            if pair == _FREE or pair in self.model.fixed:
                continue
            for other in bits(self.options(pair)):
                if self.spare[other] > 0:
                    self.move({pair: other})
                    return True
        return False

    def _fits(self, chain: dict[int, int], slot: int, other: int, *, extra: int) -> bool:
        """Whether the tables suffice when `chain` has moved and `extra` meetings come to `slot`."""
        more = sum(1 if goal == slot else -1 for goal in chain.values())
        return more + extra <= self.spare[slot] and -more <= self.spare[other]

    def chain(self, pair: int, other: int) -> dict[int, int] | None:
        """All that must swap its slot with `other` when the pair moves there; None where somebody cannot."""
        model = self.model
        here = self.slot_of[pair]
        moved = {pair: other}
        if not model.masks[pair] >> other & 1 or pair in model.fixed:
            return None
        company, host = model.pairs[pair]
        for side in (0, 1):
            at, end = (self.company_at, company) if side == 0 else (self.host_at, host)
            goal = here
            next_pair = at[end][other]
            turn = side
            while next_pair != _FREE and next_pair not in moved:
                if not model.masks[next_pair] >> goal & 1 or next_pair in model.fixed:
                    return None
                moved[next_pair] = goal
                turn = 1 - turn
                end = model.pairs[next_pair][turn]
                next_pair = (self.host_at if turn else self.company_at)[end][goal]
                goal = other if goal == here else here
        return moved

    def compact(self, steps: int, *, seed: int, tick: Callable[[int], bool]) -> None:
        """Lessen waits and long runs by so many random chains, worse ones too while it is early.

        The meetings stay the same ones. `tick` is told the step now and then and answers whether to stop.
        """
        model = self.model
        movable = [pair for pair in self.placed() if pair not in model.fixed]
        slots = len(model.slots)
        if not movable or slots < 2:
            return
        costs = Costs(model)
        draw = random.Random(seed)  # noqa: S311 - the same draw for the same day is the point
        best_cost = cost = sum(
            costs.company(at, model.company_masks[at] & ~free) for at, free in enumerate(self.company_free)
        ) + sum(costs.host(at, model.host_masks[at] & ~free) for at, free in enumerate(self.host_free))
        best = list(self.slot_of)
        heat = 2.0
        cooling = 0.05 ** (_REPORT_EVERY / max(steps, _REPORT_EVERY))
        for step in range(steps):
            if step % _REPORT_EVERY == 0:
                heat *= cooling if step else 1
                if tick(step):
                    break
            pair = movable[int(draw.random() * len(movable))]
            other = int(draw.random() * slots)
            here = self.slot_of[pair]
            if other == here or not model.masks[pair] >> other & 1:
                continue
            chain = self.chain(pair, other)
            if chain is None or not self._fits(chain, here, other, extra=0):
                continue
            change = self._change(chain, 1 << here | 1 << other, costs)
            if change <= 0 or draw.random() < math.exp(-change / heat):
                self.move(chain)
                cost += change
                if cost < best_cost:
                    best_cost = cost
                    best = list(self.slot_of)
        self.move({pair: slot for pair, slot in enumerate(best) if slot != self.slot_of[pair]})

    def _change(self, chain: dict[int, int], swap: int, costs: "Costs") -> int:
        """By how much the cost grows: only who is in the chain once has other times afterwards."""
        model = self.model
        companies: set[int] = set()
        hosts: set[int] = set()
        for pair in chain:
            company, host = model.pairs[pair]
            companies ^= {company}
            hosts ^= {host}
        change = 0
        for company in companies:
            busy = model.company_masks[company] & ~self.company_free[company]
            change += costs.company(company, busy ^ swap) - costs.company(company, busy)
        for host in hosts:
            busy = model.host_masks[host] & ~self.host_free[host]
            change += costs.host(host, busy ^ swap) - costs.host(host, busy)
        return change


class Costs:
    """What a person's times cost: waits, and windows of too many meetings in a row. Remembers answers."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._companies: list[dict[int, int]] = [{} for _company in model.companies]
        self._hosts: list[dict[int, int]] = [{} for _host in model.hosts]

    def company(self, at: int, busy: int) -> int:
        known = self._companies[at]
        if busy not in known:
            known[busy] = self._cost(busy, self._model.company_masks[at])
        return known[busy]

    def host(self, at: int, busy: int) -> int:
        known = self._hosts[at]
        if busy not in known:
            known[busy] = self._cost(busy, self._model.host_masks[at])
        return known[busy]

    def _cost(self, busy: int, there: int) -> int:
        model = self._model
        return waits_of(busy, there) + _LONG_RUN * long_runs_of(busy, model.joined, model.in_a_row)


def waits_of(busy: int, there: int) -> int:
    """Slots between the first and the last of `busy` in which the person is there and has no meeting."""
    if not busy:
        return 0
    span = (1 << busy.bit_length()) - (busy & -busy)
    return (span & there & ~busy).bit_count()


def long_runs_of(busy: int, joined: int, in_a_row: int | None) -> int:
    """Windows of `in_a_row` + 1 meetings without a pause."""
    if in_a_row is None:
        return 0
    windows = busy
    for _meeting in range(in_a_row):
        # A window grows by the slot after it, where no break lies between.
        windows = busy & joined & (windows >> 1)
    return windows.bit_count()
