"""Waived rent and fee of many leases over many years, added up by the database.

The unit of rounding is the calendar month of a lease, as in `tenants.leases.waived`: rate × area × days ÷ days of the month,
over all rates of that month, rounded half up once, rent and fee apart. Every sum here is a sum of such whole won, so parts
always add up to their totals. A year of a lease with a day that has no rate is unknown, not smaller: its days are named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from tenants.leases import selectors
from tenants.leases.enums import HELD_STATES
from tenants.leases.models import Lease
from tenants.leases.waived import RateGap

ONE_DAY = timedelta(days=1)

# All of it in whole numbers, which cannot overflow for any area and rate that the tables take: area in hundredths of a square
# metre, months counted from the year 0.
_PARTS = """
WITH held AS (
  SELECT lease.id, lease.space_id, (space.area_m2 * 100)::bigint AS area,
    greatest(lower(lease.period), %(first)s) AS since, least(upper(lease.period), %(until)s) AS until
  FROM leases_lease lease JOIN leases_space space ON space.id = lease.space_id
  WHERE lease.state = ANY(%(states)s) AND lease.period && daterange(%(first)s, %(until)s)
), month AS (
  SELECT (extract(year FROM first) * 12 + extract(month FROM first) - 1)::int AS n, first::date AS since,
    (first + interval '1 month')::date AS until, extract(year FROM first)::int AS year
  FROM generate_series(date_trunc('month', %(first)s::timestamp), %(until)s::timestamp - interval '1 day', interval '1 month')
    AS first
), rated AS (
  SELECT held.id, held.area, rate.rent_krw_per_m2 AS rent, rate.fee_krw_per_m2 AS fee,
    greatest(held.since, coalesce(lower(rate.period), held.since)) AS since,
    least(held.until, coalesce(upper(rate.period), held.until)) AS until
  FROM held JOIN leases_rate rate ON rate.space_id = held.space_id AND rate.period && daterange(held.since, held.until)
), piece AS (
  SELECT rated.id, rated.area, rated.rent, rated.fee, month.n, month.year, month.until - month.since AS length,
    least(rated.until, month.until) - greatest(rated.since, month.since) AS days
  FROM rated
  CROSS JOIN LATERAL generate_series(
    (extract(year FROM rated.since) * 12 + extract(month FROM rated.since) - 1)::int,
    (extract(year FROM rated.until - 1) * 12 + extract(month FROM rated.until - 1) - 1)::int
  ) AS n
  JOIN month USING (n)
), monthly AS (
  SELECT id, year, sum(days) AS days,
    (2 * area * sum(rent::bigint * days)::bigint + 100 * length) / (200 * length) AS rent,
    (2 * area * sum(fee::bigint * days)::bigint + 100 * length) / (200 * length) AS fee
  FROM piece GROUP BY id, year, n, area, length
), yearly AS (
  SELECT id, year, sum(days) AS days, sum(rent) AS rent, sum(fee) AS fee FROM monthly GROUP BY id, year
), stay AS (
  SELECT held.id, year, least(held.until, make_date(year + 1, 1, 1)) - greatest(held.since, make_date(year, 1, 1)) AS days
  FROM held CROSS JOIN LATERAL
    generate_series(extract(year FROM held.since)::int, extract(year FROM held.until - 1)::int) AS year
)
SELECT stay.id, lease.company_id, lease.programme, stay.year, stay.days::int, coalesce(yearly.days, 0)::int,
  coalesce(yearly.rent, 0)::bigint, coalesce(yearly.fee, 0)::bigint
