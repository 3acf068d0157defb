"""A solver's day and its timetable as JSON, and back: what a version is kept with, and computed and checked from again.

Companies and firms keep their ids, slots and tables their numbers, so that a snapshot needs no other table to be read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from incubator.optimise.timetable_repair import Absence, Cancelled, Change
from incubator.optimise.timetable_result import validate
from incubator.optimise.timetable_types import (
    Company,
    Day,
    Host,
    Lock,
    Meeting,
    Proof,
    Shortfall,
    Slot,
    Table,
    Timetable,
    Unmet,
    Wish,
)

VERSION = 1


def day_to_json(day: Day) -> dict[str, Any]:
    """Equal for equal days, in whatever order their rows came."""
    return {
        "version": VERSION,
        "slots": [[slot.id, slot.block] for slot in day.slots],
        "companies": sorted(
            [each.id, each.maximum, each.minimum, sorted(each.absent, key=int)] for each in day.companies
        ),
        "firms": sorted([each.id, each.maximum, sorted(each.absent, key=int)] for each in day.hosts),
        "tables": sorted([each.id, sorted(each.closed, key=int)] for each in day.tables),
        "wishes": sorted([wish.company, wish.host, wish.worth, int(wish.spare)] for wish in day.wishes),
        "locked": sorted([lock.company, lock.host, lock.slot] for lock in day.locked),
        "in_a_row": day.in_a_row,
    }


def day_from_json(kept: Mapping[str, Any]) -> Day:
    """Raises TimetableError where the snapshot makes no sense."""
    day = Day(
        slots=tuple(Slot(number, block) for number, block in kept["slots"]),
        companies=tuple(
            Company(number, most, least, frozenset(absent))
            for number, most, least, absent in kept["companies"]
        ),
        hosts=tuple(Host(number, most, frozenset(absent)) for number, most, absent in kept["firms"]),
        tables=tuple(Table(number, frozenset(closed)) for number, closed in kept["tables"]),
        wishes=tuple(
            Wish(company, firm, worth, bool(spare)) for company, firm, worth, spare in kept["wishes"]
        ),
        locked=tuple(Lock(company, firm, slot) for company, firm, slot in kept["locked"]),
        in_a_row=kept["in_a_row"],
    )
    validate(day)
    return day


def result_to_json(timetable: Timetable) -> dict[str, Any]:
    """What a timetable says, for its fingerprint."""
    return {
        "meetings": meetings_to_json(timetable.meetings),
        "objective": timetable.objective,
        "bound": timetable.bound,
        "unmet": unmet_to_json(timetable),
    }


def meetings_to_json(meetings: Iterable[Meeting]) -> list[list[Any]]:
    return sorted([each.company, each.host, each.slot, each.table] for each in meetings)


def unmet_to_json(timetable: Timetable) -> list[list[Any]]:
    return [[each.company, each.host, each.worth, each.why] for each in timetable.unmet]


def proof_to_json(proof: Proof) -> dict[str, Any]:
    return {
        "scale": proof.scale,
        "company": sorted([key, price] for key, price in proof.company.items()),
        "firm": sorted([key, price] for key, price in proof.host.items()),
        "share": sorted([key, price] for key, price in proof.share.items()),
        "company_at": sorted([*key, price] for key, price in proof.company_at.items()),
        "firm_at": sorted([*key, price] for key, price in proof.host_at.items()),
        "seat_at": sorted([key, price] for key, price in proof.seat_at.items()),
    }


def proof_from_json(kept: Mapping[str, Any]) -> Proof:
    return Proof(
        scale=kept["scale"],
        company=dict(kept["company"]),
        host=dict(kept["firm"]),
        share=dict(kept["share"]),
        company_at={(who, at): price for who, at, price in kept["company_at"]},
        host_at={(who, at): price for who, at, price in kept["firm_at"]},
        seat_at=dict(kept["seat_at"]),
    )


def changes_to_json(changes: Iterable[Change]) -> list[list[Any]]:
    """[side, id, slots] of each absence, None for the rest of the day; ["meeting", company, firm] of what is called off."""
    return [
        ["meeting", change.company, change.host]
        if isinstance(change, Cancelled)
        else [
            "firm" if change.side == "host" else change.side,
            change.id,
            None if change.slots is None else sorted(change.slots, key=int),
        ]
        for change in changes
    ]


def changes_from_json(kept: Iterable[list[Any]]) -> list[Change]:
    return [
        Cancelled(first, second)
        if kind == "meeting"
        else Absence("host" if kind == "firm" else kind, first, None if second is None else frozenset(second))
        for kind, first, second in kept
        if kind != "back"
    ]


def timetable_of_plan(plan: Any, meetings: Iterable[Any]) -> Timetable:
    """The timetable that a stored version claims to be, out of its rows."""
    return Timetable(
        meetings=tuple(
            sorted(
                (Meeting(each.company_id, each.firm_id, each.slot, each.table) for each in meetings),
                key=lambda each: (each.company, each.host),
            )
        ),
        objective=plan.objective,
        bound=plan.bound,
        proof=proof_from_json(plan.proof),
        unmet=tuple(Unmet(*each) for each in plan.unmet),
        shortfalls=tuple(Shortfall(*each) for each in plan.shortfalls),
        spread=plan.spread,
        waits=plan.waits,
        long_runs=plan.long_runs,
        searched=plan.searched,
    )
