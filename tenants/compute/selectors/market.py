"""What the same compute would cost outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.compute import market, selectors
from tenants.compute.models import MarketPrice, Resource, ResourceRate


def market_prices_for(user: Any) -> QuerySet[MarketPrice]:
    """Staff and founders see every price, nobody else any."""
    if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER):
        return MarketPrice.objects.all()
    return MarketPrice.objects.none()


def prices_on(user: Any, day: date) -> dict[str, market.Price]:
    """Rate and market price of every resource on a day, by its code, in one query."""
    price = (
        market_prices_for(user)
        .filter(resource=OuterRef("pk"), starts_on__lte=day)
        .order_by("-starts_on")
        .values("krw_per_hour", "source")[:1]
    )
    rate = ResourceRate.objects.filter(resource=OuterRef("pk"), period__contains=day).values("gflops")[:1]
    rows = Resource.objects.order_by("code").values_list(
        "code", Subquery(rate), Subquery(price.values("krw_per_hour")), Subquery(price.values("source"))
    )
    return {code: market.Price(gflops, krw, source or "") for code, gflops, krw, source in rows}


@dataclass(frozen=True)
class MarketCost:
    """What use would have cost outside. `unpriced` are resources that were used and have no price."""

    krw: int
    unpriced: tuple[str, ...]
    lines: tuple[tuple[str, int, int], ...]  # resource, GFLOP, won

    @property
    def known(self) -> bool:
        return bool(self.lines)


def market_cost(used: Mapping[str, int], prices: Mapping[str, market.Price]) -> MarketCost:
    """Of GFLOP by resource."""
    costs = {code: market.won_of(gflop, prices.get(code)) for code, gflop in used.items() if gflop}
    known = {code: cost for code, cost in costs.items() if cost is not None}
    return MarketCost(
        krw=market.rounded_won(known.values()),
        unpriced=tuple(sorted(code for code, cost in costs.items() if cost is None)),
        lines=tuple((code, used[code], market.rounded_won([cost])) for code, cost in sorted(known.items())),
    )


def used_by_resource(user: Any, first: date, last: date) -> dict[str, int]:
    """GFLOP by resource of the days from `first` to `last`, both held, in one query."""
    rows = (
        selectors.usage_days_for(user)
        .filter(day__gte=first, day__lte=last)
        .order_by()
        .values_list("account__resource__code")
        .annotate(Sum("gflop"))
    )
    return {code: int(gflop) for code, gflop in rows}


def own_share(amount_krw: int, parts: Iterable[tuple[int, int]]) -> int:
    """What of an amount is the company's own share, given (GFLOP, per cent) of the grants that pay for it."""
    parts = list(parts)
    total = sum(gflop for gflop, _percent in parts)
    if not total:
        return 0
    weighted = sum(gflop * percent for gflop, percent in parts)
    return (2 * amount_krw * weighted + 100 * total) // (200 * total)
