"""The one door to the ledger: accounts are opened here, transfers posted and reversed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import psycopg
from django.db import connection, transaction

from incubator.common.errors import DomainError, NotAllowed, refusing
from tenants.compute import proof
from tenants.compute.enums import OVERDRAWN_KINDS, AccountKind, AllocationState, TransferKind
from tenants.compute.errors import (
    AlreadyReversed,
    HeldBack,
    IdempotencyConflict,
    NotEnoughCredits,
    NotReversible,
    ReasonMissing,
)
from tenants.compute.models import Allocation, CreditAccount, Transfer
from tenants.compute.proof import GENESIS
from tenants.compute.rules import may_manage_credits

from .following import follow_limits
from .wire import COPY_TRANSFERS, copy_in, copy_transfers

NOT_OVERDRAWN = "compute_account_not_overdrawn"
HELD_BACK = "compute_account_keeps_held"
REVERSED_ONCE = "compute_transfer_reverses"
KEY_ONCE = "compute_transfer_key_once"


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to be: `amount_gflop` whole GFLOP above zero out of account `debit` into account `credit` (ids).

    `key` names it for ever: posting it again changes nothing, posting something else under it is an error.
    """

    key: str
    kind: str
    amount_gflop: int
    debit: int
    credit: int
    reason: str
    effective_at: datetime
    company_id: int | None = None
    usage_posting_id: int | None = None
    usage_digest: str = ""
    reverses_id: int | None = None


def system_account() -> CreditAccount:
    """Where all credits come from: the data centre's compute. Opened when first asked for."""
    return open_account(code="supply", kind=AccountKind.SUPPLY)


def open_account(*, code: str, kind: str, **values: Any) -> CreditAccount:
    """The account of this code, opened empty when there is none. `values` are more of its fields."""
    account = CreditAccount(code=code, kind=kind, may_overdraw=kind in OVERDRAWN_KINDS, **values)
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            [
                code,
                kind,
                account.company_id,
                account.resource_id,
                account.cluster_id,
                account.cluster_account,
                account.may_overdraw,
                GENESIS,
            ],
        )
        opened = cursor.fetchone()
    if opened is None:  # there was one, or somebody else was quicker
        return CreditAccount.objects.get(code=code)
    account.pk, account.opened_at = opened
    return account


def lock_accounts(account_ids: Sequence[int]) -> dict[int, CreditAccount]:
    """The accounts by id, locked until the transaction ends; always in the order of their ids, so that nobody
    waits for somebody who waits for them."""
    locked = (
        CreditAccount.objects.select_for_update(no_key=True).filter(pk__in=set(account_ids)).order_by("pk")
    )
    return {account.pk: account for account in locked}


def post_transfers(
    postings: Sequence[Posting],
    *,
    actor: Any,
    now: datetime,
    overdrawn: type[DomainError] | DomainError = NotEnoughCredits,
    codes: Mapping[int, str] = MappingProxyType({}),
    savepoint: bool = True,
) -> list[Transfer]:
    """Write transfers, all or none, and return them in the order of `postings`; the balances move with them.
    `codes` are those of accounts that the caller has at hand, by id: they never change, and are not read again.

    A key that was posted before with the same content returns what was written then. Raises IdempotencyConflict
    for a key with other content, AlreadyReversed, and `overdrawn` where an account would go below zero that may not.
    Without the `savepoint` a refusal has to leave the caller's own atomic block, as with `refusing`.
    """
    if not postings:
        return []
    if len({posting.key for posting in postings}) != len(postings):
        raise IdempotencyConflict
    refusals = {
        NOT_OVERDRAWN: overdrawn,
        HELD_BACK: HeldBack,
        REVERSED_ONCE: AlreadyReversed,
    }
    with refusing(refusals, savepoint=savepoint):
        hashes, fresh = _insert(postings, actor, now, codes)
    done = {
        posting.key: Transfer(
            pk=fresh[posting.key],
            amount_gflop=posting.amount_gflop,
            debit_id=posting.debit,
            credit_id=posting.credit,
            kind=posting.kind,
            reason=posting.reason[:400],
            actor_id=getattr(actor, "pk", None),
            company_id=posting.company_id,
            usage_posting_id=posting.usage_posting_id,
            reverses_id=posting.reverses_id,
            effective_at=posting.effective_at,
            recorded_at=now,
            idempotency_key=posting.key,
            payload_hash=hashes[posting.key],
        )
        for posting in postings
        if posting.key in fresh
    }
    if len(done) < len(postings):
        for found in Transfer.objects.filter(idempotency_key__in=hashes.keys() - done.keys()):
            if found.payload_hash != hashes[found.idempotency_key]:
                raise IdempotencyConflict
            done[found.idempotency_key] = found
    if fresh:
        follow_limits()
    return [done[posting.key] for posting in postings]


def post_usage(
    postings: Sequence[Posting], *, actor: Any, now: datetime, codes: Mapping[int, str]
) -> Callable[[psycopg.Cursor[Any]], None]:
    """Make transfers of usage ready, any number for one statement, and return what writes them with a cursor of this
    transaction, from any thread. `codes` as of `post_transfers`.

    Their keys hold the digest of what they pay for, so one that was posted before is a fault of the caller: the
    database refuses it, and the writing raises IdempotencyConflict. None of them is a reversal.
    """
    codes = _all_codes(postings, codes)
    hashes = [payload_hash(posting, codes) for posting in postings]
    rows = copy_transfers(postings, hashes, getattr(actor, "pk", None), now)

    def write(cursor: psycopg.Cursor[Any]) -> None:
        try:
            copy_in(cursor, COPY_TRANSFERS, rows)
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name == KEY_ONCE:
                raise IdempotencyConflict from error
            raise

    follow_limits()
    return write