FROM stay JOIN leases_lease lease ON lease.id = stay.id
LEFT JOIN yearly ON yearly.id = stay.id AND yearly.year = stay.year
"""

_GAPS = """
SELECT lease.id, lower(gap), upper(gap) FROM leases_lease lease
LEFT JOIN LATERAL (
  SELECT range_agg(rate.period) AS known FROM leases_rate rate WHERE rate.space_id = lease.space_id
) rates ON true
CROSS JOIN LATERAL unnest(
  datemultirange(lease.period * daterange(%(first)s, %(until)s)) - coalesce(rates.known, '{}'::datemultirange)
) AS gap
WHERE lease.id = ANY(%(ids)s) ORDER BY lease.id, gap
"""


class Part(NamedTuple):
    """One calendar year of one lease: days held, days with a rate, and what was waived on the days with a rate."""

    lease_id: int
    company_id: int
    programme: str
    year: int
    days: int
    rated_days: int
    rent_krw: int
    fee_krw: int


@dataclass
class Sum:
    """Several parts together. While a part of it has days without a rate, the sum is unknown; the rest of it is known."""

    days: int = 0
    known_rent_krw: int = 0
    known_fee_krw: int = 0
    unknown: int = 0

    def add(self, part: Part) -> None:
        self.days += part.days
        if part.days == part.rated_days:
            self.known_rent_krw += part.rent_krw
            self.known_fee_krw += part.fee_krw
        else:
            self.unknown += 1

    @property
    def rent_krw(self) -> int | None:
        return None if self.unknown else self.known_rent_krw

    @property
    def fee_krw(self) -> int | None:
        return None if self.unknown else self.known_fee_krw

    @property
    def total_krw(self) -> int | None:
        return None if self.unknown else self.known_total_krw

    @property
    def known_total_krw(self) -> int:
        """The years of leases without a gap: what it is at the least."""
        return self.known_rent_krw + self.known_fee_krw


@dataclass(frozen=True)
class WaivedSums:
    """What was waived from `first` to `last`, both included, and the days without a rate of each lease that has such."""

    first: date
    last: date
    parts: Sequence[Part]
    gaps: dict[int, list[RateGap]] = field(default_factory=dict)

    @property
    def total(self) -> Sum:
        return _sums(self.parts, lambda part: None).get(None, Sum())

    def by_year(self) -> dict[int, Sum]:
        return dict(sorted(_sums(self.parts, lambda part: part.year).items()))

    def by_programme(self) -> dict[str, Sum]:
        """By the name of the programme; "" of leases that name none."""
        return dict(sorted(_sums(self.parts, lambda part: part.programme).items()))

    def by_company(self) -> dict[int, Sum]:
        return _sums(self.parts, lambda part: part.company_id)

    def by_lease(self) -> dict[int, Sum]:
        return _sums(self.parts, lambda part: part.lease_id)


def _sums(parts: Iterable[Part], key: Callable[[Part], Any]) -> dict[Any, Sum]:
    found: dict[Any, Sum] = defaultdict(Sum)
    for part in parts:
        found[key(part)].add(part)
    return dict(found)


def waived_sums(first: date, last: date) -> WaivedSums:
    """Of all leases that held a space on these days, in one query, and one more to name days without a rate.

    Counts what the role in force may see: ask it as staff.
    """
    values: dict[str, Any] = {
        "first": first,
        "until": last + ONE_DAY,
        "states": [state.value for state in HELD_STATES],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, values)
        parts = [Part(*row) for row in cursor.fetchall()]
        unknown = sorted({part.lease_id for part in parts if part.days != part.rated_days})
        gaps: dict[int, list[RateGap]] = defaultdict(list)
        if unknown:
            cursor.execute(_GAPS, {**values, "ids": unknown})
            for lease_id, since, until in cursor.fetchall():
                gaps[lease_id].append(RateGap(since, until - ONE_DAY))
    return WaivedSums(first, last, parts, dict(gaps))


def leases_with_gaps(user: Any, found: WaivedSums) -> list[tuple[Lease, list[RateGap]]]:
    """The leases whose amounts are unknown, by space, with the days that have no rate. One query."""
    if not found.gaps:
        return []
    leases = (
        selectors.leases_for(user).filter(pk__in=found.gaps).order_by("space__building__name", "space__code")
    )
    return [(lease, found.gaps[lease.pk]) for lease in leases]
