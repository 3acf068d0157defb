"""A timetable as people look at it: a grid of slots and tables, and what became of wishes and of a repair, by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incubator.common.display import clock
from incubator.common.meeting_slots import MeetingSlot

from . import selectors
from .enums import Bar, MeetingState, WhyCancelled, WhyUnmet
from .models import DemoDay, Meeting, Plan
from .sheets import slot_times


@dataclass(frozen=True)
class Row:
    """A slot and what takes place at each table; `pause` where a break comes before it."""

    slot: MeetingSlot
    cells: list[Meeting | None]
    pause: bool


def grid_of(day: DemoDay, meetings: Iterable[Meeting]) -> list[Row]:
    at = {(each.slot, each.table): each for each in meetings if each.state != MeetingState.CANCELLED}
    rows, block = [], 0
    for slot in day.slots:
        cells = [at.get((slot.number, table)) for table in day.tables]
        rows.append(Row(slot, cells, slot.block != block))
        block = slot.block
    return rows


@dataclass(frozen=True)
class Tiding:
    """One line: a pair by name, and what there is to say of it."""

    company: str
    firm: str
    text: str


@dataclass(frozen=True)
class Tidings:
    unmet: list[Tiding]
    shortfalls: list[tuple[str, int]]
    redirected: list[Tiding]
    left_out: list[str]
    moved: list[Tiding]
    dropped: list[Tiding]
    added: list[Tiding]
    reseated: list[Tiding]


_LEFT_OUT = {
    "not_seen": lambda: _("does not live here any more, or does not want to be seen by investors"),
    "not_active": lambda: _("is not active any more"),
}


def tidings_of(plan: Plan) -> Tidings:
    """What a version says, with names, in two queries."""
    lists = (plan.unmet, plan.redirected, plan.moved, plan.dropped, plan.added, plan.reseated)
    pairs = [(each[0], each[1]) for found in lists for each in found]
    pairs += [tuple(party) for kind, party, _why in plan.left_out if kind == "pair"]
    companies, firms = selectors.names(
        [pair[0] for pair in pairs]
        + [pk for pk, _missing in plan.shortfalls]
        + [pk for kind, pk, _why in plan.left_out if kind == "company"],
        [pair[1] for pair in pairs]
        + [pk for _company, _firm, instead in plan.redirected for pk in instead]
        + [pk for kind, pk, _why in plan.left_out if kind == "firm"],
    )
    starts = {number: clock(slot.starts) for number, slot in slot_times(plan.day).items()}

    def pair(each: Any, text: str) -> Tiding:
        return Tiding(companies.get(each[0], "–"), firms.get(each[1], "–"), text)

    def place(slot: int, table: int) -> str:
        return _("%(clock)s, table %(table)s") % {"clock": starts.get(slot, "–"), "table": table}

    left_out = []
    for kind, party, why in plan.left_out:
        if kind == "pair":
            left_out.append(f"{companies.get(party[0], '–')} – {firms.get(party[1], '–')}: {Bar(why).label}")
        else:
            name = (companies if kind == "company" else firms).get(party, "–")
            left_out.append(f"{name}: {_LEFT_OUT[why]()}")
    return Tidings(
        unmet=[pair(each, str(WhyUnmet(each[3]).label)) for each in plan.unmet],
        shortfalls=[(companies.get(pk, "–"), missing) for pk, missing in plan.shortfalls],
        redirected=[pair(each, ", ".join(firms.get(pk, "–") for pk in each[2])) for each in plan.redirected],
        left_out=left_out,
        moved=[pair(each, f"{starts.get(each[2], '–')} → {starts.get(each[3], '–')}") for each in plan.moved],
        dropped=[
            pair(each, f"{starts.get(each[2], '–')} · {WhyCancelled(each[3]).label}") for each in plan.dropped
        ],
        added=[pair(each, place(each[2], each[3])) for each in plan.added],
        reseated=[pair(each, place(each[2], each[3])) for each in plan.reseated],
    )


# How many tables a television shows at once.
ON_BOARD = 40


@dataclass(frozen=True)
class BoardTable:
    number: int
    now: Meeting | None
    next: Meeting | None


@dataclass(frozen=True)
class Board:
    """What the television shows. `size` names how large: fewer tables, larger type."""

    current: MeetingSlot | None
    following: MeetingSlot | None
    tables: list[BoardTable]
    called: list[tuple[str, int]]
    size: str
    part: int
    parts: int


def board_of(day: DemoDay, meetings: Iterable[Meeting], now: datetime) -> Board:
    """Now and next at each table, and who is called. More tables than a screen holds come by turns, a minute each."""
    slots = day.slots
    current = next((slot for slot in slots if slot.starts <= now < slot.ends), None)
    following = next((slot for slot in slots if slot.starts > now), None)
    listed = [each for each in meetings if each.state != MeetingState.CANCELLED]
    at = {(each.slot, each.table): each for each in listed}
    parts = max(1, -(-day.table_count // ON_BOARD))
    part = now.minute % parts
    tables = list(day.tables)[part * ON_BOARD : (part + 1) * ON_BOARD]
    watched = {slot.number for slot in (current, following) if slot is not None}
    called = []
    for each in listed:
        if each.called and each.slot in watched:
            if each.called != "firm":
                called.append((each.company.name, each.table))
            if each.called != "company":
                called.append((each.firm.name, each.table))
    return Board(
        current=current,
        following=following,
        tables=[
            BoardTable(
                number,
                at.get((current.number, number)) if current else None,
                at.get((following.number, number)) if following else None,
            )
            for number in tables
        ],
        called=called,
        size="large" if len(tables) <= 12 else "middle" if len(tables) <= 24 else "small",
        part=part + 1,
        parts=parts,
    )
