"""Mends a timetable on the day: what still can take place does, and as few meetings as possible move.

One exact program over the meetings that are confirmed: those whose own time still stands are kept in any
case, then as many of the others as fit, then the fewest moves. What becomes free is given to wishes that were
unmet, without moving anybody. Knows no Django.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from incubator.optimise.inputs import order_of
from incubator.optimise.solver import SolverError, maximise, search
from incubator.optimise.timetable_model import PROOF_SCALE, Model, bits
from incubator.optimise.timetable_result import timetable_of, validate
from incubator.optimise.timetable_types import (
    Company,
    Day,
    Host,
    Id,
    Lock,
    Meeting,
    Table,
    Timetable,
    TimetableError,
)

__all__ = ["Absence", "Cancelled", "Change", "Dropped", "Moved", "Repair", "repair"]

_NODES = 2_000
_FREE = -1

Side = Literal["company", "host", "table"]
WhyDropped = Literal["cancelled", "never_together", "no_room_left"]


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody, or a table, is not there in these slots (None: for the rest of the day).

    A late arrival is absent in the first slots, a no-show in the slot or for the rest of the day.
    """

    side: Side
    id: Id
    slots: frozenset[Id] | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """One meeting is called off."""

    company: Id
    host: Id


Change = Absence | Cancelled


@dataclass(frozen=True, slots=True)
class Moved:
    """A confirmed meeting now takes place in another slot."""

    company: Id
    host: Id
    before: Id
    after: Id


@dataclass(frozen=True, slots=True)
class Dropped:
    """A confirmed meeting cannot take place.

    `never_together`: no slot to come has both. `no_room_left`: one has, but not beside the others.
    """

    company: Id
    host: Id
    why: WhyDropped


@dataclass(frozen=True, slots=True)
class Repair:
    """`day` is the day as it now is, the one that `timetable` belongs to and the next repair starts from.

    `added`: wishes that now have a meeting. `reseated`: meetings at their own time but at another table.
    `proven`: fewer could not have been dropped, and of those kept fewer could not have moved.
    """

    day: Day
    timetable: Timetable
    moved: tuple[Moved, ...]
    dropped: tuple[Dropped, ...]
    added: tuple[Meeting, ...]
    reseated: tuple[Meeting, ...]
    proven: bool


def repair(
    day: Day,
    timetable: Timetable,
    changes: Sequence[Change],
    *,
    now: Id | None = None,
    fill: bool = True,
) -> Repair:
    """Adapt a timetable of the day to what has changed. Slots before `now` are over and stay as they were.

    `fill` gives what became free to unmet wishes. Raises TimetableError for changes that make no sense.
    """
    changed = _changed_day(day, timetable, changes, now)
    validate(changed)
    model = Model.of(changed)
    pair_at = {
        (model.companies[left], model.hosts[right]): at for at, (left, right) in enumerate(model.pairs)
    }
    slot_at = {slot: at for at, slot in enumerate(model.slots)}
    table_at = {table.id: at for at, table in enumerate(model.tables)}
    before = {
        pair_at[each.company, each.host]: slot_at[each.slot]
        for each in timetable.meetings
        if (each.company, each.host) in pair_at
    }
    slot_of, proven = _rearranged(model, before)
    if fill:
        _fill(model, slot_of)
    seated = {
        pair_at[each.company, each.host]: table_at[each.table]
        for each in timetable.meetings
        if (each.company, each.host) in pair_at
        and model.slots[slot_of[pair_at[each.company, each.host]]] == each.slot
        and slot_of[pair_at[each.company, each.host]] != _FREE
        and each.slot not in model.tables[table_at[each.table]].closed
    }
    program, rows = model.selection()
    proof = model.proof(
        rows, maximise(program).row_duals if program.costs else [0.0] * len(rows), PROOF_SCALE
    )
    after = timetable_of(changed, model, slot_of, bound=model.bound(proof), proof=proof, seated=seated)
    return _report(changed, timetable, after, model, pair_at, proven=proven)


def _changed_day(day: Day, timetable: Timetable, changes: Sequence[Change], now: Id | None) -> Day:
    slots = [slot.id for slot in day.slots]
    if now is not None and now not in slots:
        raise TimetableError("unknown_id", f"slot {now}")
    first = 0 if now is None else slots.index(now)
    over, ahead = frozenset(slots[:first]), frozenset(slots[first:])
    known: dict[Side, set[Id]] = {
        "company": {each.id for each in day.companies},
        "host": {each.id for each in day.hosts},
        "table": {each.id for each in day.tables},
    }
    absent: dict[tuple[Side, Id], set[Id]] = {}
    cancelled: set[tuple[Id, Id]] = set()
    wished = {(wish.company, wish.host) for wish in day.wishes}
    for change in changes:
        if isinstance(change, Cancelled):
            if (change.company, change.host) not in wished:
                raise TimetableError("unknown_id", f"meeting of {change.company}, {change.host}")
            cancelled.add((change.company, change.host))
            continue
        place = f"{change.side} {change.id}"
        if change.id not in known[change.side]:
            raise TimetableError("unknown_id", place)
        if change.slots is not None and not change.slots <= set(slots):
            raise TimetableError("unknown_id", f"a slot of {place}")
        absent.setdefault((change.side, change.id), set()).update(
            ahead if change.slots is None else change.slots & ahead
        )
    held = [each for each in timetable.meetings if each.slot in over]
    past = {(each.company, each.host) for each in held}
    cancelled -= past
    locks = [Lock(each.company, each.host, each.slot) for each in held]
    for lock in day.locked:
        gone = lock.slot in absent.get(("company", lock.company), ()) or lock.slot in absent.get(
            ("host", lock.host), ()
        )
        if not gone and (lock.company, lock.host) not in past | cancelled:
            locks.append(lock)
    met: dict[tuple[Side, Id], set[Id]] = {}
    for each in held:
        met.setdefault(("company", each.company), set()).add(each.slot)
        met.setdefault(("host", each.host), set()).add(each.slot)

    def away(side: Side, each: Company | Host) -> frozenset[Id]:
        """Nothing new takes place in what is over."""
        return frozenset(
            (each.absent | over | absent.get((side, each.id), set())) - met.get((side, each.id), set())
        )

    return replace(
        day,
        companies=tuple(replace(each, absent=away("company", each)) for each in day.companies),
        hosts=tuple(replace(each, absent=away("host", each)) for each in day.hosts),
        tables=tuple(
            Table(each.id, each.closed | absent.get(("table", each.id), set())) for each in day.tables
        ),
        wishes=tuple(wish for wish in day.wishes if (wish.company, wish.host) not in cancelled),
        locked=tuple(locks),
    )