def _insert(
    postings: Sequence[Posting], actor: Any, now: datetime, codes: Mapping[int, str]
) -> tuple[dict[str, str], dict[str, int]]:
    """The payload hashes by key, and the ids of those that were not there before."""
    hashes, parameters = _ready(postings, actor, now, codes)
    with connection.cursor() as cursor:
        cursor.execute(_POST, parameters)
        return hashes, dict(cursor.fetchall())


def _ready(
    postings: Sequence[Posting], actor: Any, now: datetime, codes: Mapping[int, str]
) -> tuple[dict[str, str], list[Any]]:
    """The payload hashes by key, and the parameters of the statement that writes the transfers."""
    codes = _all_codes(postings, codes)
    hashes = {posting.key: payload_hash(posting, codes) for posting in postings}
    rows = [
        {
            "amount_gflop": posting.amount_gflop,
            "debit_id": posting.debit,
            "credit_id": posting.credit,
            "kind": posting.kind,
            "reason": posting.reason[:400],
            "company_id": posting.company_id,
            "usage_posting_id": posting.usage_posting_id,
            "reverses_id": posting.reverses_id,
            "effective_at": posting.effective_at.isoformat(),
            "idempotency_key": posting.key,
            "payload_hash": hashes[posting.key],
        }
        for posting in postings
    ]
    return hashes, [getattr(actor, "pk", None), now, json.dumps(rows, ensure_ascii=False)]


def _all_codes(postings: Sequence[Posting], codes: Mapping[int, str]) -> Mapping[int, str]:
    """`codes`, and those of other accounts of the postings."""
    sides = {posting.debit for posting in postings} | {posting.credit for posting in postings}
    unknown = sides - codes.keys()
    if not unknown:
        return codes
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [list(unknown)])
        return {**codes, **dict(cursor.fetchall())}


_OPEN = """
    INSERT INTO compute_creditaccount (code, kind, company_id, resource_id, cluster_id, cluster_account, may_overdraw,
        head_hash, balance_gflop, held_gflop, entries, opened_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, 0, 0, now()) ON CONFLICT (code) DO NOTHING RETURNING id, opened_at
"""

# No lock: codes never change, and the trigger that moves the balances locks the accounts, in the order of their ids.
_CODES = "SELECT id, code FROM compute_creditaccount WHERE id = ANY (%s)"

_POST = """
    INSERT INTO compute_transfer (actor_id, recorded_at, amount_gflop, debit_id, credit_id, kind, reason, company_id,
        usage_posting_id, reverses_id, effective_at, idempotency_key, payload_hash)
    SELECT %s, %s, * FROM json_to_recordset(%s::json) AS one(amount_gflop bigint, debit_id bigint, credit_id bigint,
        kind text, reason text, company_id bigint, usage_posting_id bigint, reverses_id bigint, effective_at timestamptz,
        idempotency_key text, payload_hash text)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING idempotency_key, id
"""


def payload_hash(posting: Posting, codes: Mapping[int, str]) -> str:
    """SHA-256 over what a transfer says, with accounts by code: the same in every database."""
    return proof.payload_hash(
        posting.key,
        posting.kind,
        posting.amount_gflop,
        codes[posting.debit],
        codes[posting.credit],
        posting.reason[:400],
        posting.effective_at,
        posting.usage_digest,
    )


def demand_reason(reason: str) -> str:
    """The reason without surrounding blanks. Raises ReasonMissing."""
    said = reason.strip()
    if not said:
        raise ReasonMissing
    return said[:400]


def demand_manager(actor: Any) -> None:
    if not may_manage_credits(actor):
        raise NotAllowed


@transaction.atomic
def reverse_transfer(*, transfer: Transfer, reason: str, actor: Any, now: datetime) -> Transfer:
    """Take a transfer back by another one the other way round. A grant whose transfer is reversed is closed.

    Raises NotAllowed, ReasonMissing, NotReversible (usage, or a reversal), AlreadyReversed, NotEnoughCredits (what it
    gave has been spent since).
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    if transfer.kind not in (TransferKind.SUPPLY, TransferKind.GRANT):
        raise NotReversible
    lock_accounts([transfer.debit_id, transfer.credit_id])
    if Transfer.objects.filter(reverses=transfer).exists():
        raise AlreadyReversed
    [reversal] = post_transfers([reversal_of(transfer, reason)], actor=actor, now=now)
    if transfer.kind == TransferKind.GRANT:
        lot = Allocation.objects.get(account_id=transfer.credit_id)
        lot.state, lot.taken_back_gflop = AllocationState.CLOSED, lot.amount_gflop
        lot.save(update_fields=["state", "taken_back_gflop", "updated_at"])
    return reversal


def reversal_of(transfer: Transfer, reason: str) -> Posting:
    """It counts from the same moment as what it takes back, so that the days in between come out right."""
    return Posting(
        key=f"reversal:{transfer.idempotency_key}",
        kind=TransferKind.REVERSAL,
        amount_gflop=transfer.amount_gflop,
        debit=transfer.credit_id,
        credit=transfer.debit_id,
        reason=reason,
        effective_at=transfer.effective_at,
        company_id=transfer.company_id,
        reverses_id=transfer.pk,
    )
