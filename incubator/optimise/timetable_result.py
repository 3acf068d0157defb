"""Reads a day before it is arranged, and says afterwards what came out of it and why. Knows no Django."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from incubator.optimise.inputs import order_of
from incubator.optimise.timetable_board import long_runs_of, waits_of
from incubator.optimise.timetable_model import Model
from incubator.optimise.timetable_types import (
    MAX_PEOPLE,
    MAX_SLOTS,
    MAX_SPARE,
    MAX_WISHES,
    MAX_WORTH,
    Day,
    Id,
    Meeting,
    Proof,
    Shortfall,
    Timetable,
    TimetableError,
    Unmet,
    Why,
)

_FREE = -1


def timetable_of(
    day: Day,
    model: Model,
    slot_of: Sequence[int],
    *,
    bound: int,
    proof: Proof,
    searched: bool = False,
    stopped: bool = False,
    seated: Mapping[int, int] | None = None,
) -> Timetable:
    """What the placed pairs mean for people. `seated` gives tables that stay, by pair."""
    placed = [pair for pair, slot in enumerate(slot_of) if slot != _FREE]
    tables = seat(model, slot_of, seated or {})
    meetings = sorted(
        (
            Meeting(
                model.companies[model.pairs[pair][0]],
                model.hosts[model.pairs[pair][1]],
                model.slots[slot_of[pair]],
                model.tables[tables[pair]].id,
            )
            for pair in placed
        ),
        key=lambda each: (order_of(each.company), order_of(each.host)),
    )
    company_busy, host_busy = _busy(model, slot_of)
    waits = long_runs = 0
    for busy, there in (
        *zip(company_busy, model.company_masks, strict=True),
        *zip(host_busy, model.host_masks, strict=True),
    ):
        waits += waits_of(busy, there)
        long_runs += long_runs_of(busy, model.joined, model.in_a_row)
    held = Counter(meeting.company for meeting in meetings)
    counts = [held[each.id] for each in day.companies]
    return Timetable(
        meetings=tuple(meetings),
        objective=model.objective(placed),
        bound=bound,
        proof=proof,
        unmet=tuple(_unmet(day, model, slot_of, (company_busy, host_busy))),
        shortfalls=tuple(
            Shortfall(each.id, each.minimum - held[each.id])
            for each in sorted(day.companies, key=lambda each: order_of(each.id))
            if held[each.id] < each.minimum
        ),
        spread=max(counts, default=0) - min(counts, default=0),
        waits=waits,
        long_runs=long_runs,
        searched=searched,
        stopped=stopped,
    )


def _busy(model: Model, slot_of: Sequence[int]) -> tuple[list[int], list[int]]:
    company_busy = [0] * len(model.companies)
    host_busy = [0] * len(model.hosts)
    for (company, host), slot in zip(model.pairs, slot_of, strict=True):
        if slot != _FREE:
            company_busy[company] |= 1 << slot
            host_busy[host] |= 1 << slot
    return company_busy, host_busy


def _unmet(
    day: Day, model: Model, slot_of: Sequence[int], busy: tuple[list[int], list[int]]
) -> Iterable[Unmet]:
    """The wishes without a meeting, in the order of their ids; a spare that was not used is nobody's wish."""
    company_busy, host_busy = busy
    least: dict[int, int] = {}
    spare = {(wish.company, wish.host) for wish in day.wishes if wish.spare}
    redirected: set[int] = set()
    loads = Counter(slot for slot in slot_of if slot != _FREE)
    for pair, slot in enumerate(slot_of):
        if slot != _FREE:
            host = model.pairs[pair][1]
            least[host] = min(least.get(host, model.worths[pair]), model.worths[pair])
            if (model.companies[model.pairs[pair][0]], model.hosts[host]) in spare:
                redirected.add(model.pairs[pair][0])
    open_slots = sum(1 << slot for slot, seats in enumerate(model.seats) if loads[slot] < seats)

    def why(pair: int) -> Why:
        company, host = model.pairs[pair]
        if not model.company_masks[company] & model.host_masks[host]:
            return "never_together"
        full = company_busy[company].bit_count() >= model.company_places[company]
        if full and company not in redirected:
            return "company_full"
        if host_busy[host].bit_count() >= model.host_places[host]:
            return (
                "share_of_another" if least.get(host, model.worths[pair]) < model.worths[pair] else "outbid"
            )
        both = model.masks[pair] & ~company_busy[company] & ~host_busy[host]
        if both & open_slots:
            return "not_found"
        if model.company_masks[company] & model.host_masks[host] & ~company_busy[company] & ~host_busy[host]:
            return "no_table"
        return "no_common_time_left"

    worth = {(wish.company, wish.host): wish.worth for wish in day.wishes}
    missing = []
    for pair, slot in enumerate(slot_of):
        ends = (model.companies[model.pairs[pair][0]], model.hosts[model.pairs[pair][1]])
        if slot == _FREE and ends not in spare:
            missing.append(Unmet(*ends, worth[ends], why(pair)))
    return sorted(missing, key=lambda each: (order_of(each.company), order_of(each.host)))


