"""What a day of meetings is asked with and answered with. Plain data; ids are whole numbers or texts.

One kind of problem for two days: on a mentor day the hosts are advisers, on a demo day they are firms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from incubator.optimise.inputs import InputError, gettext_noop

Id = int | str
Shares = Literal["minimum", "even"]
Why = Literal[
    "never_together",
    "company_full",
    "outbid",
    "share_of_another",
    "no_common_time_left",
    "no_table",
    "not_found",
]
Stage = Literal["select", "place", "improve", "compact"]

MAX_WORTH = 1_000
MAX_SPARE = 100
MAX_SLOTS = 60
MAX_PEOPLE = 2_000
MAX_WISHES = 20_000
MAX_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of the day. Slots stand in their order; a break lies between slots of different blocks."""

    id: Id
    block: int = 0


@dataclass(frozen=True, slots=True)
class Company:
    """At most `maximum` meetings, `minimum` where possible, none in the slots in which it is `absent`."""

    id: Id
    maximum: int
    minimum: int = 0
    absent: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True)
class Host:
    """An adviser or a firm: at most `maximum` meetings, none in the slots in which it is `absent`."""

    id: Id
    maximum: int
    absent: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a room: one meeting at a time, any meeting, not in the slots in which it is `closed`."""

    id: Id
    closed: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True)
class Wish:
    """A meeting that may take place, at most once. `worth` from 1 to MAX_WORTH.

    `spare`: nobody asked for it; it is offered to a company whose own wishes do not fit (`with_redirections`),
    and no worth of spares, each at most MAX_SPARE, ever outweighs a point of wishes.
    """

    company: Id
    host: Id
    worth: int
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """A meeting that stays where it is, at any table."""

    company: Id
    host: Id
    slot: Id


@dataclass(frozen=True, slots=True)
class Day:
    """The problem. The order of slots means time; no other order means anything.

    `shares`: "minimum" holds each company's minimum before any wish, the largest lack first; "even" shares
    meetings out as evenly as possible, as many as possible, before the worth of wishes decides which. Neither
    promises more than `in_a_row` meetings without a pause, or waiting: these are lessened afterwards at no
    cost in meetings (None: any number in a row).
    """

    slots: tuple[Slot, ...]
    companies: tuple[Company, ...]
    hosts: tuple[Host, ...]
    tables: tuple[Table, ...]
    wishes: tuple[Wish, ...]
    locked: tuple[Lock, ...] = ()
    shares: Shares = "minimum"
    in_a_row: int | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    company: Id
    host: Id
    slot: Id
    table: Id


@dataclass(frozen=True, slots=True)
class Unmet:
    """A wish without a meeting, and why.

    `never_together`: no slot has both. `company_full`: the company has as many wishes met as it may have meetings
    or has slots for. `outbid`: so has the host, and none of them is worth less. `share_of_another`: so has the host,
    one of them worth less, which another company's share needs or which could not be moved. `no_table`: both
    are free together, but then every table is taken. `no_common_time_left`: both are free, never together.
    `not_found`: the search ended without it, only possible where the gap is not 0.
    """

    company: Id
    host: Id
    worth: int
    why: Why


@dataclass(frozen=True, slots=True)
class Shortfall:
    """`missing` meetings to the minimum of `company`."""

    company: Id
    missing: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Prices of places, in 1/`scale` of a point: by weak duality they prove the bound, whatever they are.

    `company`, `host`: one more meeting than its places; `share`: by company, one less of its share; `company_at`,
    `host_at`, `seat_at`: one more at that slot. All are at least 0, and those that are 0 are left out.
    """

    scale: int
    company: Mapping[Id, int]
    host: Mapping[Id, int]
    share: Mapping[Id, int]
    company_at: Mapping[tuple[Id, Id], int]
    host_at: Mapping[tuple[Id, Id], int]
    seat_at: Mapping[Id, int]


