"""What a unit of a resource costs."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common import display
from incubator.common.errors import refusing, validate
from tenants.compute.enums import TransferKind
from tenants.compute.errors import RateInThePast, RateOverlaps
from tenants.compute.models import Resource, ResourceRate, UsagePosting
from tenants.compute.proof import held_units
from tenants.compute.slurm import Charge, charge_of

from .ledger import demand_manager

LINES_KEPT = 20_000


class RateBook:
    """Every rate, in memory: there are few, and a million rows to price."""

    def __init__(self, *, also: Iterable[date] = ()) -> None:
        """`also` are more days on which an era begins."""
        self._rates: dict[str, list[tuple[date, date | None, int]]] = {}
        rows = ResourceRate.objects.values_list("resource__code", "period", "gflops")
        for code, period, gflops in rows:
            self._rates.setdefault(code, []).append((period.lower, period.upper, gflops))
        found = [
            day for spans in self._rates.values() for first, end, _ in spans for day in (first, end) if day
        ]
        self._changes = sorted({*found, *also})
        self._on: dict[int, dict[str, int]] = {}
        self._lines: dict[tuple[str, int], tuple[tuple[str, int], ...]] = {}

    def era(self, day: date) -> int:
        """Counts the days until `day` on which any rate began or ended: within one era no price changes."""
        return bisect_right(self._changes, day)

    def on(self, day: date) -> dict[str, int]:
        """The rates in force on a day, GFLOP a second of one unit by resource."""
        era = self.era(day)
        if era not in self._on:
            self._on[era] = {
                code: gflops
                for code, spans in self._rates.items()
                for first, end, gflops in spans
                if first <= day and (end is None or day < end)
            }
        return self._on[era]

    def lines_of(self, held: str, day: date) -> tuple[tuple[str, int], ...]:
        """What a second of `held` (text of `proof.held_text`) costs on a day, by resource."""
        key = (held, self.era(day))
        if key not in self._lines:
            if len(self._lines) > LINES_KEPT:
                self._lines.clear()
            charge = charge_of(held_units(held), 1, self.on(day).get)
            self._lines[key] = tuple((line.resource, line.gflop) for line in charge.lines)
        return self._lines[key]

    def charge(self, units: Mapping[str, int], seconds: int, day: date) -> Charge:
        """The price of `units` held for `seconds` from that day on. Raises OverflowError."""
        return charge_of(units, seconds, self.on(day).get)


def estimate_cost(*, units: Mapping[str, int], seconds: int, on: date) -> Charge:
    """What a job would cost that holds `units` for `seconds` and starts on the day `on`. Writes nothing.

    Raises OverflowError for a job beyond the ledger's numbers.
    """
    return RateBook().charge(units, seconds, on)


@transaction.atomic
def set_rate(
    *, resource: Resource, gflops: int, starts_on: date, source: str, actor: Any, now: datetime
) -> ResourceRate:
    """Let a new rate of a resource begin on a day; the rate before it ends there. No rate is ever edited.

    Raises NotAllowed, RateInThePast (usage from that day on has been charged), RateOverlaps, Invalid.
    """
    demand_manager(actor)
    charged = UsagePosting.objects.filter(
        end_day__gte=starts_on, transfers__credit__resource=resource, transfers__kind=TransferKind.USAGE
    )
    last = charged.order_by("-end_day").first()
    if last is not None:
        raise RateInThePast(day=display.day(last.end_day))
    Resource.objects.select_for_update().get(pk=resource.pk)
    rate = ResourceRate(
        resource=resource, gflops=gflops, period=DateRange(starts_on, None), source=source.strip()
    )
    validate(rate)
    open_rate = ResourceRate.objects.filter(resource=resource, period__endswith__isnull=True).first()
    with refusing({"compute_one_rate_a_day": RateOverlaps}):
        if open_rate is not None and open_rate.period.lower < starts_on:
            open_rate.period = DateRange(open_rate.period.lower, starts_on)
            open_rate.save(update_fields=["period", "updated_at"])
        rate.save()
    return rate
