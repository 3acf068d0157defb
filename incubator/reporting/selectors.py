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

CACHE_KEY = "front-figures"
CACHE_SECONDS = 60
COMPUTE_PF = Decimal("88.5")
STORAGE_PB = 107
# The share of area let under which, three months long, the law sees a sign of misuse.
LEGAL_SHARE = Decimal("0.6")
OUTLOOK_DAYS = (30, 60, 90)


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
    """How much of the area is let today, and will be by the leases that are signed now."""

    spaces: int
    spaces_let: int
    area_m2: Decimal
    area_let_m2: Decimal
    coming: tuple[tuple[date, Decimal], ...]

    @property
    def share(self) -> Decimal:
        """Let area of all area, 0 to 1."""
        return self.area_let_m2 / self.area_m2 if self.area_m2 else Decimal(0)

    @property
    def is_below(self) -> bool:
        return self.spaces > 0 and self.share < LEGAL_SHARE

    @property
    def falls_on(self) -> date | None:
        """The first of the coming days looked at on which the share is under the legal one, if nothing new is signed."""
        if self.spaces == 0 or self.is_below:
            return None
        return next((day for day, share in self.coming if share < LEGAL_SHARE), None)


def outlook(user: Any, today: date) -> Outlook:
    """Occupancy by area today and in 30, 60 and 90 days, in one query."""
    days = {f"in_{ahead}": today + timedelta(days=ahead) for ahead in (0, *OUTLOOK_DAYS)}
    held = {
        name: Exists(leases.held_on(leases.leases_for(user), day).filter(space_id=OuterRef("pk")))
        for name, day in days.items()
    }
    areas = {f"area_{name}": Sum("area_m2", filter=Q(**{name: True}), default=Decimal(0)) for name in days}
    row = (
        leases.spaces_for(user)
        .filter(active=True)
        .order_by()
        .annotate(**held)
        .aggregate(
            spaces=Count("pk"),
            spaces_let=Count("pk", filter=Q(in_0=True)),
            area=Sum("area_m2", default=Decimal(0)),
            **areas,
        )
    )
    area = row["area"]
    return Outlook(
        spaces=row["spaces"],
        spaces_let=row["spaces_let"],
        area_m2=area,
        area_let_m2=row["area_in_0"],
        coming=tuple(
            (day, row[f"area_{name}"] / area if area else Decimal(0))
            for name, day in days.items()
            if name != "in_0"
        ),
    )


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
