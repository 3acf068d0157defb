"""Small random days, and the best that brute force finds on them."""

import itertools
import random
from collections import Counter

from hypothesis import strategies as st

from incubator.optimise.timetable_types import (
    Company,
    Day,
    Host,
    Id,
    Lock,
    Slot,
    Table,
    Wish,
    objective_of,
)


@st.composite
def small_days(draw: st.DrawFn) -> Day:
    slots = tuple(Slot(f"t{at}", at // 2) for at in range(draw(st.integers(1, 3))))
    names = [slot.id for slot in slots]
    absent = st.frozensets(st.sampled_from(names), max_size=2)
    companies = []
    for at in range(draw(st.integers(0, 3))):
        minimum = draw(st.integers(0, 2))
        companies.append(Company(at, minimum + draw(st.integers(0, 2)), minimum, draw(absent)))
    hosts = [Host(f"h{at}", draw(st.integers(0, 3)), draw(absent)) for at in range(draw(st.integers(0, 3)))]
    tables = [
        Table(at, draw(st.frozensets(st.sampled_from(names), max_size=1)))
        for at in range(draw(st.integers(0, 2)))
    ]
    ends = [(company.id, host.id) for company in companies for host in hosts]
    wishes = [
        Wish(company, host, draw(st.sampled_from([1, 20, 20, 100])), draw(st.integers(0, 4)) == 0)
        for company, host in draw(st.permutations(ends))[: draw(st.integers(0, 6))]
    ]
    day = Day(
        slots,
        tuple(companies),
        tuple(hosts),
        tuple(tables),
        tuple(wishes),
        shares=draw(st.sampled_from(["minimum", "even"])),
        in_a_row=draw(st.sampled_from([None, 1, 2])),
    )
    return with_lock(day, draw(st.integers(0, 20)))


def with_lock(day: Day, choice: int) -> Day:
    """The day with one meeting locked where it can take place, or as it is."""
    companies = {each.id: each for each in day.companies}
    hosts = {each.id: each for each in day.hosts}
    possible = [
        Lock(wish.company, wish.host, slot.id)
        for wish in day.wishes
        for slot in day.slots
        if slot.id not in companies[wish.company].absent | hosts[wish.host].absent
        and companies[wish.company].maximum
        and hosts[wish.host].maximum
        and any(slot.id not in table.closed for table in day.tables)
    ]
    locked = (possible[choice],) if choice < len(possible) else ()
    return Day(day.slots, day.companies, day.hosts, day.tables, day.wishes, locked, day.shares, day.in_a_row)


def shuffled(day: Day, seed: int) -> Day:
    """The same day with its rows in another order; only slots have an order that means something."""
    draw = random.Random(seed)
    return Day(
        day.slots,
        tuple(draw.sample(day.companies, len(day.companies))),
        tuple(draw.sample(day.hosts, len(day.hosts))),
        tuple(draw.sample(day.tables, len(day.tables))),
        tuple(draw.sample(day.wishes, len(day.wishes))),
        tuple(draw.sample(day.locked, len(day.locked))),
        day.shares,
        day.in_a_row,
    )


def possible(day: Day, slot_of: dict[tuple[Id, Id], Id]) -> bool:
    """Whether these meetings can take place in these slots."""
    companies = {each.id: each for each in day.companies}
    hosts = {each.id: each for each in day.hosts}
    for (company, host), slot in slot_of.items():
        if slot in companies[company].absent or slot in hosts[host].absent:
            return False
    for at, most in (
        (0, {each.id: each.maximum for each in day.companies}),
        (1, {each.id: each.maximum for each in day.hosts}),
    ):
        if any(n > most[who] for who, n in Counter(ends[at] for ends in slot_of).items()):
            return False
        if len({(ends[at], slot) for ends, slot in slot_of.items()}) < len(slot_of):
            return False
    if any(slot_of.get((lock.company, lock.host)) != lock.slot for lock in day.locked):
        return False
    seats = {slot.id: sum(slot.id not in table.closed for table in day.tables) for slot in day.slots}
    return all(count <= seats[slot] for slot, count in Counter(slot_of.values()).items())


def every_timetable(day: Day) -> list[dict[tuple[Id, Id], Id]]:
    """All of them."""
    ends = [(wish.company, wish.host) for wish in day.wishes]
    choices: list[Id | None] = [None, *(slot.id for slot in day.slots)]
    found = []
    for chosen in itertools.product(choices, repeat=len(ends)):
        slot_of = {pair: slot for pair, slot in zip(ends, chosen, strict=True) if slot is not None}
        if possible(day, slot_of):
            found.append(slot_of)
    return found


def best_by_brute_force(day: Day) -> int:
    return max(objective_of(day, set(slot_of)) for slot_of in every_timetable(day))
