"""A floor as its plan shows it: who is where, for how long still, and what is free, in the reader's words."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.display import day, day_short, dday
from tenants.leases import selectors
from tenants.leases.enums import HELD_STATES, Condition, LeaseState
from tenants.leases.floorplan import Room
from tenants.leases.models import BlockedPeriod, Floor, Lease, Space
from tenants.leases.selectors import spaces as details

LONG_DAYS, MIDDLE_DAYS, SOON_DAYS = 180, 90, 30

# The state of a space as the drawing shows it: (the style sheet's name, the letter in the room, the word).
OWN = "own"
LOOKS: dict[str, tuple[Any, Any]] = {
    OWN: (pgettext_lazy("plan letter", "M"), gettext_lazy("Your space")),
    "long": (pgettext_lazy("plan letter", "L"), gettext_lazy("Let, more than 6 months left")),
    "middle": (pgettext_lazy("plan letter", "H"), gettext_lazy("Let, 3 to 6 months left")),
    "soon": (pgettext_lazy("plan letter", "S"), gettext_lazy("Let, 1 to 3 months left")),
    "last": (pgettext_lazy("plan letter", "E"), gettext_lazy("Let, ends within a month")),
    "let": (pgettext_lazy("plan letter", "U"), gettext_lazy("In use")),
    "promised": (pgettext_lazy("plan letter", "P"), gettext_lazy("Free until the next lease")),
    "free": (pgettext_lazy("plan letter", "F"), gettext_lazy("Free")),
    "blocked": (pgettext_lazy("plan letter", "B"), gettext_lazy("Blocked")),
    "off": (pgettext_lazy("plan letter", "N"), gettext_lazy("Not let")),
}


@dataclass(frozen=True)
class Place:
    """A space on one day. `lease` holds it then, `following` is the next one, `blocked` what keeps it from being let; all only
    as far as the reader may know them. `taken`: somebody holds it, whoever it is."""

    space: Space
    today: date
    lease: Lease | None
    following: Lease | None
    blocked: BlockedPeriod | None
    taken: bool
    own: bool

    @property
    def days_left(self) -> int | None:
        return (self.lease.last_day - self.today).days if self.lease and self.lease.last_day else None

    @property
    def look(self) -> str:
        if self.own:
            return OWN
        left = self.days_left
        if left is not None:
            return _by_days(left)
        if self.taken:
            return "let"
        if self.blocked:
            return "blocked"
        if not self.space.active:
            return "off"
        return "promised" if self.following else "free"

    @property
    def letter(self) -> str:
        return str(LOOKS[self.look][0])

    @property
    def state(self) -> str:
        return str(LOOKS[self.look][1])

    @property
    def left(self) -> str:
        """How long it is let still: whole months, or the days of the last three."""
        left = self.days_left
        if left is None or self.lease is None or self.lease.last_day is None:
            return ""
        if left <= MIDDLE_DAYS:
            return dday(left)
        return _("%(months)s months") % {"months": _whole_months(self.today, self.lease.last_day)}

    @property
    def note(self) -> str:
        """The last line in the room."""
        if self.left:
            return self.left
        if self.look == "blocked" and self.blocked:
            until = self.blocked.last_day
            return (
                _("until %(day)s") % {"day": day_short(until)} if until else self.blocked.get_kind_display()
            )
        if self.look == "promised" and self.following and self.following.first_day:
            return _("from %(day)s") % {"day": day_short(self.following.first_day)}
        return str(pgettext("plan", "free")) if self.look == "free" else ""

    @property
    def company(self) -> str:
        """Who is in it, for whom that is known."""
        return str(self.lease.company) if self.lease else ""

    @property
    def needs_repair(self) -> bool:
        return self.space.condition == Condition.REPAIR

    @property
    def label(self) -> str:
        """Everything about it in one sentence, for those who hear the plan."""
        parts = [self.space.code, self.space.get_kind_display(), self.state, self.company]
        if self.lease and self.lease.last_day:
            parts.append(_("until %(day)s") % {"day": day(self.lease.last_day)})
        elif self.note and self.look != "free":
            parts.append(self.note)
        if self.needs_repair:
            parts.append(self.space.get_condition_display())
        return ", ".join(part for part in parts if part)

    def room(self, href: str) -> Room | None:
        """It as the drawing wants it; None while it has no place on the plan."""
        if self.space.box is None:
            return None
        return Room(
            key=self.space.pk,
            box=self.space.box,
            code=self.space.code,
            look=self.look,
            letter=self.letter,
            name=self.company if not self.own else _("Your space"),
            note=self.note,
            label=self.label,
            href=href,
            mark=str(pgettext("plan letter", "!")) if self.needs_repair else "",
            own=self.own,
        )


def _by_days(left: int) -> str:
    if left > LONG_DAYS:
        return "long"
    if left > MIDDLE_DAYS:
        return "middle"
    return "soon" if left > SOON_DAYS else "last"


def _whole_months(today: date, last: date) -> int:
    return (last.year - today.year) * 12 + last.month - today.month - (last.day < today.day)


@dataclass(frozen=True)
class LegendEntry:
    look: str
    letter: str
    word: str
    count: int


@dataclass(frozen=True)
class FloorPlan:
    floor: Floor
    places: Sequence[Place]

    @property
    def legend(self) -> list[LegendEntry]:
        """The states that are on this floor, in their order, with how many there are of each."""
        counts = Counter(place.look for place in self.places)
        return [
            LegendEntry(look, str(letter), str(word), counts[look])
            for look, (letter, word) in LOOKS.items()
            if counts[look]
        ]

    @property
    def unplaced(self) -> list[Place]:
        return [place for place in self.places if place.space.box is None]

    @property
    def let(self) -> int:
        return sum(1 for place in self.places if place.taken or place.lease)


def floors_with_spaces(user: Any) -> QuerySet[Floor]:
    """The floors that have something to show, lowest first, each with `many` spaces. Lists start at floors_for."""
    return (
        selectors.floors_for(user)
        .annotate(many=Count("spaces"))
        .filter(many__gt=0)
        .order_by("building__name", "level")
    )


def floor_plan(user: Any, floor: Floor, today: date) -> FloorPlan:
    """Every space of the floor on this day, in four queries at most.

    A founder sees whose only the own spaces are; of the others, whether they are in use.
    """
    coming = Q(period__endswith__gt=today)
    by_space: dict[int, list[Lease]] = defaultdict(list)
    leases = selectors.leases_for(user).exclude(state=LeaseState.DRAFT).filter(coming, space__floor=floor)
    for lease in leases.order_by("period"):
        by_space[lease.space_id].append(lease)
    blocked: dict[int, BlockedPeriod] = {
        each.space_id: each
        for each in details.blocked_for(user).filter(space__floor=floor, period__contains=today)
    }
    is_founder = acting_of(user).kind == Kind.FOUNDER
    taken = details.taken_on(today) if is_founder else set()
    places = []
    for space in selectors.spaces_for(user).filter(floor=floor).order_by("code"):
        held = next(
            (each for each in by_space[space.pk] if each.state in HELD_STATES and today in each.period), None
        )
        following = next((each for each in by_space[space.pk] if each.period.lower > today), None)
        stopped = blocked.get(space.pk)
        places.append(
            Place(
                space=space,
                today=today,
                lease=held,
                following=following,
                blocked=stopped,
                taken=held is not None or (space.pk in taken and stopped is None),
                own=is_founder and held is not None,
            )
        )
    return FloorPlan(floor, places)
