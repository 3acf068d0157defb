"""What becomes of a grant after it was given: moved to another one of the company, or made to last longer."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common import display
from tenants.compute.enums import AllocationState, TransferKind
from tenants.compute.errors import (
    IdempotencyConflict,
    LotEnded,
    NotEnoughCredits,
    NotLaterThanNow,
    OtherCompany,
    SameLot,
)
from tenants.compute.models import Allocation, CreditAccount, LotExtension, Transfer

from .grants import demand_amount, demand_within
from .ledger import Posting, demand_manager, demand_reason, lock_accounts, post_transfers


def locked_lots(lots: Sequence[Allocation]) -> tuple[dict[int, Allocation], dict[int, CreditAccount]]:
    """The lots by id and their accounts by id, as they are now, locked in the order in which everybody locks: accounts (of
    the pools too) first."""
    sides = {side for lot in lots for side in (lot.account_id, lot.pool.account_id)}
    accounts = lock_accounts(sorted(sides))
    found = (
        Allocation.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[lot.pk for lot in lots])
        .select_related("pool")
        .order_by("pk")
    )
    return {lot.pk: lot for lot in found}, accounts


def spare(account: CreditAccount) -> int:
    """What of a lot's balance nobody holds: the most that people may take out of it."""
    return account.balance_gflop - account.held_gflop


@transaction.atomic
def move_credits(
    *,
    source: Allocation,
    target: Allocation,
    amount_gflop: int,
    reason: str,
    actor: Any,
    now: datetime,
    key: str | None = None,
) -> Transfer:
    """Move credits from one grant of a company to another one of it that has not ended.

    A manager alone may: the target may last longer, or pay for more, than what was granted. With a `key` the same call again
    changes nothing. Raises NotAllowed, ReasonMissing, AmountNotPositive, SameLot, OtherCompany, LotEnded, NotEnoughCredits,
    IdempotencyConflict.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    demand_amount(amount_gflop)
    if source.pk == target.pk:
        raise SameLot
    if source.company_id != target.company_id:
        raise OtherCompany
    lots, accounts = locked_lots([source, target])
    source, target = lots[source.pk], lots[target.pk]
    key = f"lot-move:{key or uuid4().hex}"
    made = Transfer.objects.filter(idempotency_key=key).first()
    if made is not None:
        said = (made.amount_gflop, made.debit_id, made.credit_id, made.reason)
        if said != (amount_gflop, source.account_id, target.account_id, reason):
            raise IdempotencyConflict
        return made
    today = timezone.localdate(now)
    if any(lot.state != AllocationState.ACTIVE or lot.period.upper <= today for lot in (source, target)):
        raise LotEnded
    if amount_gflop > spare(accounts[source.account_id]):
        raise NotEnoughCredits
    posting = Posting(
        key=key,
        kind=TransferKind.LOT_MOVE,
        amount_gflop=amount_gflop,
        debit=source.account_id,
        credit=target.account_id,
        reason=reason,
        effective_at=now,
        company_id=source.company_id,
    )
    [transfer] = post_transfers([posting], actor=actor, now=now)
    source.moved_gflop -= amount_gflop
    target.moved_gflop += amount_gflop
    for lot in (source, target):
        lot.save(update_fields=["moved_gflop", "updated_at"])
    return transfer


@transaction.atomic
def extend_lot(
    *, allocation: Allocation, last_day: date, reason: str, actor: Any, now: datetime
) -> LotExtension:
    """Let a grant last until and with a later day, within its pool's period. Its end is warned of anew.

    Raises NotAllowed, ReasonMissing, LotEnded (closed, or what was left has been returned), NotLaterThanNow, OutsidePool.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    lots, _accounts = locked_lots([allocation])
    lot = lots[allocation.pk]
    if lot.state != AllocationState.ACTIVE:
        raise LotEnded
    before = lot.period.upper - timedelta(days=1)
    if last_day <= before:
        raise NotLaterThanNow(day=display.day(before))
    lot.period = DateRange(lot.period.lower, last_day + timedelta(days=1))
    demand_within(lot.pool, lot.period)
    lot.save(update_fields=["period", "updated_at"])
    extension = LotExtension.objects.create(
        lot=lot,
        company_id=lot.company_id,
        from_day=before,
        to_day=last_day,
        reason=reason,
        actor=actor,
        at=now,
    )
    allocation.period = lot.period
    return extension
