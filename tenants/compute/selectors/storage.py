"""Reads of storage. Amounts are bytes; a terabyte is 10^12 of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from tenants.compute.models import StorageGrant, StorageLevel
from tenants.compute.storage_csv import TERABYTE

from . import _of_company as of_company

DAYS_SHOWN = 90


def storage_grants_for(user: Any) -> QuerySet[StorageGrant]:
    return of_company(StorageGrant.objects.all(), user)


def storage_levels_for(user: Any) -> QuerySet[StorageLevel]:
    """Current revisions."""
    return of_company(StorageLevel.objects.filter(is_current=True), user)


def latest_levels(user: Any, today: date) -> QuerySet[StorageLevel]:
    """The last level of each account of a cluster that belongs to a company."""
    known = storage_levels_for(user).filter(company__isnull=False, day__lte=today)
    account = ("company_id", "cluster_id", "account")
    return known.order_by(*account, "-day").distinct(*account)


@dataclass(frozen=True)
class Storage:
    """What a company was granted and holds, in bytes. `as_of` is the oldest day among its accounts' last levels.

    `granted` is what the camp granted for today; where it granted nothing, the room that the data centre tells.
    """

    granted: int
    used: int
    as_of: date | None
    grants_key: str = ""

    @property
    def known(self) -> bool:
        return self.granted > 0 or self.as_of is not None

    @property
    def left(self) -> int:
        return max(self.granted - self.used, 0)

    @property
    def used_percent(self) -> Decimal:
        return Decimal(100 * self.used) / self.granted if self.granted else Decimal(0)


NONE = Storage(0, 0, None)


def storages_of(user: Any, today: date) -> dict[int, Storage]:
    """By company, of all that the person sees, in two queries."""
    grants: dict[int, list[StorageGrant]] = {}
    for grant in storage_grants_for(user).filter(period__contains=today).order_by("pk"):
        grants.setdefault(grant.company_id, []).append(grant)
    levels: dict[int, list[StorageLevel]] = {}
    for level in latest_levels(user, today):
        levels.setdefault(level.company_id or 0, []).append(level)
    return {
        company_id: _storage(grants.get(company_id, ()), levels.get(company_id, ()))
        for company_id in {*grants, *levels}
    }


def _storage(grants: Sequence[StorageGrant], levels: Sequence[StorageLevel]) -> Storage:
    granted = sum(grant.bytes for grant in grants) or sum(level.granted_bytes or 0 for level in levels)
    return Storage(
        granted=granted,
        used=sum(level.used_bytes for level in levels),
        as_of=min((level.day for level in levels), default=None),
        grants_key=",".join(str(grant.pk) for grant in grants) or "centre",
    )


def storage_of(user: Any, today: date) -> Storage:
    """Of the company that the person acts for, in two queries."""
    return next(iter(storages_of(user, today).values()), NONE)


def granted_in_force(user: Any, today: date) -> int:
    """Bytes that the camp has granted for a day."""
    terabytes = storage_grants_for(user).filter(period__contains=today).aggregate(tb=Sum(F("tb")))["tb"]
    return int(terabytes or 0) * TERABYTE


@dataclass(frozen=True)
class History:
    """A company's storage today, its grants, and what it held on each of the last days that are known."""

    now: Storage
    grants: Sequence[StorageGrant]
    levels: Sequence[StorageLevel]
    days: Sequence[tuple[date, Decimal]]


def history_of(user: Any, today: date) -> History:
    """Of the company that the person acts for, in three queries. Days are told in terabytes."""
    grants = list(storage_grants_for(user).select_related("cluster").order_by("period", "pk"))
    latest = list(latest_levels(user, today).select_related("cluster"))
    since = today - timedelta(days=DAYS_SHOWN - 1)
    known = storage_levels_for(user).filter(company__isnull=False, day__gte=since, day__lte=today)
    held: dict[tuple[int, str], int] = {}
    days: dict[date, int] = {}
    for level in known.order_by("day", "cluster_id", "account"):
        held[level.cluster_id, level.account] = level.used_bytes
        days[level.day] = sum(held.values())
    return History(
        now=_storage([grant for grant in grants if today in grant.period], latest),
        grants=grants,
        levels=latest,
        days=[(day, Decimal(used) / TERABYTE) for day, used in sorted(days.items())],
    )