def seat(model: Model, slot_of: Sequence[int], seated: Mapping[int, int]) -> dict[int, int]:
    """A table for each placed pair; a host stays at its table where it can. `seated` tables are kept."""
    closed = [set(table.closed) for table in model.tables]
    by_slot: dict[int, list[int]] = {}
    for pair, slot in enumerate(slot_of):
        if slot != _FREE:
            by_slot.setdefault(slot, []).append(pair)
    home: dict[int, int] = {}
    found = dict(seated)
    for slot in sorted(by_slot):
        pairs = by_slot[slot]
        free = [at for at in range(len(model.tables)) if model.slots[slot] not in closed[at]]
        kept = {found[pair] for pair in pairs if pair in found}
        free = [at for at in free if at not in kept]
        waiting = []
        for pair in sorted(
            (each for each in pairs if each not in found), key=lambda each: model.pairs[each][1]
        ):
            table = home.get(model.pairs[pair][1])
            if table in free:
                found[pair] = table
                free.remove(table)
            else:
                waiting.append(pair)
        # A table that nobody else comes back to is taken first.
        claimed = Counter(home.values())
        free.sort(key=lambda at: (claimed[at], at))
        found.update(zip(waiting, free, strict=False))
        for pair in pairs:
            home[model.pairs[pair][1]] = found[pair]
    return found


def validate(day: Day) -> None:
    """Raise TimetableError for the first thing that makes no sense."""
    slots = _ids("slot", [slot.id for slot in day.slots], MAX_SLOTS)
    companies = _ids("company", [each.id for each in day.companies], MAX_PEOPLE)
    hosts = _ids("host", [each.id for each in day.hosts], MAX_PEOPLE)
    _ids("table", [each.id for each in day.tables], MAX_PEOPLE)
    for each in day.companies:
        _whole(each.maximum, MAX_WISHES, f"maximum of company {each.id}")
        _whole(each.minimum, MAX_SLOTS, f"minimum of company {each.id}")
        if each.minimum > each.maximum:
            raise TimetableError("minimum_over_maximum", f"company {each.id}")
    for host in day.hosts:
        _whole(host.maximum, MAX_WISHES, f"maximum of host {host.id}")
    absences = [(f"company {each.id}", each.absent) for each in day.companies]
    absences += [(f"host {each.id}", each.absent) for each in day.hosts]
    absences += [(f"table {each.id}", each.closed) for each in day.tables]
    for place, absent in absences:
        for slot in sorted(absent - slots, key=order_of):
            raise TimetableError("unknown_id", f"slot {slot} of {place}")
    if day.in_a_row is not None and (type(day.in_a_row) is not int or day.in_a_row < 1):
        raise TimetableError("too_small", "meetings in a row", day.in_a_row)
    if len(day.wishes) > MAX_WISHES:
        raise TimetableError("too_large", "number of wishes", len(day.wishes))
    seen: set[tuple[Id, Id]] = set()
    for wish in day.wishes:
        place = f"meeting of {wish.company}, {wish.host}"
        if wish.company not in companies or wish.host not in hosts:
            raise TimetableError("unknown_id", place)
        if (wish.company, wish.host) in seen:
            raise TimetableError("duplicate_pair", place)
        seen.add((wish.company, wish.host))
        _whole(wish.worth, MAX_SPARE if wish.spare else MAX_WORTH, f"worth of {place}")
        if wish.worth < 1:
            raise TimetableError("too_small", f"worth of {place}", wish.worth)
    _validate_locked(day, slots, seen)


def _validate_locked(day: Day, slots: set[Id], wished: set[tuple[Id, Id]]) -> None:
    absent: dict[tuple[str, Id], frozenset[Id]] = {
        ("company", each.id): each.absent for each in day.companies
    }
    absent |= {("host", each.id): each.absent for each in day.hosts}
    taken: set[tuple[str, Id, Id]] = set()
    counts: Counter[tuple[str, Id]] = Counter()
    seen: set[tuple[Id, Id]] = set()
    for lock in day.locked:
        place = f"meeting of {lock.company}, {lock.host}"
        if lock.slot not in slots:
            raise TimetableError("unknown_id", f"slot {lock.slot} of {place}")
        if (lock.company, lock.host) not in wished:
            raise TimetableError("locked_not_wished", place)
        if (lock.company, lock.host) in seen:
            raise TimetableError("duplicate_pair", place)
        seen.add((lock.company, lock.host))
        for kind, identity in (("company", lock.company), ("host", lock.host)):
            if lock.slot in absent[kind, identity]:
                raise TimetableError("locked_absent", place)
            if (kind, identity, lock.slot) in taken:
                raise TimetableError("locked_clash", f"{kind} {identity}")
            taken.add((kind, identity, lock.slot))
            counts[kind, identity] += 1
    most = {("company", each.id): each.maximum for each in day.companies}
    most |= {("host", each.id): each.maximum for each in day.hosts}
    for (kind, identity), count in counts.items():
        if count > most[kind, identity]:
            raise TimetableError("locked_over_maximum", f"{kind} {identity}")
    for slot, count in Counter(lock.slot for lock in day.locked).items():
        if count > sum(slot not in table.closed for table in day.tables):
            raise TimetableError("locked_without_table", f"slot {slot}")


def _ids(kind: str, ids: Sequence[Id], most: int) -> set[Id]:
    if len(ids) > most:
        raise TimetableError("too_large", f"number of {kind}", len(ids))
    for identity, count in Counter(ids).items():
        if count > 1:
            raise TimetableError("duplicate_id", f"{kind} {identity}")
    return set(ids)


def _whole(value: object, most: int, place: str) -> None:
    """The solver takes a NaN for an answer, so numbers are looked at before it sees them."""
    if type(value) is not int:
        raise TimetableError("not_a_whole_number", place, value)
    if value < 0:
        raise TimetableError("negative", place, value)
    if value > most:
        raise TimetableError("too_large", place, value)
