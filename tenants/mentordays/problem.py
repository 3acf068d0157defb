"""From the rows of a day to the problem that is solved, and refusals in words of what cannot be. Ask it as staff."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incubator.optimise.timetable_types import Company, Day, Host, Lock, Slot, Wish, worth_of_ranks
from incubator.optimise.timetable_types import Table as Seat
from tenants.consulting.services import busy_rooms, busy_times

from .enums import Side
from .errors import (
    AdviserAwayAllDay,
    AdviserTakesNobody,
    CompanyAwayAllDay,
    LockImpossible,
    LocksWithoutTable,
    NobodyInvited,
    NoCommonSlot,
    NoWishes,
    TooManyLocks,
)
from .models import InvitedAdviser, InvitedCompany, MentorDay, MentorSlot, Table
from .models import Wish as SaidWish

Pair = tuple[int, int]
Locked = tuple[int, int, int]  # company, adviser, number of the slot


@dataclass(frozen=True)
class Problem:
    """The day for the solver, and the names of everybody in it for people."""

    day: Day
    companies: Mapping[int, str]
    advisers: Mapping[int, str]
    clocks: Mapping[int, str]


def held_word(day_id: int) -> str:
    """What consulting finds the held times of a day by."""
    return f"mentorday:{day_id}"


def read_problem(day: MentorDay, *, locked: Iterable[Locked] = ()) -> Problem:
    """Everything that a timetable of the day follows from, as it is now."""
    slots = list(MentorSlot.objects.filter(day=day).order_by("number"))
    advisers = list(InvitedAdviser.objects.filter(day=day).select_related("adviser").order_by("adviser_id"))
    companies = list(InvitedCompany.objects.filter(day=day).select_related("company").order_by("company_id"))
    tables = list(Table.objects.filter(day=day).order_by("pk"))
    busy = busy_slots(day, slots, [each.adviser_id for each in advisers])
    rooms = _occupied(slots, [each.room_id for each in tables if each.room_id])
    numbers = len(slots)
    problem = Day(
        slots=tuple(Slot(slot.number, slot.block) for slot in slots),
        companies=tuple(
            Company(
                each.company_id,
                numbers if each.maximum is None else each.maximum,
                each.minimum,
                frozenset(each.absent),
            )
            for each in companies
        ),
        hosts=tuple(
            Host(
                each.adviser_id,
                numbers if each.maximum is None else each.maximum,
                frozenset(each.absent) | busy[each.adviser_id],
            )
            for each in advisers
        ),
        tables=tuple(
            Seat(each.pk, frozenset(each.closed) | rooms.get(each.room_id or 0, frozenset()))
            for each in tables
        ),
        wishes=tuple(
            Wish(company, adviser, worth) for (company, adviser), worth in sorted(_worths(day).items())
        ),
        locked=tuple(Lock(*each) for each in sorted(locked)),
        shares="even",
        in_a_row=day.in_a_row,
    )
    return Problem(
        problem,
        {each.company_id: each.company.name for each in companies},
        {each.adviser_id: each.adviser.name for each in advisers},
        {slot.number: slot.label for slot in slots},
    )


def busy_slots(
    day: MentorDay, slots: Sequence[MentorSlot], adviser_ids: Sequence[int]
) -> dict[int, frozenset[int]]:
    """The slots in which consulting has each adviser elsewhere."""
    if not slots:
        return defaultdict(frozenset)
    within = whole_time(slots)
    found = busy_times(adviser_ids, within=within, held_for=held_word(day.pk))
    return defaultdict(frozenset, {adviser: _touching(slots, spans) for adviser, spans in found.items()})


def whole_time(slots: Sequence[MentorSlot]) -> tuple[datetime, datetime]:
    return slots[0].period.lower, slots[-1].period.upper


def _occupied(slots: Sequence[MentorSlot], room_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    if not slots or not room_ids:
        return {}
    found = busy_rooms(room_ids, within=whole_time(slots))
    return {room: _touching(slots, spans) for room, spans in found.items()}


def _touching(slots: Sequence[MentorSlot], spans: Iterable[tuple[datetime, datetime]]) -> frozenset[int]:
    return frozenset(
        slot.number
        for starts, ends in spans
        for slot in slots
        if starts < slot.period.upper and slot.period.lower < ends
    )


def _worths(day: MentorDay) -> dict[Pair, int]:
    """What each pair's meeting is worth by both ranks; pairs that either side does not want are none."""
    ranks: dict[Pair, dict[str, int]] = defaultdict(dict)
    barred: set[Pair] = set()
    for side, company, adviser, rank, veto in SaidWish.objects.filter(day=day).values_list(
        "side", "company_id", "adviser_id", "rank", "veto"
    ):
        if veto:
            barred.add((company, adviser))
        elif rank is not None:
            ranks[company, adviser][side] = rank
    return {
        pair: worth_of_ranks(said.get(Side.COMPANY), said.get(Side.ADVISER))
        for pair, said in ranks.items()
        if pair not in barred
    }


def refuse_nonsense(problem: Problem) -> None:
    """Raise what is wrong with the day, in words and with names, before a solver sees it."""
    day = problem.day
    if not day.slots or not day.companies or not day.hosts or not day.tables:
        raise NobodyInvited
    slots = {slot.id for slot in day.slots}
    open_at = {slot for slot in slots if any(slot not in table.closed for table in day.tables)}
    there = {("c", each.id): slots - each.absent for each in day.companies}
    there |= {("h", each.id): slots - each.absent for each in day.hosts}
    for each in day.companies:
        if not there["c", each.id]:
            raise CompanyAwayAllDay(who=problem.companies[int(each.id)])
    wished = {wish.host for wish in day.wishes}
    for host in day.hosts:
        if not there["h", host.id]:
            raise AdviserAwayAllDay(who=problem.advisers[int(host.id)])
        if not host.maximum and host.id in wished:
            raise AdviserTakesNobody(who=problem.advisers[int(host.id)])
    if not day.wishes:
        raise NoWishes
    _refuse_locks(problem, open_at)
    if not any(there["c", wish.company] & there["h", wish.host] & open_at for wish in day.wishes):
        raise NoCommonSlot


def _refuse_locks(problem: Problem, open_at: set[int | str]) -> None:
    day = problem.day
    absent = {("c", each.id): each.absent for each in day.companies}
    absent |= {("h", each.id): each.absent for each in day.hosts}
    wished = {(wish.company, wish.host) for wish in day.wishes}
    by_company, by_adviser = (
        Counter(getattr(lock, name) for lock in day.locked) for name in ("company", "host")
    )
    for parties, counts, names in (
        (day.companies, by_company, problem.companies),
        (day.hosts, by_adviser, problem.advisers),
    ):
        for each in parties:
            places = min(each.maximum, len(day.slots) - len(each.absent))
            if counts[each.id] > places:
                raise TooManyLocks(who=names[int(each.id)], locks=counts[each.id], places=places)
    for lock in day.locked:
        if (
            (lock.company, lock.host) not in wished
            or lock.slot in absent["c", lock.company]
            or lock.slot in absent["h", lock.host]
        ):
            raise LockImpossible(
                company=problem.companies[int(lock.company)],
                adviser=problem.advisers[int(lock.host)],
                time=problem.clocks[int(lock.slot)],
            )
    for slot, count in Counter(lock.slot for lock in day.locked).items():
        if count > sum(slot not in table.closed for table in day.tables):
            raise LocksWithoutTable(time=problem.clocks[int(slot)])
