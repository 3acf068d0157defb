"""A day as the solver takes it, and a timetable as it gives it: to and from the JSON in which a version keeps both.

All lists are in the order of their ids, so equal days have equal texts, whatever the order in which they were read.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import incubator.optimise.timetable as solver_module
from incubator.optimise.timetable_repair import Absence, Cancelled, Change, Dropped, Moved, Repair
from incubator.optimise.timetable_types import (
    Company,
    Day,
    Host,
    Id,
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

Snapshot = dict[str, Any]


def snapshot_of(day: Day) -> Snapshot:
    """The day as plain JSON; the order of slots means time, all else is sorted."""
    return {
        "version": 1,
        "shares": day.shares,
        "in_a_row": day.in_a_row,
        "slots": [[slot.id, slot.block] for slot in day.slots],
        "companies": sorted(
            [each.id, each.minimum, each.maximum, sorted(each.absent)] for each in day.companies
        ),
        "advisers": sorted([each.id, each.maximum, sorted(each.absent)] for each in day.hosts),
        "tables": sorted([each.id, sorted(each.closed)] for each in day.tables),
        "wishes": sorted([each.company, each.host, each.worth] for each in day.wishes),
        "locked": sorted([each.company, each.host, each.slot] for each in day.locked),
    }


def day_of(snapshot: Mapping[str, Any]) -> Day:
    return Day(
        slots=tuple(Slot(number, block) for number, block in snapshot["slots"]),
        companies=tuple(
            Company(pk, maximum, minimum, frozenset(absent))
            for pk, minimum, maximum, absent in snapshot["companies"]
        ),
        hosts=tuple(Host(pk, maximum, frozenset(absent)) for pk, maximum, absent in snapshot["advisers"]),
        tables=tuple(Table(pk, frozenset(closed)) for pk, closed in snapshot["tables"]),
        wishes=tuple(Wish(company, adviser, worth) for company, adviser, worth in snapshot["wishes"]),
        locked=tuple(Lock(company, adviser, slot) for company, adviser, slot in snapshot["locked"]),
        shares=snapshot["shares"],
        in_a_row=snapshot["in_a_row"],
    )


def proof_text(proof: Proof) -> dict[str, Any]:
    by_slot = {"company_at": proof.company_at, "host_at": proof.host_at}
    by_one = {"company": proof.company, "host": proof.host, "share": proof.share, "seat_at": proof.seat_at}
    return {
        "scale": proof.scale,
        **{name: sorted([who, price] for who, price in side.items()) for name, side in by_one.items()},
        **{
            name: sorted([who, slot, price] for (who, slot), price in side.items())
            for name, side in by_slot.items()
        },
    }


def proof_of(text: Mapping[str, Any]) -> Proof:
    def by_slot(name: str) -> dict[tuple[Id, Id], int]:
        return {(who, slot): price for who, slot, price in text[name]}

    return Proof(
        scale=text["scale"],
        company=dict(text["company"]),
        host=dict(text["host"]),
        share=dict(text["share"]),
        company_at=by_slot("company_at"),
        host_at=by_slot("host_at"),
        seat_at=dict(text["seat_at"]),
    )


def result_of(timetable: Timetable) -> dict[str, Any]:
    """What the fingerprint of a result is made of."""
    return {
        "meetings": sorted([each.company, each.host, each.slot, each.table] for each in timetable.meetings),
        "unmet": sorted([each.company, each.host, each.why] for each in timetable.unmet),
        "objective": timetable.objective,
        "bound": timetable.bound,
    }


def timetable_of(
    *,
    meetings: Iterable[tuple[int, int, int, int]],
    unmet: Iterable[tuple[int, int, int, Any]],
    kept: Any,
) -> Timetable:
    """A timetable as it was found: (company, adviser, slot number, table), (company, adviser, worth, why), and the version
    that keeps its figures."""
    return Timetable(
        meetings=tuple(Meeting(*each) for each in sorted(meetings)),
        objective=kept.objective,
        bound=kept.bound,
        proof=proof_of(kept.proof),
        unmet=tuple(Unmet(*each) for each in sorted(unmet)),
        shortfalls=tuple(Shortfall(company, missing) for company, missing in kept.shortfalls),
        spread=kept.spread,
        waits=kept.waits,
        long_runs=kept.long_runs,
        searched=kept.searched,
    )


def changes_text(changes: Iterable[Change], repair: Repair, now: int | None) -> dict[str, Any]:
    return {
        "now": now,
        "asked": [
            ["cancelled", each.company, each.host]
            if isinstance(each, Cancelled)
            else ["absent", each.side, each.id, None if each.slots is None else sorted(each.slots)]
            for each in changes
        ],
        "moved": [[each.company, each.host, each.before, each.after] for each in repair.moved],
        "dropped": [[each.company, each.host, each.why] for each in repair.dropped],
        "added": [[each.company, each.host, each.slot, each.table] for each in repair.added],
        "reseated": [[each.company, each.host, each.slot, each.table] for each in repair.reseated],
        "proven": repair.proven,
    }


def asked_of(text: Mapping[str, Any]) -> list[Change]:
    return [
        Cancelled(*rest)
        if what == "cancelled"
        else Absence(rest[0], rest[1], None if rest[2] is None else frozenset(rest[2]))
        for what, *rest in text["asked"]
    ]


def repair_of(snapshot: Mapping[str, Any], timetable: Timetable, text: Mapping[str, Any]) -> Repair:
    return Repair(
        day=day_of(snapshot),
        timetable=timetable,
        moved=tuple(Moved(*each) for each in text["moved"]),
        dropped=tuple(Dropped(*each) for each in text["dropped"]),
        added=tuple(Meeting(*each) for each in text["added"]),
        reseated=tuple(Meeting(*each) for each in text["reseated"]),
        proven=text["proven"],
    )


@cache
def code_version() -> str:
    """The solver's own text in eight letters, and the version of HiGHS: what a result must be computed again with."""
    folder = Path(solver_module.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{digest.hexdigest()[:8]} · HiGHS {metadata.version('highspy')}"
