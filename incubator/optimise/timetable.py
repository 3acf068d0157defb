"""Arranges a day of meetings: the worthiest that fit, with a bound that proves how good they are.

First a flow selects meetings as if nobody could clash, which bounds every timetable; then the selected ones
get their slots, by chains of exchanges and, where these get stuck, by exact programs over a few slots at a
time. Bounded by steps and never by time, so that the same day gives the same timetable. Knows no Django.
"""

import random
from collections.abc import Callable

from incubator.optimise.solver import SolverError, maximise, search
from incubator.optimise.timetable_board import Board
from incubator.optimise.timetable_model import PROOF_SCALE, Model, bits
from incubator.optimise.timetable_result import timetable_of, validate
from incubator.optimise.timetable_types import Day, Progress, Proof, Report, Stage, Stop, Timetable

__all__ = ["arrange"]

_TURNS = 2_000
_WINDOW = 6
_WINDOWS = 60
_EARLY_WINDOWS = 15
_WINDOW_NODES = 50
_COMPACT_STEPS = 200_000
# The exact relaxation over all slots is only asked where the flow leaves a gap, and up to this size.
_MAX_COLUMNS = 60_000
_WHOLE_COLUMNS = 4_000
_WHOLE_NODES = 200
_SEED = 1


def _never() -> bool:
    return False


def _silent(_progress: Progress) -> None:
    return None


def arrange(
    day: Day, *, report: Report = _silent, stop: Stop = _never, compact_steps: int = _COMPACT_STEPS
) -> Timetable:
    """Find the timetable worth the most (`objective_of`), then with few waits and long runs.

    The order of the input means nothing but for the slots. `report` hears of progress; when `stop` answers
    True the best known is returned, marked as stopped. Raises TimetableError for a day that makes no sense,
    SolverError when the solver fails.
    """
    validate(day)
    return _Search(Model.of(day), day, report, stop).run(compact_steps)


