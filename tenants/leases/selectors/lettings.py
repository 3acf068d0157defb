"""Occupancy over any days, what falls vacant, and how often spaces change hands.

What counts: the area of every space that is let at present, from the day on which its building opened; as let, the days of
signed, active and ended leases, and of terminated ones those that they really had. Offers and drafts hold nothing. Days on
which a space is blocked count as not let.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from tenants.leases import selectors
from tenants.leases.enums import HELD_STATES, LeaseState
from tenants.leases.models import BlockedPeriod, Lease, Space
from tenants.leases.occupancy import Change, OccupancyDay, by_day, mean
from tenants.leases.selectors import spaces as details

ONE_DAY = timedelta(days=1)

# The days on which something begins or ends to count, and how much of it: as many rows as there are such days.
_CHANGES = """
WITH counted AS (
  SELECT space.id, space.area_m2, greatest(coalesce(building.opened_on, %(first)s), %(first)s) AS since
  FROM leases_space space JOIN leases_building building ON building.id = space.building_id
  WHERE space.active AND (%(building)s::bigint IS NULL OR space.building_id = %(building)s)
), held AS (
  SELECT counted.area_m2, greatest(lower(lease.period), counted.since) AS since, upper(lease.period) AS until
  FROM leases_lease lease JOIN counted ON counted.id = lease.space_id
  WHERE lease.state = ANY(%(states)s) AND lease.period && daterange(counted.since, %(until)s)
)
SELECT day, sum(let), sum(area), sum(spaces_let), sum(spaces) FROM (
  SELECT since AS day, area_m2 AS let, 0 AS area, 1 AS spaces_let, 0 AS spaces FROM held
  UNION ALL SELECT until, -area_m2, 0, -1, 0 FROM held WHERE until < %(until)s
  UNION ALL SELECT since, 0, area_m2, 0, 1 FROM counted WHERE since < %(until)s
) change GROUP BY day
"""


def occupancy_days(first: date, last: date, *, building: int | None = None) -> list[OccupancyDay]:
    """Every day from `first` to `last`, both included, of the camp or of one building, in one query.

    Counts what the role in force may see: ask it as staff.
    """
    values: dict[str, Any] = {
        "first": first,
        "until": last + ONE_DAY,
        "states": [state.value for state in HELD_STATES],
        "building": building,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, values)
        changes = [
            Change(day, Decimal(let), Decimal(area), int(spaces_let), int(spaces))
            for day, let, area, spaces_let, spaces in cursor.fetchall()
        ]
    return by_day(changes, first, last)


@dataclass(frozen=True)
class Vacancy:
    """Days on which nobody has the space: from `first` to `last`, without a `last` until somebody signs.

    `before` is the lease that ends then, `following` the one that comes; `offered`: it is not signed yet. `blocked` is what
    keeps the space from being let on the first of these days.
    """

    space: Space
    first: date
    last: date | None
    before: Lease | None
    following: Lease | None
    blocked: BlockedPeriod | None

    @property
    def is_now(self) -> bool:
        return self.before is None

    @property
    def is_offered(self) -> bool:
        return self.following is not None and self.following.state == LeaseState.OFFERED


def vacancies(user: Any, today: date, *, within_days: int) -> list[Vacancy]:
    """The vacancies of every space that is let, that begin within so many days, the first to begin first. Three queries."""
    horizon = today + timedelta(days=within_days)
    leases: dict[int, list[Lease]] = defaultdict(list)
    running = selectors.leases_for(user).exclude(state=LeaseState.DRAFT)
    for lease in running.filter(period__endswith__gt=today, space__active=True).order_by("period"):
        leases[lease.space_id].append(lease)
    blocked: dict[int, list[BlockedPeriod]] = defaultdict(list)
    for each in details.blocked_for(user).filter(Q(period__endswith__gt=today) | Q(period__upper_inf=True)):
        blocked[each.space_id].append(each)
    spaces = selectors.spaces_for(user).filter(active=True).order_by("building__name", "code")
    found = [
        vacancy
        for space in spaces
        for vacancy in _vacancies_of(space, leases[space.pk], blocked[space.pk], today)
    ]
    return sorted((each for each in found if each.first <= horizon), key=lambda each: each.first)


def _vacancies_of(
    space: Space, leases: Sequence[Lease], blocked: Sequence[BlockedPeriod], today: date
) -> list[Vacancy]:
    found = []
    free_from, before = today, None
    for lease in leases:
        if lease.period.lower > free_from:
            found.append(_vacancy(space, free_from, lease.period.lower - ONE_DAY, before, lease, blocked))
        free_from, before = max(free_from, lease.period.upper), lease
    found.append(_vacancy(space, free_from, None, before, None, blocked))
    return found


def _vacancy(
    space: Space,
    first: date,
    last: date | None,
    before: Lease | None,
    following: Lease | None,
    blocked: Sequence[BlockedPeriod],
) -> Vacancy:
    closed = next((each for each in blocked if first in each.period), None)
    return Vacancy(space, first, last, before, following, closed)


@dataclass(frozen=True)
class Turnover:
    """How often spaces changed hands in a window: `handed_over` leases ended without the same company staying in the same
    space; `spaces_let` is the number of spaces let on an average day of the window."""

    handed_over: int
    spaces_let: Decimal

    @property
    def rate(self) -> Decimal:
        """Hand-overs for each space that was let, 0 where none was."""
        return self.handed_over / self.spaces_let if self.spaces_let else Decimal(0)


def turnover(days: Sequence[OccupancyDay], *, building: int | None = None) -> Turnover:
    """Of the window that `days` of `occupancy_days` make up, in one query more. Ask it as staff."""
    first, last = days[0].day, days[-1].day
    stayed = Lease.objects.filter(
        space=OuterRef("space"),
        company=OuterRef("company"),
        state__in=HELD_STATES,
        period__startswith=OuterRef("period__endswith"),
    )
    ended = Lease.objects.filter(
        state__in=HELD_STATES,
        period__endswith__gt=first,
        period__endswith__lte=last + ONE_DAY,
        space__active=True,
    ).exclude(Exists(stayed))
    if building is not None:
        ended = ended.filter(space__building_id=building)
    return Turnover(ended.order_by().values_list(F("pk")).count(), mean(days).spaces_let)