def _rearranged(model: Model, before: Mapping[int, int]) -> tuple[list[int], bool]:
    """Slots by pair: the confirmed ones that still can take place, moved as little as possible."""
    slot_of = [_FREE] * len(model.pairs)
    loads = [0] * len(model.slots)
    standing = [pair for pair, slot in before.items() if model.masks[pair] >> slot & 1]
    for pair in standing:
        loads[before[pair]] += 1
    displaced = [pair for pair in before if not model.masks[pair] >> before[pair] & 1]
    crowded = any(load > seats for load, seats in zip(loads, model.seats, strict=True))
    if not crowded and not any(model.masks[pair] for pair in displaced):
        for pair in standing:
            slot_of[pair] = before[pair]
        return slot_of, True
    columns = [
        (pair, slot)
        for pair in sorted(before)
        for slot in bits(model.masks[pair])
        if model.fixed.get(pair, slot) == slot
    ]
    keep = len(before) + 1
    points = {(pair, slot): keep + (before[pair] == slot) for pair, slot in columns}
    start = None if crowded else [float(before[pair] == slot) for pair, slot in columns]
    for must in (frozenset(standing), frozenset(model.fixed) & set(before)):
        program, _rows = model.window(columns, seats=model.seats, must=must, extra=points, plain=True)
        try:
            found = search(program, nodes=_NODES, start=start, presolve=False)
        except SolverError:
            # Where tables were lost, not even all that stand need have a place.
            continue
        if found.values is not None:
            for (pair, slot), value in zip(columns, found.values, strict=True):
                if value > 0.5:
                    slot_of[pair] = slot
            return slot_of, found.proven
    raise SolverError("no way to keep the locked meetings")


def _fill(model: Model, slot_of: list[int]) -> None:
    """Give what is free to wishes that have no meeting, the worthiest together, moving nobody."""
    company_free, host_free = list(model.company_masks), list(model.host_masks)
    company_held, host_held = [0] * len(company_free), [0] * len(host_free)
    spare = list(model.seats)
    for (company, host), slot in zip(model.pairs, slot_of, strict=True):
        if slot != _FREE:
            company_free[company] &= ~(1 << slot)
            host_free[host] &= ~(1 << slot)
            company_held[company] += 1
            host_held[host] += 1
            spare[slot] -= 1
    columns = [
        (pair, slot)
        for pair, (company, host) in enumerate(model.pairs)
        if slot_of[pair] == _FREE
        and company_held[company] < model.company_places[company]
        and host_held[host] < model.host_places[host]
        for slot in bits(model.masks[pair] & company_free[company] & host_free[host])
        if spare[slot] > 0
    ]
    if not columns:
        return
    program, _rows = model.window(columns, seats=spare, company_held=company_held, host_held=host_held)
    found = search(program, nodes=_NODES)
    for (pair, slot), value in zip(columns, found.values or [], strict=False):
        if value > 0.5:
            slot_of[pair] = slot


def _report(
    day: Day,
    before: Timetable,
    after: Timetable,
    model: Model,
    pair_at: Mapping[tuple[Id, Id], int],
    *,
    proven: bool,
) -> Repair:
    now_at = {(each.company, each.host): each for each in after.meetings}
    confirmed = {(each.company, each.host) for each in before.meetings}
    moved, dropped, reseated = [], [], []
    for each in before.meetings:
        ends = (each.company, each.host)
        new = now_at.get(ends)
        if new is None:
            why: WhyDropped = "cancelled"
            if ends in pair_at:
                why = "no_room_left" if model.masks[pair_at[ends]] else "never_together"
            dropped.append(Dropped(*ends, why))
        elif new.slot != each.slot:
            moved.append(Moved(*ends, each.slot, new.slot))
        elif new.table != each.table:
            reseated.append(new)
    return Repair(
        day=day,
        timetable=after,
        moved=tuple(sorted(moved, key=lambda each: (order_of(each.company), order_of(each.host)))),
        dropped=tuple(sorted(dropped, key=lambda each: (order_of(each.company), order_of(each.host)))),
        added=tuple(each for each in after.meetings if (each.company, each.host) not in confirmed),
        reseated=tuple(reseated),
        proven=proven,
    )
