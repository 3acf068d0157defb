"""What a job would cost, and whether what is left pays for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenants.compute import fitting, market
from tenants.compute.slurm import Charge, charge_of

from . import Credits, Lot
from .market import own_share


@dataclass(frozen=True)
class Estimate:
    """`charge` of the job; which lots would pay for it, once what runs now has taken its share; its market price."""

    charge: Charge
    fit: fitting.Fit
    held: int
    market_krw: int | None
    own_share_krw: int
    price_source: str


def rooms_of(lots: Sequence[Lot], today: date) -> list[fitting.Room]:
    """What is free in the lots in force today, the first to end first."""
    return [
        fitting.Room(
            lot.allocation.programme,
            lot.left - lot.held,
            lot.allocation.resources,
            lot.allocation.own_share_percent,
        )
        for lot in lots
        if today in lot.allocation.period and lot.left > lot.held
    ]


def estimate_of(
    credits_: Credits, prices: dict[str, market.Price], *, code: str, units: int, seconds: int, today: date
) -> Estimate:
    """Of a job that starts today and holds `units` of a resource for `seconds`. Makes no query."""
    charge = charge_of({code: units}, seconds, lambda of: prices[of].gflops if of in prices else None)
    need = {line.resource: line.gflop for line in charge.lines}
    found = fitting.fit(rooms_of(credits_.lots, today), held=credits_.held.amount, need=need)
    price = prices.get(code)
    cost = market.won_of(charge.total_gflop, price)
    krw = None if cost is None else market.rounded_won([cost])
    share = own_share(krw or 0, [(part.gflop, part.room.own_share_percent) for part in found.parts])
    return Estimate(charge, found, credits_.held.amount, krw, share, price.source if price else "")


def kinds_of(prices: dict[str, Any]) -> list[tuple[str, str]]:
    """The GPUs that have a rate, by code, in the order of what they make."""
    from tenants.compute.wording import resource_name

    rated = {
        code: price.gflops for code, price in prices.items() if code.startswith("gres/gpu:") and price.gflops
    }
    return [(code, resource_name(code)) for code in sorted(rated, key=lambda code: -rated[code])]
