"""What a unit of a resource costs."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common import display
from incubator.common.errors import refusing, validate
from tenants.compute.errors import RateInThePast, RateOverlaps
from tenants.compute.models import Resource, ResourceRate, UsageRecord
from tenants.compute.slurm import Charge, charge_of

from .ledger import demand_manager


class RateBook:
    """Every rate, in memory: there are few, and a million rows to price."""

    def __init__(self) -> None:
        self._rates: dict[str, list[tuple[date, date | None, int]]] = {}
        rows = ResourceRate.objects.values_list("resource__code", "period", "gflops")
        for code, period, gflops in rows:
            self._rates.setdefault(code, []).append((period.lower, period.upper, gflops))

    def rate(self, code: str, day: date) -> int | None:
        """GFLOP a second of one unit on that day, None where no rate is in force."""
        for first, end, gflops in self._rates.get(code, ()):
            if first <= day and (end is None or day < end):
                return gflops
        return None

    def charge(self, units: Mapping[str, int], seconds: int, day: date) -> Charge:
        """The price of `units` held for `seconds` from that day on. Raises OverflowError."""
        return charge_of(units, seconds, lambda code: self.rate(code, day))


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
    midnight = timezone.make_aware(datetime.combine(starts_on, time.min))
    held = UsageRecord.objects.filter(is_current=True, started_at__gte=midnight, units__has_key=resource.code)
    charged = held.order_by("-started_at").first()
    if charged is not None:
        raise RateInThePast(day=display.day(charged.started_at))
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
