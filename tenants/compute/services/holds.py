"""Credits kept aside for a while, jobs of which nothing is heard any more, and debts paid from grants."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from incubator.common.errors import refusing
from tenants.compute.enums import AccountKind, HoldOutcome, TransferKind
from tenants.compute.errors import (
    AlreadyResolved,
    AmountNotPositive,
    HoldTooLong,
    IdempotencyConflict,
    NotEnoughCredits,
)
from tenants.compute.models import Allocation, CreditAccount, CreditHold, JobHold, Transfer

from .ledger import Posting, demand_manager, demand_reason, lock_accounts, post_transfers

LONGEST_HOLD = timedelta(days=30)
# A running job is in every reading of the scheduler: one that has not been for a week, beyond any limit, is gone.
SILENT_JOB = timedelta(days=7)


@transaction.atomic
def place_hold(
    *,
    allocation: Allocation,
    amount_gflop: int,
    until: datetime,
    reason: str,
    actor: Any,
    now: datetime,
    key: str | None = None,
) -> CreditHold:
    """Keep `amount_gflop` of a grant aside until a time, at most LONGEST_HOLD away: no claw-back, move or return takes
    them. Usage is paid for all the same. With a `key`, the same call again returns the hold it made first.

    Raises NotAllowed, ReasonMissing, AmountNotPositive, HoldTooLong, NotEnoughCredits, IdempotencyConflict.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    if amount_gflop <= 0:
        raise AmountNotPositive
    if not now < until <= now + LONGEST_HOLD:
        raise HoldTooLong(days=LONGEST_HOLD.days)
    key = key or uuid4().hex
    lock_accounts([allocation.account_id])
    made = CreditHold.objects.filter(key=key).first()
    if made is not None:
        if (made.account_id, made.amount_gflop) != (allocation.account_id, amount_gflop):
            raise IdempotencyConflict
        return made
    with refusing({"compute_credithold_within_balance": NotEnoughCredits}):
        return CreditHold.objects.create(
            key=key,
            account_id=allocation.account_id,
            company_id=allocation.company_id,
            amount_gflop=amount_gflop,
            reason=reason,
            placed_by=actor if getattr(actor, "pk", None) else None,
            placed_at=now,
            expires_at=until,
        )


@transaction.atomic
def release_hold(*, hold: CreditHold, actor: Any, now: datetime) -> CreditHold:
    """Let go of held credits before their time. Raises NotAllowed, AlreadyResolved."""
    demand_manager(actor)
    lock_accounts([hold.account_id])
    resolved = CreditHold.objects.filter(pk=hold.pk, outcome=HoldOutcome.OPEN).update(
        outcome=HoldOutcome.RELEASED, resolved_at=now
    )
    if not resolved:
        raise AlreadyResolved
    hold.refresh_from_db()
    return hold


@transaction.atomic
def expire_holds(*, now: datetime) -> int:
    """Time out the holds whose time is over, and those of jobs of which nothing was heard for long; how many."""
    over = CreditHold.objects.filter(outcome=HoldOutcome.OPEN, expires_at__lte=now)
    lock_accounts(list(over.values_list("account_id", flat=True)))
    expired = over.update(outcome=HoldOutcome.EXPIRED, resolved_at=now)
    silent = JobHold.objects.filter(resolved_at__isnull=True, as_of__lt=now - SILENT_JOB)
    return expired + silent.update(resolved_at=now, timed_out=True)


@transaction.atomic
def settle_debt(
    *, allocation: Allocation, reason: str, actor: Any, now: datetime, amount_gflop: int | None = None
) -> Transfer:
    """Pay what the company used beyond its grants out of a grant: all that the two allow, or `amount_gflop`.

    Raises NotAllowed, ReasonMissing, AmountNotPositive (also where there is no debt), NotEnoughCredits, HeldBack.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    debt = CreditAccount.objects.filter(company_id=allocation.company_id, kind=AccountKind.DEBT).first()
    if debt is None:
        raise AmountNotPositive
    accounts = lock_accounts([allocation.account_id, debt.pk])
    lot, owed = accounts[allocation.account_id], -accounts[debt.pk].balance_gflop
    amount = min(lot.balance_gflop - lot.held_gflop, owed) if amount_gflop is None else amount_gflop
    if amount <= 0:
        raise AmountNotPositive
    if amount > owed:
        raise NotEnoughCredits
    posting = Posting(
        key=f"settlement:{uuid4().hex}",
        kind=TransferKind.SETTLEMENT,
        amount_gflop=amount,
        debit=lot.pk,
        credit=debt.pk,
        reason=reason,
        effective_at=now,
        company_id=allocation.company_id,
    )
    return post_transfers([posting], actor=actor, now=now)[0]


def undo_settlements(*, company_ids: Collection[int], actor: Any, now: datetime) -> None:
    """Where a correction has made a settled debt smaller than what was paid for it, the rest goes back to the grants that
    paid, those that end last first. Within the caller's transaction and usage lock."""
    for debt in CreditAccount.objects.filter(
        company__in=company_ids, kind=AccountKind.DEBT, balance_gflop__gt=0
    ).order_by("pk"):
        paid: dict[int, int] = defaultdict(int)
        settlements = Transfer.objects.filter(kind=TransferKind.SETTLEMENT)
        for lot_id, amount in settlements.filter(credit=debt).values_list("debit_id", "amount_gflop"):
            paid[lot_id] += amount
        for lot_id, amount in settlements.filter(debit=debt).values_list("credit_id", "amount_gflop"):
            paid[lot_id] -= amount
        due = debt.balance_gflop
        lots = Allocation.objects.filter(account__in=paid).order_by("-period__endswith", "-account_id")
        postings = []
        for lot in lots:
            part = min(due, paid[lot.account_id])
            due -= part
            if part:
                postings.append(
                    Posting(
                        key=f"unsettled:{debt.head_hash[:32]}:{lot.account_id}",
                        kind=TransferKind.SETTLEMENT,
                        amount_gflop=part,
                        debit=debt.pk,
                        credit=lot.account_id,
                        reason="corrected usage",
                        effective_at=now,
                        company_id=debt.company_id,
                    )
                )
        post_transfers(postings, actor=actor, now=now)