class _Search:
    def __init__(self, model: Model, day: Day, report: Report, stop: Stop) -> None:
        self.model = model
        self.day = day
        self.report = report
        self.stop = stop
        self.searched = False
        self.stopped = False
        self.board = Board(model)
        self.value = model.objective(self.board.placed())
        self.proof = model.proof([], [], PROOF_SCALE)
        self.bound = model.bound(self.proof)

    def run(self, compact_steps: int) -> Timetable:
        self._say("select", 0, 1)
        if any(self.model.masks):
            selected = self._select()
            self._place(selected)
            draw = random.Random(_SEED)  # noqa: S311 - the same draw for the same day is the point
            self._improve(selected, range(_EARLY_WINDOWS), draw)
            self._tighten()
            self._improve(selected, range(_EARLY_WINDOWS, _WINDOWS), draw)
        if not self.stopped:
            self.board.compact(compact_steps, seed=_SEED, tick=self._ticker("compact", compact_steps))
        return timetable_of(
            self.day,
            self.model,
            self.board.slot_of,
            bound=self.bound,
            proof=self.proof,
            searched=self.searched,
            stopped=self.stopped,
        )

    def _say(self, stage: Stage, done: int, total: int) -> bool:
        self.report(Progress(stage, done, total, len(self.board.placed()), self.value, self.bound))
        self.stopped = self.stopped or self.stop()
        return self.stopped

    def _ticker(self, stage: Stage, total: int) -> Callable[[int], bool]:
        return lambda done: self._say(stage, done, total)

    def _believe(self, proof: Proof) -> None:
        bound = self.model.bound(proof)
        if bound < self.bound:
            self.proof, self.bound = proof, bound

    def _select(self) -> list[int]:
        program, rows = self.model.selection()
        found = maximise(program)
        self._believe(self.model.proof(rows, found.row_duals, PROOF_SCALE))
        columns = [at for at, mask in enumerate(self.model.masks) if mask]
        return [at for at, value in zip(columns, found.values, strict=False) if value > 0.5]

    def _place(self, selected: list[int]) -> None:
        self._say("place", 0, 1)
        waiting = self.board.fill(selected)
        self.board.juggle(waiting, _TURNS, seed=_SEED)
        self.value = self.model.objective(self.board.placed())
        self._say("place", 1, 1)

    def _improve(self, selected: list[int], turns: range, draw: random.Random) -> None:
        """Arrange a few slots anew, exactly, again and again, around a meeting that is still missing."""
        chosen = set(selected)
        for turn in turns:
            if self.value >= self.bound or self.stopped or self._say("improve", turn, _WINDOWS):
                return
            missing = [
                pair for pair, slot in enumerate(self.board.slot_of) if slot < 0 and self.model.masks[pair]
            ]
            wanted = [pair for pair in missing if pair in chosen] or missing
            if not wanted:
                return
            self._rearrange(self._around(wanted[int(draw.random() * len(wanted))], draw), missing)

    def _around(self, pair: int, draw: random.Random) -> list[int]:
        """Slots in which its company or its host is free, one of each, and others in which both are there."""
        company, host = self.model.pairs[pair]
        slots: list[int] = []
        for mask, count in (
            (self.board.company_free[company], 1),
            (self.board.host_free[host], 2),
            (self.model.masks[pair], _WINDOW),
            ((1 << len(self.model.slots)) - 1, _WINDOW),
        ):
            found = [slot for slot in bits(mask) if slot not in slots]
            draw.shuffle(found)
            slots += found[: min(count, _WINDOW - len(slots))]
        return sorted(slots)

    def _rearrange(self, slots: list[int], missing: list[int]) -> None:
        """The best meetings for these slots while all others stay; taken where they are not worse."""
        model, board = self.model, self.board
        inside = set(slots)
        taken = [pair for pair in board.placed() if board.slot_of[pair] in inside]
        company_held = [0] * len(model.companies)
        host_held = [0] * len(model.hosts)
        for pair in board.placed():
            if board.slot_of[pair] not in inside:
                company_held[model.pairs[pair][0]] += 1
                host_held[model.pairs[pair][1]] += 1
        columns = [
            (pair, slot)
            for pair in sorted([*taken, *missing])
            for slot in slots
            if model.masks[pair] >> slot & 1 and model.fixed.get(pair, slot) == slot
        ]
        program, _rows = model.window(
            columns, seats=model.seats, company_held=company_held, host_held=host_held
        )
        found = search(program, nodes=_WINDOW_NODES)
        if found.values is None:
            return
        placed = {
            pair: slot for (pair, slot), value in zip(columns, found.values, strict=False) if value > 0.5
        }
        outside = [pair for pair in board.placed() if board.slot_of[pair] not in inside]
        value = model.objective([*outside, *placed])
        if value < self.value:
            return
        for pair in taken:
            board.take(pair)
        board.move(placed)
        self.value = value

    def _tighten(self) -> None:
        """Ask the relaxation that knows the slots for a better bound, and for whole days where it is small."""
        model = self.model
        if self.value >= self.bound or self.stopped:
            return
        columns = [
            (pair, slot)
            for pair, mask in enumerate(model.masks)
            for slot in bits(mask)
            if model.fixed.get(pair, slot) == slot
        ]
        if len(columns) > _MAX_COLUMNS or self._say("improve", _EARLY_WINDOWS, _WINDOWS):
            return
        program, rows = model.window(columns, seats=model.seats)
        found = maximise(program)
        self._believe(model.proof(rows, found.row_duals, PROOF_SCALE))
        if self.value >= self.bound or len(columns) > _WHOLE_COLUMNS:
            return
        try:
            whole = search(program, nodes=_WHOLE_NODES)
        except SolverError:
            return
        if whole.values is None:
            return
        placed = {
            pair: slot for (pair, slot), value in zip(columns, whole.values, strict=False) if value > 0.5
        }
        value = model.objective(placed)
        if value > self.value:
            for pair in self.board.placed():
                self.board.take(pair)
            self.board.move(placed)
            self.value = value
        if whole.proven and value == self.value:
            self.bound, self.searched = value, True