@dataclass(frozen=True, slots=True)
class Timetable:
    """`objective` is what `meetings` are worth (`objective_of`), `bound` what no timetable of the day exceeds.

    `gap` 0: proven best. `waits`: slots in which somebody who is there waits between two meetings; `long_runs`:
    windows of more than `in_a_row` meetings. `spread`: most less fewest meetings of a company. `searched`: the
    bound rests on a search that left nothing out, because prices alone prove a larger one. `stopped`: asked to
    stop, so the best known rather than what a whole search gives. Everything is sorted by id.
    """

    meetings: tuple[Meeting, ...]
    objective: int
    bound: int
    proof: Proof
    unmet: tuple[Unmet, ...]
    shortfalls: tuple[Shortfall, ...]
    spread: int
    waits: int
    long_runs: int
    searched: bool = False
    stopped: bool = False

    @property
    def gap(self) -> int:
        return self.bound - self.objective


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands: `done` of `total` steps of its stage, what is found and what cannot be exceeded."""

    stage: Stage
    done: int
    total: int
    meetings: int
    objective: int
    bound: int


Report = Callable[[Progress], None]
Stop = Callable[[], bool]


REASONS: Mapping[str, str] = {
    "duplicate_id": gettext_noop("%(place)s is there twice"),
    "unknown_id": gettext_noop("%(place)s names nobody of the day"),
    "duplicate_pair": gettext_noop("%(place)s is there twice"),
    "not_a_whole_number": gettext_noop("%(place)s is not a whole number: %(value)s"),
    "negative": gettext_noop("%(place)s is negative: %(value)s"),
    "too_large": gettext_noop("%(place)s is too large: %(value)s"),
    "minimum_over_maximum": gettext_noop("%(place)s has a minimum above its maximum"),
    "locked_not_wished": gettext_noop("%(place)s is locked but not among the wishes"),
    "locked_absent": gettext_noop("%(place)s is locked where somebody is absent"),
    "locked_clash": gettext_noop("%(place)s is locked twice at the same time"),
    "locked_over_maximum": gettext_noop("%(place)s has more locked meetings than places"),
    "locked_without_table": gettext_noop("%(place)s has more locked meetings than tables"),
    "too_small": gettext_noop("%(place)s must be 1 or more: %(value)s"),
}


class TimetableError(InputError):
    """The day makes no sense. `code` is a key of REASONS, `place` says where: `meeting of 3, 7`."""

    reasons = REASONS


def wish_unit(day: Day) -> int:
    """Points for one point of a wish: with spares, more than any exchange of spare meetings can win."""
    spares = [wish.worth for wish in day.wishes if wish.spare]
    return 1 + 2 * (min(len(day.companies), len(day.hosts)) + 1) * max(spares, default=0)


def share_unit(day: Day) -> int:
    """More points than any exchange of meetings can win: a share always outweighs wishes."""
    most = max((wish.worth for wish in day.wishes), default=0)
    return 1 + 2 * (min(len(day.companies), len(day.hosts)) + 1) * most * wish_unit(day)


def share_steps(day: Day, company: Company) -> list[int]:
    """Points for the company's first, second … meeting beyond the wishes themselves; they never grow.

    "minimum": 1, 2, 4 … units for each meeting that the minimum lacks, the last one cheapest. "even": one unit
    less for each meeting, the same for every company; of all ways to share out meetings, the one with the most
    points has the most meetings, shared out most evenly.
    """
    unit = share_unit(day)
    if day.shares == "even":
        most = max(each.maximum for each in day.companies)
        top = min(most, len(day.slots))
        return [unit * (top - step) for step in range(min(company.maximum, len(day.slots)))]
    return [unit << min(company.minimum - 1 - step, MAX_DOUBLINGS) for step in range(company.minimum)]


def objective_of(day: Day, pairs: set[tuple[Id, Id]]) -> int:
    """What the meetings of these (company, host) are worth."""
    unit = wish_unit(day)
    total = sum(
        wish.worth * (1 if wish.spare else unit) for wish in day.wishes if (wish.company, wish.host) in pairs
    )
    held: dict[Id, int] = {}
    for company, _host in pairs:
        held[company] = held.get(company, 0) + 1
    for each in day.companies:
        total += sum(share_steps(day, each)[: held.get(each.id, 0)])
    return total


def worth_of_ranks(company_rank: int | None, host_rank: int | None) -> int:
    """Worth of a meeting by the rank that either side gave it (1 first); None where a side did not.

    A first wish counts 100, each next one 8 less, none less than 20; what both wish counts both and half as
    much again, so that a mutual tenth wish outweighs nobody's first but a mutual third outweighs it.
    """
    points = [max(100 - 8 * (rank - 1), 20) for rank in (company_rank, host_rank) if rank is not None]
    return sum(points) * 3 // 2 if len(points) == 2 else sum(points)
