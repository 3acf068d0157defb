"""Random days of meetings, as hard as real ones: skewed demand, a quarter of everybody's times unavailable."""

import random

from incubator.optimise.timetable_repair import Absence, Change
from incubator.optimise.timetable_types import Company, Day, Host, Slot, Table, Wish, worth_of_ranks


def _absent(draw: random.Random, slots: int, *, in_one_piece: bool) -> frozenset[int]:
    """A quarter of the slots, here and there or at a stretch."""
    count = slots // 4
    if in_one_piece:
        first = draw.randrange(slots - count + 1)
        return frozenset(range(first, first + count))
    return frozenset(slot for slot in range(slots) if draw.random() < 0.25)


def mentor_day(seed: int, companies: int = 73, advisers: int = 24, slots: int = 16, rooms: int = 20) -> Day:
    """Companies rank six advisers, well-known ones more often; advisers rank eight companies."""
    draw = random.Random(f"mentor {seed}")
    in_one_piece = seed % 2 == 1
    fame = [1 / (1 + at) ** 0.5 for at in range(advisers)]
    company_rank: dict[tuple[int, int], int] = {}
    for company in range(companies):
        ranked: list[int] = []
        while len(ranked) < min(6, advisers):
            [adviser] = draw.choices(range(advisers), fame)
            if adviser not in ranked:
                ranked.append(adviser)
        company_rank |= {(company, adviser): at + 1 for at, adviser in enumerate(ranked)}
    adviser_rank = {
        (company, adviser): at + 1
        for adviser in range(advisers)
        for at, company in enumerate(draw.sample(range(companies), min(8, companies)))
    }
    pairs = sorted(company_rank.keys() | adviser_rank.keys())
    return Day(
        slots=tuple(Slot(at, int(at >= slots // 2)) for at in range(slots)),
        companies=tuple(
            Company(at, maximum=8, absent=_absent(draw, slots, in_one_piece=in_one_piece))
            for at in range(companies)
        ),
        hosts=tuple(
            Host(at, maximum=slots, absent=_absent(draw, slots, in_one_piece=in_one_piece))
            for at in range(advisers)
        ),
        tables=tuple(Table(at) for at in range(rooms)),
        wishes=tuple(
            Wish(*pair, worth_of_ranks(company_rank.get(pair), adviser_rank.get(pair))) for pair in pairs
        ),
        shares="even",
        in_a_row=4,
    )


def demo_day(seed: int, companies: int = 73, firms: int = 60, slots: int = 24, tables: int = 38) -> Day:
    """Each company asks for twelve meetings, well-known firms more often; at least three each."""
    draw = random.Random(f"demo {seed}")
    in_one_piece = seed % 2 == 1
    fame = [1 / (1 + at) ** 0.12 for at in range(firms)]
    wishes = []
    for company in range(companies):
        asked: set[int] = set()
        while len(asked) < min(12, firms):
            asked.update(draw.choices(range(firms), fame))
        wishes += [Wish(company, firm, draw.randint(1, 1000)) for firm in sorted(asked)]
    return Day(
        slots=tuple(Slot(at, at // 8) for at in range(slots)),
        companies=tuple(
            Company(at, maximum=slots, minimum=3, absent=_absent(draw, slots, in_one_piece=in_one_piece))
            for at in range(companies)
        ),
        hosts=tuple(
            Host(at, maximum=slots, absent=_absent(draw, slots, in_one_piece=in_one_piece))
            for at in range(firms)
        ),
        tables=tuple(Table(at) for at in range(tables)),
        wishes=tuple(wishes),
        in_a_row=4,
    )


def upset(day: Day, cancellations: int, seed: int) -> list[Change]:
    """Hosts and companies by turns: gone for the whole day, for its second half, or late for its first third."""
    draw = random.Random(f"upset {seed}")
    slots = [slot.id for slot in day.slots]
    spans = (None, frozenset(slots[len(slots) // 2 :]), frozenset(slots[: len(slots) // 3]))
    changes: list[Change] = []
    for at in range(cancellations):
        gone = draw.choice(day.companies if at % 2 else day.hosts)
        changes.append(Absence("company" if at % 2 else "host", gone.id, spans[at % 3]))
    return changes
