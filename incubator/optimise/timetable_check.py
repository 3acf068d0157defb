"""Checks a timetable against its day in plain arithmetic, sharing nothing with the way it was found."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from incubator.optimise.timetable_repair import Absence, Cancelled, Change, Repair
from incubator.optimise.timetable_types import (
    Day,
    Id,
    Meeting,
    Timetable,
    objective_of,
    share_steps,
    wish_unit,
)


def check_timetable(day: Day, timetable: Timetable) -> list[str]:
    """Every broken rule in a sentence; an empty list means that the timetable is what it claims to be.

    The bound is proven anew from the prices: whatever they are, no timetable is worth more than all places at
    their price and what each meeting is worth over the cheapest of its places.
    """
    return [
        *_broken_meetings(day, timetable.meetings),
        *_broken_figures(day, timetable),
        *_broken_unmet(day, timetable),
        *_broken_proof(day, timetable),
    ]


def _broken_meetings(day: Day, meetings: Sequence[Meeting]) -> list[str]:
    broken = []
    slots = {slot.id for slot in day.slots}
    companies = {each.id: each for each in day.companies}
    hosts = {each.id: each for each in day.hosts}
    tables = {each.id: each for each in day.tables}
    wished = {(wish.company, wish.host) for wish in day.wishes}
    for meeting in meetings:
        name = f"meeting of {meeting.company}, {meeting.host}"
        if (meeting.company, meeting.host) not in wished:
            broken.append(f"{name} is nobody's wish")
            continue
        if meeting.slot not in slots or meeting.table not in tables:
            broken.append(f"{name} has no slot or no table")
            continue
        if meeting.slot in companies[meeting.company].absent or meeting.slot in hosts[meeting.host].absent:
            broken.append(f"{name} is at a time at which somebody is absent")
        if meeting.slot in tables[meeting.table].closed:
            broken.append(f"{name} is at a closed table")
    for what, key in (
        ("pair", [(each.company, each.host) for each in meetings]),
        ("company at a time", [(each.company, each.slot) for each in meetings]),
        ("host at a time", [(each.host, each.slot) for each in meetings]),
        ("table at a time", [(each.table, each.slot) for each in meetings]),
    ):
        broken.extend(f"{what} {at} has {count} meetings" for at, count in Counter(key).items() if count > 1)
    by_company = Counter(each.company for each in meetings)
    by_host = Counter(each.host for each in meetings)
    broken.extend(
        f"company {each.id} is over its maximum"
        for each in day.companies
        if by_company[each.id] > each.maximum
    )
    broken.extend(
        f"host {each.id} is over its maximum" for each in day.hosts if by_host[each.id] > each.maximum
    )
    at = {(each.company, each.host): each.slot for each in meetings}
    broken.extend(
        f"locked meeting of {lock.company}, {lock.host} is not at {lock.slot}"
        for lock in day.locked
        if at.get((lock.company, lock.host)) != lock.slot
    )
    return broken


def _broken_figures(day: Day, timetable: Timetable) -> list[str]:
    broken = []
    pairs = {(each.company, each.host) for each in timetable.meetings}
    worth = objective_of(day, pairs)
    if worth != timetable.objective:
        broken.append(f"objective {timetable.objective} is not what the meetings are worth, {worth}")
    held = Counter(each.company for each in timetable.meetings)
    counts = [held[each.id] for each in day.companies]
    if timetable.spread != max(counts, default=0) - min(counts, default=0):
        broken.append(f"spread {timetable.spread} is not that of the meetings")
    short = {each.id: each.minimum - held[each.id] for each in day.companies if held[each.id] < each.minimum}
    if short != {each.company: each.missing for each in timetable.shortfalls}:
        broken.append(f"the shortfalls are not {short}")
    waits = runs = 0
    for side in ("company", "host"):
        times: dict[Id, set[Id]] = defaultdict(set)
        for meeting in timetable.meetings:
            times[getattr(meeting, side)].add(meeting.slot)
        for each in day.companies if side == "company" else day.hosts:
            row = [slot for slot in day.slots if slot.id not in each.absent]
            busy = [at for at, slot in enumerate(row) if slot.id in times[each.id]]
            waits += busy[-1] - busy[0] + 1 - len(busy) if busy else 0
            runs += _long_runs(day, times[each.id])
    if waits != timetable.waits:
        broken.append(f"people wait {waits} times, not {timetable.waits}")
    if runs != timetable.long_runs:
        broken.append(f"there are {runs} long runs, not {timetable.long_runs}")
    return broken


def _long_runs(day: Day, busy: Iterable[Id]) -> int:
    if day.in_a_row is None:
        return 0
    taken = set(busy)
    found = length = 0
    block = None
    for slot in day.slots:
        length = (
            length + 1 if slot.id in taken and (slot.block == block or not length) else int(slot.id in taken)
        )
        block = slot.block
        found += length > day.in_a_row
    return found


def _broken_unmet(day: Day, timetable: Timetable) -> list[str]:
    """Each wish is met or told unmet, and its reason is true."""
    broken = []
    met = {(each.company, each.host) for each in timetable.meetings}
    expected = {
        (wish.company, wish.host): wish.worth
        for wish in day.wishes
        if not wish.spare and (wish.company, wish.host) not in met
    }
    told = {(each.company, each.host): each for each in timetable.unmet}
    if len(told) != len(timetable.unmet) or {key: each.worth for key, each in told.items()} != expected:
        broken.append("the unmet wishes are not those without a meeting")
        return broken
    slots = {slot.id for slot in day.slots}
    there: dict[tuple[str, Id], set[Id]] = {("c", each.id): slots - each.absent for each in day.companies}
    there |= {("h", each.id): slots - each.absent for each in day.hosts}
    most = {("c", each.id): each.maximum for each in day.companies}
    most |= {("h", each.id): each.maximum for each in day.hosts}
    busy: dict[tuple[str, Id], set[Id]] = defaultdict(set)
    for meeting in timetable.meetings:
        busy["c", meeting.company].add(meeting.slot)
        busy["h", meeting.host].add(meeting.slot)
    taken = Counter(each.slot for each in timetable.meetings)
    open_slots = {
        slot for slot in slots if taken[slot] < sum(slot not in table.closed for table in day.tables)
    }
    unit = wish_unit(day)
    worth = {(wish.company, wish.host): wish.worth * (1 if wish.spare else unit) for wish in day.wishes}
    least: dict[Id, int] = {}
    for ends in met:
        least[ends[1]] = min(least.get(ends[1], worth[ends]), worth[ends])
    for (company, host), each in told.items():
        ours, theirs = ("c", company), ("h", host)
        full = {who: len(busy[who]) >= min(most[who], len(there[who])) for who in (ours, theirs)}
        both = (there[ours] - busy[ours]) & (there[theirs] - busy[theirs])
        worse = least.get(host, worth[company, host]) < worth[company, host]
        true = {
            "never_together": not there[ours] & there[theirs],
            "company_full": full[ours],
            "outbid": full[theirs] and not worse,
            "share_of_another": full[theirs] and worse,
            "no_table": bool(both) and not both & open_slots,
            "no_common_time_left": not both,
            "not_found": timetable.gap > 0 or timetable.stopped,
        }
        if not true[each.why]:
            broken.append(f"wish {(company, host)} is not unmet for {each.why}")
    return broken


def _broken_proof(day: Day, timetable: Timetable) -> list[str]:
    proof = timetable.proof
    sides = (proof.company, proof.host, proof.share, proof.company_at, proof.host_at, proof.seat_at)
    if proof.scale < 1 or any(price < 0 for side in sides for price in side.values()):
        return ["a price is negative"]
    broken = [] if timetable.gap >= 0 else [f"objective is over the bound by {-timetable.gap}"]
    total = sum(proof.company_at.values()) + sum(proof.host_at.values())
    for slot in day.slots:
        seats = min(
            sum(slot.id not in each.closed for each in day.tables),
            sum(slot.id not in each.absent for each in day.companies),
            sum(slot.id not in each.absent for each in day.hosts),
        )
        total += seats * proof.seat_at.get(slot.id, 0)
    for each in day.companies:
        total += min(each.maximum, len(day.slots) - len(each.absent)) * proof.company.get(each.id, 0)
        total += sum(
            max(step * proof.scale - proof.share.get(each.id, 0), 0) for step in share_steps(day, each)
        )
    for host in day.hosts:
        total += min(host.maximum, len(day.slots) - len(host.absent)) * proof.host.get(host.id, 0)
    companies = {each.id: each for each in day.companies}
    hosts = {each.id: each for each in day.hosts}
    locked = {(lock.company, lock.host): lock.slot for lock in day.locked}
    unit = wish_unit(day)
    for wish in day.wishes:
        ends = (wish.company, wish.host)
        gains = [
            wish.worth * (1 if wish.spare else unit) * proof.scale
            + proof.share.get(wish.company, 0)
            - proof.company.get(wish.company, 0)
            - proof.host.get(wish.host, 0)
            - proof.company_at.get((wish.company, slot.id), 0)
            - proof.host_at.get((wish.host, slot.id), 0)
            - proof.seat_at.get(slot.id, 0)
            for slot in day.slots
            if slot.id not in companies[wish.company].absent
            and slot.id not in hosts[wish.host].absent
            and (ends not in locked or locked[ends] == slot.id)
            and any(slot.id not in table.closed for table in day.tables)
        ]
        if gains:
            total += max(gains) if ends in locked else max(0, *gains)
    proven = total // proof.scale
    if timetable.bound != proven and not (timetable.searched and timetable.bound < proven):
        broken.append(f"the prices prove a bound of {proven}, not {timetable.bound}")
    return broken


def check_repair(
    day: Day, before: Timetable, changes: Sequence[Change], repair: Repair, *, now: Id | None = None
) -> list[str]:
    """As `check_timetable`, and that nothing was lost, moved or touched without need or told otherwise."""
    broken = check_timetable(repair.day, repair.timetable)
    order = [slot.id for slot in day.slots]
    over = set(order[: order.index(now)]) if now is not None else set()
    after = {(each.company, each.host): each for each in repair.timetable.meetings}
    gone = {(each.company, each.host) for each in changes if isinstance(each, Cancelled)}
    absences = [each for each in changes if isinstance(each, Absence)]

    def hit(meeting: Meeting, *, table: bool) -> bool:
        """Whether a change makes the meeting impossible at its time, or at its table."""
        sides: dict[str, Id] = {"company": meeting.company, "host": meeting.host}
        if table:
            sides["table"] = meeting.table
        return any(
            sides.get(each.side) == each.id and (each.slots is None or meeting.slot in each.slots)
            for each in absences
        )

    tables_lost = any(each.side == "table" for each in absences)
    moved = {(each.company, each.host): (each.before, each.after) for each in repair.moved}
    dropped = {(each.company, each.host): each.why for each in repair.dropped}
    for meeting in before.meetings:
        ends = (meeting.company, meeting.host)
        new = after.get(ends)
        past = meeting.slot in over
        if new is None and ends not in dropped:
            broken.append(f"the loss of {ends} is not told")
        if past and new != meeting:
            broken.append(f"meeting {ends} is over and was touched")
        stands = past or (ends not in gone and not hit(meeting, table=False))
        if new is None and stands and not tables_lost:
            broken.append(f"meeting {ends} could have stayed")
        if new is not None and (
            moved.get(ends) != (None if new.slot == meeting.slot else (meeting.slot, new.slot))
        ):
            broken.append(f"the move of {ends} is not told as it is")
        if (
            new is not None
            and new.slot == meeting.slot
            and new.table != meeting.table
            and not hit(meeting, table=True)
        ):
            broken.append(f"meeting {ends} changed its table without need")
    added = {(each.company, each.host) for each in repair.added}
    if added != after.keys() - {(each.company, each.host) for each in before.meetings}:
        broken.append("the added meetings are not told as they are")
    broken.extend(f"{ends} is told dropped and takes place" for ends in dropped.keys() & after.keys())
    return broken
