"""Days on which a space is nobody's."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common.display import period as period_in_words
from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.periods import days
from tenants.leases.enums import LeaseState
from tenants.leases.errors import (
    AlreadyOver,
    EndBeforeStart,
    LetMeanwhile,
    NoteMissing,
    SpaceBlocked,
)
from tenants.leases.models import BlockedPeriod, Lease, Space
from tenants.leases.rules import may_manage_leases

NAMED = 5


@transaction.atomic
def block_space(
    *, space: Space, first_day: date, last_day: date | None, kind: str, note: str, actor: Any
) -> BlockedPeriod:
    """Nobody may have the space from `first_day` to `last_day`, both included; without a last day until further notice.

    Raises EndBeforeStart, NoteMissing, LetMeanwhile (naming the leases in the way), Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if last_day and last_day < first_day:
        raise EndBeforeStart
    if not note.strip():
        raise NoteMissing
    Space.objects.select_for_update(no_key=True).get(pk=space.pk)
    blocked = BlockedPeriod(space=space, period=days(first_day, last_day), kind=kind, note=note.strip())
    validate(blocked)
    _saved(blocked)
    return blocked


@transaction.atomic
def end_block(*, blocked: BlockedPeriod, last_day: date, actor: Any, now: datetime) -> BlockedPeriod:
    """The space is free again after `last_day`, which is called off as a whole when that lies before its first day.

    What is past stays as it was. Raises AlreadyOver.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    Space.objects.select_for_update(no_key=True).get(pk=blocked.space_id)
    blocked = BlockedPeriod.objects.select_for_update(no_key=True).get(pk=blocked.pk)
    last_day = max(last_day, timezone.localdate(now) - timedelta(days=1))
    period = blocked.period
    if period.isempty or (period.upper and period.upper <= last_day + timedelta(days=1)):
        raise AlreadyOver
    blocked.period = days(period.lower, last_day) if last_day >= period.lower else DateRange(empty=True)
    _saved(blocked)
    return blocked


def _saved(blocked: BlockedPeriod) -> None:
    try:
        with refusing({"leases_not_let_while_blocked": LetMeanwhile}):
            blocked.save()
    except LetMeanwhile as error:
        raise let_in_words(blocked) from error


def let_in_words(blocked: BlockedPeriod) -> LetMeanwhile:
    """The refusal of a block, with the companies and days of the leases in its way."""
    leases = (
        Lease.objects.exclude(state=LeaseState.DRAFT)
        .filter(space_id=blocked.space_id, period__overlap=blocked.period)
        .select_related("company")
        .order_by("period")[: NAMED + 1]
    )
    named = [f"{lease.company} ({period_in_words(lease.period)})" for lease in leases]
    if not named:
        return LetMeanwhile()
    more = ", …" if len(named) > NAMED else ""
    return LetMeanwhile(LetMeanwhile.detailed, leases=", ".join(named[:NAMED]) + more)


def blocked_in_words(lease: Lease) -> SpaceBlocked:
    """The refusal of a lease, with the days and the reason of what blocks the space."""
    blocked = (
        BlockedPeriod.objects.filter(space_id=lease.space_id, period__overlap=lease.period)
        .order_by("period")
        .first()
    )
    if blocked is None:
        return SpaceBlocked()
    return SpaceBlocked(SpaceBlocked.detailed, days=period_in_words(blocked.period), why=str(blocked))
