"""Numbers across the domains: the public page's, and the managers' gauges."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

from django.core.cache import caches
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.fields import DecimalField
from django.db.models.functions import Cast
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from investors.firms import selectors as firms
from tenants.companies import selectors as companies
from tenants.companies.enums import ResidencyState
from tenants.compute import selectors as compute
from tenants.compute.models import Pool
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import BookingState, SlotState
from tenants.consulting.quarters import Quarter
from tenants.leases import selectors as leases
from tenants.leases.occupancy import OccupancyDay, Shortfall, warning
from tenants.leases.selectors.lettings import occupancy_days

CACHE_KEY = "front-figures"
CACHE_SECONDS = 60
COMPUTE_PF = Decimal("88.5")
STORAGE_PB = 107
# How far the outlook on occupancy looks: back, for a shortfall that began long ago, and ahead.
OUTLOOK_BEFORE = timedelta(days=400)
OUTLOOK_AFTER = timedelta(days=730)


def front_figures() -> dict[str, Any]:
    """What the public page says of the camp today; kept for a minute in each process.

    `residents`, `spaces`, `advisers`, `firms`: whole numbers. `let_percent`: Decimal, 0 to 100, of the area. `compute_pf`,
    `storage_pb`: the data centre's. `credits_granted_gflop`: whole GFLOP granted out of the pools in force and not taken back.
    """
    figures = caches["local"].get(CACHE_KEY)
    if figures is None:
        # Whoever is signed out may read none of these tables; what leaves here are sums.
        with acting_as_system():
            figures = _figures(timezone.localdate())
        caches["local"].set(CACHE_KEY, figures, CACHE_SECONDS)
    return figures


def _figures(today: date) -> dict[str, Any]:
    occupancy = leases.occupancy(today)
    residents = companies.residencies_for(None).filter(state=ResidencyState.RESIDENT, period__contains=today)
    grants = compute.grants_for(None).filter(pool__period__contains=today)
    counts = _numbers(
        residents=(residents, Count("pk")),
        advisers=(consulting.advisers_for(None).filter(active=True), Count("pk")),
        firms=(firms.firms_for(None).filter(active=True), Count("pk")),
        credits_granted_gflop=(
            grants,
            Sum(F("amount_gflop") - F("taken_back_gflop") + F("moved_gflop")),
        ),
    )
    return {
        **counts,
        "spaces": occupancy.spaces,
        "let_percent": occupancy.share * 100,
        "compute_pf": COMPUTE_PF,
        "storage_pb": STORAGE_PB,
    }


def _numbers(**sums: tuple[QuerySet, Any]) -> dict[str, int]:
    """One whole number of each queryset, all in one query."""
    whole = DecimalField(max_digits=40, decimal_places=0)
    parts: list[QuerySet] = [
        things.order_by()
        .annotate(what=Value(name, output_field=CharField()))
        .values("what")
        .annotate(sum=Cast(sum_, whole))
        .values_list("what", "sum")
        for name, (things, sum_) in sums.items()
    ]
    together = reduce(lambda left, right: left.union(right, all=True), parts)
    found: dict[str, Any] = dict(iter(together))
    return {name: int(found.get(name) or 0) for name in sums}


@dataclass(frozen=True)
class Outlook:
    """How much of the area is let today, and the shortfall that is to be feared by the leases that are signed now."""

    today: OccupancyDay
    warning: Shortfall | None

    @property
    def spaces(self) -> int:
        return self.today.spaces

    @property
    def spaces_let(self) -> int:
        return self.today.spaces_let

    @property
    def area_m2(self) -> Decimal:
        return self.today.area_m2

    @property
    def area_let_m2(self) -> Decimal:
        return self.today.area_let_m2

    @property
    def share(self) -> Decimal:
        """Let area of all area, 0 to 1."""
        return self.today.share

    @property
    def is_below(self) -> bool:
        return self.today.is_under

    @property
    def falls_on(self) -> date | None:
        """The first day of the shortfall, when it is still to come."""
        return self.warning.first if self.warning and self.warning.first > self.today.day else None


def outlook(today: date) -> Outlook:
    """Occupancy by area today, and the first three months under the legal share that known ends of leases lead to, in one
    query. Ask it as staff."""
    days = occupancy_days(today - OUTLOOK_BEFORE, today + OUTLOOK_AFTER)
    return Outlook(days[OUTLOOK_BEFORE.days], warning(days, today))


@dataclass(frozen=True)
class PoolGauge:
    """The pool in force: what it holds, what of it is granted and what was used meanwhile, in whole GFLOP."""

    name: str
    period: Any
    capacity: int
    granted: int
    used: int

    @property
    def granted_percent(self) -> Decimal:
        return Decimal(100 * self.granted) / self.capacity

    @property
    def used_percent(self) -> Decimal:
        """Used of what is granted."""
        return Decimal(100 * self.used) / self.granted if self.granted else Decimal(0)


def pool_gauge(user: Any, today: date) -> PoolGauge | None:
    """The pool whose period holds today, the one that ends first if there are several; None without one. One query."""
    used = (
        compute.usage_days_for(user)
        .filter(day__gte=OuterRef("first"), day__lt=OuterRef("end"))
        .order_by()
        .annotate(all=Value(1))
        .values("all")
        .annotate(sum=Sum("gflop"))
        .values("sum")
    )
    pool = (
        Pool.objects.filter(period__contains=today)
        .select_related("account")
        .annotate(first=F("period__startswith"), end=F("period__endswith"))
        .annotate(used=Subquery(used))
        .order_by("period__endswith", "pk")
        .first()
    )
    if pool is None:
        return None
    granted = pool.capacity_gflop - pool.account.balance_gflop
    return PoolGauge(pool.name, pool.period, pool.capacity_gflop, granted, int(pool.used or 0))


@dataclass(frozen=True)
class SessionGauge:
    """Slots and sessions of the quarter."""

    quarter: Quarter
    offered: int
    taken: int
    held: int
    missed: int

    @property
    def coming(self) -> int:
        """Booked, and neither held nor missed yet."""
        return self.taken - self.held - self.missed

    @property
    def taken_percent(self) -> Decimal:
        return Decimal(100 * self.taken) / self.offered if self.offered else Decimal(0)


def session_gauge(user: Any, now: datetime) -> SessionGauge:
    """How many slots of the quarter of `now` were offered and taken, and what became of them, in one query."""
    quarter = Quarter.of(now)
    bookings = consulting.bookings_for(user).filter(slot=OuterRef("pk"))
    row = (
        consulting.slots_for(user)
        .filter(
            state=SlotState.OPEN, period__startswith__gte=quarter.begins, period__startswith__lt=quarter.ends
        )
        .order_by()
        .annotate(
            was_held=Exists(bookings.filter(state=BookingState.HELD)),
            was_missed=Exists(bookings.filter(state=BookingState.MISSED)),
        )
        .aggregate(
            offered=Count("pk"),
            taken=Count("pk", filter=Q(taken=True)),
            held=Count("pk", filter=Q(was_held=True)),
            missed=Count("pk", filter=Q(was_missed=True)),
        )
    )
    return SessionGauge(quarter=quarter, **row)
