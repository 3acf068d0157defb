"""Pools, grants and claw-backs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from incubator.common import display
from incubator.common.errors import refusing, validate
from tenants.companies.models import Company
from tenants.compute.enums import AccountKind, AllocationState, TransferKind
from tenants.compute.errors import (
    AmountNotPositive,
    IdempotencyConflict,
    NotEnoughCredits,
    OutsidePool,
    PoolExhausted,
    PoolNameTaken,
    UnknownResource,
    WrongPeriod,
)
from tenants.compute.models import Allocation, CreditAccount, Pool, Resource, Transfer

from .ledger import (
    Posting,
    demand_manager,
    demand_reason,
    lock_accounts,
    open_account,
    post_transfers,
    system_account,
)
from .policy import demand_two

# Far above a century of the whole centre, and far below the end of a bigint.
MAX_AMOUNT = 10**18


@transaction.atomic
def make_pool(*, name: str, period: Any, capacity_gflop: int, reason: str, actor: Any, now: datetime) -> Pool:
    """Open the pool of a period with `capacity_gflop` whole GFLOP to give away. `period` is a half-open DateRange.

    Raises NotAllowed, ReasonMissing, AmountNotPositive, WrongPeriod, PoolNameTaken, Invalid.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    demand_amount(capacity_gflop, field="capacity_gflop")
    demand_period(period)
    pool = Pool(name=name.strip(), period=period, capacity_gflop=capacity_gflop)
    validate(pool, exclude={"account"})
    pool.account = account = open_account(code=f"pool:{pool.name}", kind=AccountKind.POOL)
    with refusing({"compute_pool_name": PoolNameTaken, "compute_pool_account": PoolNameTaken}):
        pool.save()
    posting = Posting(
        key=f"supply:{pool.name}",
        kind=TransferKind.SUPPLY,
        amount_gflop=capacity_gflop,
        debit=system_account().pk,
        credit=account.pk,
        reason=reason,
        effective_at=now,
    )
    post_transfers([posting], actor=actor, now=now)
    return pool


