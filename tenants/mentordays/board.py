"""A version of a timetable as the office reads it: a grid of advisers and slots, what is unmet, what a repair moves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery

from tenants.companies.models import Company

from . import selectors
from .enums import ArrangementState, Side, WhyCancelled
from .models import (
    Arrangement,
    InvitedAdviser,
    InvitedCompany,
    Meeting,
    MentorDay,
    MentorSlot,
    Table,
    Unmet,
    Wish,
)


@dataclass(frozen=True)
class Cell:
    slot: MentorSlot
    meeting: Meeting | None
    absent: bool
    begins_block: bool


@dataclass(frozen=True)
class Row:
    adviser: str
    count: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Step:
    """One line of what a repair does, or of what differs between two versions."""

    company: str
    adviser: str
    before: str = ""
    after: str = ""
    why: str = ""


@dataclass
class Board:
    arrangement: Arrangement
    slots: Sequence[MentorSlot]
    rows: Sequence[Row]
    companies: dict[int, str]
    advisers: dict[int, str]
    meetings: Sequence[Meeting]
    cancelled: Sequence[Meeting]
    fewest: int
    most: int
    shortfalls: Sequence[tuple[str, int]] = ()
    moved: Sequence[Step] = ()
    dropped: Sequence[Step] = ()
    added: Sequence[Step] = ()
    reseated: Sequence[Step] = ()
    clocks: dict[int, str] = field(default_factory=dict)

    @property
    def gap_percent(self) -> float:
        return 100 * self.arrangement.gap / self.arrangement.bound if self.arrangement.bound else 0.0


def board_of(user: Any, arrangement: Arrangement) -> Board:
    """Everything of a version in three statements; the names of companies without any meeting are a fourth."""
    slots = list(MentorSlot.objects.filter(day=arrangement.day_id).order_by("number"))
    invited = list(
        selectors.advisers_for(user)
        .filter(day=arrangement.day_id)
        .select_related("adviser")
        .order_by("adviser__name", "pk")
    )
    meetings = list(
        selectors.meetings_for(user)
        .filter(arrangement=arrangement)
        .select_related("company", "adviser", "slot", "table")
        .order_by("slot__number", "adviser__name", "pk")
    )
    held = [each for each in meetings if not each.cancelled]
    at = {(each.adviser_id, each.slot_id): each for each in held}
    absent = {pk: set(numbers) for pk, _maximum, numbers in arrangement.input["advisers"]}
    blocks = [slot.block for slot in slots]
    by_adviser = Counter(each.adviser_id for each in held)
    rows = [
        Row(
            each.adviser.name,
            by_adviser[each.adviser_id],
            [
                Cell(
                    slot,
                    at.get((each.adviser_id, slot.pk)),
                    slot.number in absent.get(each.adviser_id, set()),
                    place > 0 and blocks[place - 1] != slot.block,
                )
                for place, slot in enumerate(slots)
            ],
        )
        for each in invited
    ]
    by_company = Counter(each.company_id for each in held)
    counts = [by_company[pk] for pk, *_limits in arrangement.input["companies"]]
    companies = {each.company_id: each.company.name for each in meetings}
    short = [pk for pk, _missing in arrangement.shortfalls if pk not in companies]
    if short:
        companies |= dict(Company.objects.filter(pk__in=short).values_list("pk", "name"))
    board = Board(
        arrangement=arrangement,
        slots=slots,
        rows=rows,
        companies=companies,
        advisers={each.adviser_id: each.adviser.name for each in invited},
        meetings=held,
        cancelled=[each for each in meetings if each.cancelled],
        fewest=min(counts, default=0),
        most=max(counts, default=0),
        shortfalls=[(companies.get(pk, str(pk)), missing) for pk, missing in arrangement.shortfalls],
        clocks={slot.number: slot.label for slot in slots},
    )
    _tell_changes(board)
    return board


def _tell_changes(board: Board) -> None:
    changes = board.arrangement.changes
    if not changes:
        return

    def step(company: int, adviser: int, **more: str) -> Step:
        return Step(board.companies.get(company, ""), board.advisers.get(adviser, ""), **more)

    clock = board.clocks
    board.moved = [
        step(company, adviser, before=clock[before], after=clock[after])
        for company, adviser, before, after in changes["moved"]
    ]
    board.dropped = [
        step(company, adviser, why=str(WhyCancelled(why).label))
        for company, adviser, why in changes["dropped"]
    ]
    board.added = [
        step(company, adviser, after=clock[slot]) for company, adviser, slot, _ in changes["added"]
    ]
    board.reseated = [
        step(company, adviser, after=clock[slot]) for company, adviser, slot, _ in changes["reseated"]
    ]


def unmet_of(arrangement: Arrangement) -> Iterable[Any]:
    """The wishes without a meeting, the worthiest first, with the places that both sides had given, in one statement."""

    def rank(side: Side) -> Subquery:
        said = Wish.objects.filter(
            day=arrangement.day_id, side=side, company=OuterRef("company"), adviser=OuterRef("adviser")
        )
        return Subquery(said.values("rank")[:1])

    return (
        Unmet.objects.filter(arrangement=arrangement)
        .select_related("company", "adviser")
        .annotate(company_rank=rank(Side.COMPANY), adviser_rank=rank(Side.ADVISER))
        .order_by("-worth", "company__name", "adviser__name")
    )


def difference(board: Board, other: Arrangement) -> list[Step]:
    """What is otherwise in this version than in another one of the day, in one statement."""
    there = {
        (company, adviser): number
        for company, adviser, number in Meeting.objects.filter(arrangement=other)
        .held()
        .values_list("company_id", "adviser_id", "slot__number")
    }
    here = {(each.company_id, each.adviser_id): each.slot.number for each in board.meetings}
    steps = []
    for company, adviser in sorted(there.keys() | here.keys()):
        before, after = there.get((company, adviser)), here.get((company, adviser))
        if before != after:
            steps.append(
                Step(
                    board.companies.get(company, ""),
                    board.advisers.get(adviser, ""),
                    board.clocks.get(before or 0, ""),
                    board.clocks.get(after or 0, ""),
                )
            )
    return sorted(steps, key=lambda each: (each.company, each.adviser))


def shown_version(user: Any, day: MentorDay, versions: Sequence[Arrangement]) -> Arrangement | None:
    """The one that counts: what is published, else the newest."""
    published = [each for each in versions if each.state == ArrangementState.PUBLISHED]
    return next(iter(published or versions), None)


@dataclass(frozen=True)
class Said:
    """How far one of those who take part is with their wishes."""

    party_id: int
    name: str
    ranked: int
    vetoes: int


def said_by(day: MentorDay, side: Side) -> list[Said]:
    """Who has said how much, the silent ones first; in two statements."""
    counts: Counter[int] = Counter()
    vetoes: Counter[int] = Counter()
    column = "company_id" if side == Side.COMPANY else "adviser_id"
    for party, veto in Wish.objects.filter(day=day, side=side).values_list(column, "veto"):
        (vetoes if veto else counts)[party] += 1
    model: Any = InvitedCompany if side == Side.COMPANY else InvitedAdviser
    name = "company__name" if side == Side.COMPANY else "adviser__name"
    parties = model.objects.filter(day=day).values_list(column, name)
    found = [Said(pk, each, counts[pk], vetoes[pk]) for pk, each in parties]
    return sorted(found, key=lambda each: (each.ranked > 0, each.name))


@dataclass(frozen=True)
class Now:
    """Who meets now and who comes next, table by table."""

    current: MentorSlot | None
    coming: MentorSlot | None
    tables: Sequence[tuple[Table, Meeting | None, Meeting | None]]


def who_is_next(arrangement: Arrangement, slots: Sequence[MentorSlot], now: Any) -> Now:
    """In two statements."""
    current = next((slot for slot in slots if slot.period.lower <= now < slot.period.upper), None)
    coming = next((slot for slot in slots if slot.period.lower > now), None)
    wanted = [slot.pk for slot in (current, coming) if slot is not None]
    meetings = (
        Meeting.objects.filter(arrangement=arrangement, slot__in=wanted)
        .held()
        .select_related("company", "adviser")
    )
    at = {(each.slot_id, each.table_id): each for each in meetings}
    tables = Table.objects.filter(day=arrangement.day_id).order_by("name")
    return Now(
        current,
        coming,
        [
            (
                table,
                at.get((current.pk, table.pk)) if current else None,
                at.get((coming.pk, table.pk)) if coming else None,
            )
            for table in tables
        ],
    )
