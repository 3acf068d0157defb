"""The end of a grant: warned of twice, then what is left returns to its pool, never before."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext

from tenants.compute import selectors
from tenants.compute.enums import AllocationState, MailEvent, TransferKind, WarningKind
from tenants.compute.models import Allocation, GrantPolicy, LotWarning, Transfer

from .ledger import Posting, demand_manager, post_transfers
from .lots import locked_lots, spare
from .mails import tell_members


@transaction.atomic
def warn_of_ends(*, now: datetime) -> int:
    """Warn the members of companies whose grants end soon with credits left. Each warning once; of a grant one a run, the
    first before the last; returns how many were made.

    A warning that was due while nothing ran is made late: expiry waits for it.
    """
    today = timezone.localdate(now)
    policy = selectors.requests.policy_on(today)
    horizon = today + timedelta(days=max(policy.early_warning_days, policy.late_warning_days))
    ending = Allocation.objects.filter(period__endswith__lte=horizon, account__balance_gflop__gt=0)
    ids = [lot.pk for lot in _with_warnings(ending) if _due(lot, policy, today)]
    made = 0
    # Locked one after the other in their order, so that of two runs at once the second finds the warnings of the first.
    for lot in _with_warnings(Allocation.objects.filter(pk__in=ids)).select_for_update(
        no_key=True, of=("self",)
    ):
        kind = _due(lot, policy, today)
        if kind is None or LotWarning.objects.filter(lot=lot, kind=kind, ends_on=lot.period.upper).exists():
            continue
        warning = LotWarning.objects.create(
            lot=lot,
            company_id=lot.company_id,
            kind=kind,
            ends_on=lot.period.upper,
            left_gflop=lot.account.balance_gflop,
            made_at=now,
        )
        tell_members(MailEvent.LOT_WARNING, warning.pk, lot.company_id, now=now)
        made += 1
    return made


def _with_warnings(lots: QuerySet[Allocation]) -> Any:
    """Each with `early_made`, `early_sent`, `late_made` and `late_sent`: when the warnings of its present end were."""
    of_end = LotWarning.objects.filter(lot=OuterRef("pk"), ends_on=OuterRef("period__endswith"))
    columns: dict[str, Any] = {
        f"{kind}_{column.removesuffix('_at')}": Subquery(of_end.filter(kind=kind).values(column)[:1])
        for kind in WarningKind.values
        for column in ("made_at", "sent_at")
    }
    return lots.select_related("account", "pool").annotate(**columns).order_by("pk")


def _wants_early(lot: Any, policy: GrantPolicy) -> bool:
    """Not of a grant that was made, or extended, when the first warning's day was over already."""
    day = lot.period.upper - timedelta(days=policy.early_warning_days)
    return timezone.localdate(lot.granted_at) < day


def _due(lot: Any, policy: GrantPolicy, today: date) -> str | None:
    """The warning that is to be made today, None for none."""
    end = lot.period.upper
    late_day = end - timedelta(days=policy.late_warning_days)
    early_day = end - timedelta(days=policy.early_warning_days)
    if lot.early_made is None and today >= early_day and _wants_early(lot, policy) and not lot.late_made:
        return WarningKind.EARLY
    if lot.late_made is None and today >= late_day:
        return WarningKind.LATE
    return None


def _may_expire(lot: Any, policy: GrantPolicy, today: date) -> bool:
    """The end is over, late usage has had its time, and the company was told in time: by both warnings, the last of which
    went out so many days ago as it should come before the end."""
    if today < lot.period.upper + timedelta(days=policy.settle_days):
        return False
    if lot.late_sent is None or (_wants_early(lot, policy) and lot.early_sent is None):
        return False
    return timezone.localdate(lot.late_sent) + timedelta(days=policy.late_warning_days) <= today


@transaction.atomic
def expire_lots(*, actor: Any, now: datetime) -> list[Transfer]:
    """Return to their pools what grants have left whose period is over, after warnings and the settle days; close them.

    What later corrections give back to a closed grant returns in the same way. Raises NotAllowed.
    """
    demand_manager(actor)
    today = timezone.localdate(now)
    policy = selectors.requests.policy_on(today)
    settled = today - timedelta(days=policy.settle_days)
    over = Allocation.objects.filter(period__endswith__lte=settled)
    _close_empty(over, now)
    due = [
        lot
        for lot in _with_warnings(over.filter(account__balance_gflop__gt=0))
        if _may_expire(lot, policy, today)
    ]
    if not due:
        return []
    lots, accounts = locked_lots(due)
    returned = {lot.pk: spare(accounts[lot.account_id]) for lot in lots.values()}
    before = Counter(
        Transfer.objects.filter(
            kind=TransferKind.EXPIRY, debit_id__in=[lot.account_id for lot in due]
        ).values_list("debit_id", flat=True)
    )
    with translation.override("ko"):
        reason = gettext("The period of the grant is over.")
    postings = [
        Posting(
            key=f"expiry:{lot.pk}" + (f":{before[lot.account_id] + 1}" if before[lot.account_id] else ""),
            kind=TransferKind.EXPIRY,
            amount_gflop=returned[lot.pk],
            debit=lot.account_id,
            credit=lot.pool.account_id,
            reason=reason,
            effective_at=now,
            company_id=lot.company_id,
        )
        for lot in lots.values()
        # Extended, or emptied by another run, between looking and locking.
        if returned[lot.pk] > 0 and lot.period.upper <= settled
    ]
    by_account = {lot.account_id: lot for lot in lots.values()}
    transfers = post_transfers(postings, actor=actor, now=now)
    for transfer in transfers:
        lot = by_account[transfer.debit_id]
        lot.taken_back_gflop += transfer.amount_gflop
        if transfer.amount_gflop == accounts[lot.account_id].balance_gflop:
            lot.state = AllocationState.CLOSED
        lot.save(update_fields=["taken_back_gflop", "state", "updated_at"])
    return transfers


def _close_empty(over: QuerySet[Allocation], now: datetime) -> None:
    """Nothing is lost with a grant that was used up: it needs no warning."""
    empty = over.filter(Q(state=AllocationState.ACTIVE) & Q(account__balance_gflop=0))
    Allocation.objects.filter(pk__in=empty.values("pk")).update(state=AllocationState.CLOSED, updated_at=now)