def grant_credits(
    *,
    company: Company,
    pool: Pool,
    programme: str,
    amount_gflop: int,
    period: Any,
    reason: str,
    actor: Any,
    now: datetime,
    resources: Sequence[str] = (),
    own_share_percent: int = 0,
    key: str | None = None,
    agreed_by: Any = None,
) -> Allocation:
    """Give a company a lot of `amount_gflop` whole GFLOP out of a pool, to be spent in `period` (half-open DateRange,
    within the pool's) on `resources` (codes; none means all).

    With a `key`, the same call again returns the grant that it made the first time. Above the policy's threshold a person
    needs another one, `agreed_by`. Raises NotAllowed, ReasonMissing, AmountNotPositive, TwoPeopleNeeded, WrongPeriod,
    OutsidePool, UnknownResource, PoolExhausted, IdempotencyConflict, Invalid.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    demand_amount(amount_gflop)
    demand_period(period)
    demand_within(pool, period)
    lot = Allocation(
        company=company,
        pool=pool,
        programme=programme.strip(),
        amount_gflop=amount_gflop,
        resources=known_resources(resources),
        period=period,
        own_share_percent=own_share_percent,
        reason=reason,
        granted_by=actor,
        granted_at=now,
    )
    try:
        return _grant(lot, key, actor=actor, agreed_by=agreed_by, now=now)
    except NotEnoughCredits as refusal:
        raise PoolExhausted(left=display.pfh(_left(pool))) from refusal


@transaction.atomic
def _grant(lot: Allocation, known: str | None, *, actor: Any, agreed_by: Any, now: datetime) -> Allocation:
    company, pool, amount_gflop = lot.company, lot.pool, lot.amount_gflop
    key = known or uuid4().hex
    code = f"lot:{key}"
    if known and (made := Allocation.objects.filter(account__code=code).first()) is not None:
        return _same(made, lot)
    # What the pool does not hold the ledger refuses in its own words.
    if actor is not None and amount_gflop <= _left(pool):
        demand_two(amount_gflop, actor=actor, agreed_by=agreed_by, on=timezone.localdate(now))
    validate(lot, exclude={"account", "company", "pool", "granted_by"})
    lot.account = open_account(code=code, kind=AccountKind.LOT, company=company)
    if lot.account.entries:  # somebody came with the same key and was through a moment before
        return _same(Allocation.objects.get(account=lot.account), lot)
    posting = Posting(
        key=f"grant:{key}",
        kind=TransferKind.GRANT,
        amount_gflop=amount_gflop,
        debit=pool.account_id,
        credit=lot.account.pk,
        reason=lot.reason,
        effective_at=now,
        company_id=company.pk,
    )
    lot.save(force_insert=True)
    # Last of all: from here on the others of the pool wait, until the transaction is through.
    codes = {pool.account_id: pool.account.code, lot.account.pk: code}
    post_transfers([posting], actor=actor, now=now, codes=codes, savepoint=False)
    return lot


def _left(pool: Pool) -> int:
    return CreditAccount.objects.values_list("balance_gflop", flat=True).get(pk=pool.account_id)


def _same(made: Allocation, asked: Allocation) -> Allocation:
    """The grant that the key made before. Raises IdempotencyConflict when another was asked for."""
    if _content(made) != _content(asked):
        raise IdempotencyConflict
    return made


@transaction.atomic
def claw_back(
    *,
    allocation: Allocation,
    reason: str,
    actor: Any,
    now: datetime,
    amount_gflop: int | None = None,
    key: str | None = None,
) -> Transfer:
    """Take unused credits of a grant back into its pool: all that is left, or `amount_gflop`. A grant with nothing
    left is closed. `key` names the claw-back for ever: the same one cannot be made twice.

    Raises NotAllowed, ReasonMissing, AmountNotPositive (also where nothing is left), NotEnoughCredits.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    left = lock_accounts([allocation.account_id, allocation.pool.account_id])[
        allocation.account_id
    ].balance_gflop
    amount = left if amount_gflop is None else amount_gflop
    if amount_gflop is None and left == 0:
        raise NotEnoughCredits
    demand_amount(amount)
    posting = Posting(
        key=f"claw-back:{key or uuid4().hex}",
        kind=TransferKind.CLAW_BACK,
        amount_gflop=amount,
        debit=allocation.account_id,
        credit=allocation.pool.account_id,
        reason=reason,
        effective_at=now,
        company_id=allocation.company_id,
    )
    [transfer] = post_transfers([posting], actor=actor, now=now)
    allocation.refresh_from_db(fields=["taken_back_gflop", "state"])
    allocation.taken_back_gflop += amount
    if amount == left:
        allocation.state = AllocationState.CLOSED
    allocation.save(update_fields=["taken_back_gflop", "state", "updated_at"])
    return transfer


def known_resources(codes: Sequence[str]) -> list[str]:
    """The codes in their order, each once. Raises UnknownResource."""
    wanted = sorted(set(codes))
    if not wanted:
        return []
    known = set(Resource.objects.filter(code__in=wanted).values_list("code", flat=True))
    if unknown := [code for code in wanted if code not in known]:
        raise UnknownResource(codes=", ".join(unknown))
    return wanted


def demand_within(pool: Pool, period: Any) -> None:
    """Raises OutsidePool."""
    if not (pool.period.lower <= period.lower and period.upper <= pool.period.upper):
        raise OutsidePool(period=display.period(pool.period))


def _content(lot: Allocation) -> tuple[Any, ...]:
    return (
        lot.company_id,
        lot.pool_id,
        lot.programme,
        lot.amount_gflop,
        list(lot.resources),
        lot.period.lower,
        lot.period.upper,
        lot.own_share_percent,
        lot.reason,
    )


def demand_amount(amount: int, *, field: str = "amount_gflop") -> None:
    if amount <= 0:
        raise AmountNotPositive(field=field)
    if amount > MAX_AMOUNT:
        raise NotEnoughCredits(field=field)


def demand_period(period: Any) -> None:
    if period is None or period.isempty or period.lower is None or period.upper is None:
        raise WrongPeriod
