"""The published rule: a grant that is used far less than planned gives a part of the rest back, after notice."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.translation import gettext

from incubator.common import display
from incubator.common.errors import NotAllowed, validate
from tenants.compute import selectors
from tenants.compute.enums import AllocationState, MailEvent, NoticeState
from tenants.compute.errors import (
    DeadlineNotPassed,
    DeadlinePassed,
    ExemptionAsked,
    ExemptionWaits,
    NoExemptionAsked,
    NoticeResolved,
    ReasonMissing,
)
from tenants.compute.models import Allocation, ClawBackNotice, CreditAccount, GrantPolicy, PlannedUse
from tenants.compute.planning import Shortfall, checkpoints, evenly, planned_until, shortfall
from tenants.compute.rules import may_ask_for

from .grants import claw_back
from .ledger import demand_manager, demand_reason
from .lots import locked_lots, spare
from .mails import tell_members

_LIVE = (NoticeState.OPEN, NoticeState.EXEMPTION_ASKED)


@transaction.atomic
def review_lots(*, now: datetime) -> int:
    """Announce the claw-backs that the rules ask for today, and carry out those whose deadline is over where the rules
    leave that to the system. Each checkpoint of a grant once; returns how many notices were sent or carried out."""
    today = timezone.localdate(now)
    return _carry_out_due(today, now) + _announce(today, now)


def _announce(today: date, now: datetime) -> int:
    live = ClawBackNotice.objects.filter(lot=OuterRef("pk"), state__in=_LIVE)
    running = Allocation.objects.filter(
        ~Exists(live),
        state=AllocationState.ACTIVE,
        period__contains=today,
        account__balance_gflop__gt=0,
    ).select_related("pool", "request")
    policy = selectors.requests.policy_on(today)
    due = {lot: day for lot in running if (day := _checkpoint(lot, policy, today)) is not None}
    known = set(ClawBackNotice.objects.filter(lot__in=due).values_list("lot_id", "checkpoint"))
    due = {lot: day for lot, day in due.items() if (lot.pk, day) not in known}
    if not due:
        return 0
    lots, accounts = locked_lots(list(due))
    plans = _plans(list(due))
    # Another run may have been quicker to the locks.
    known = set(ClawBackNotice.objects.filter(lot__in=due).values_list("lot_id", "checkpoint"))
    made = 0
    for lot, checkpoint in due.items():
        now_lot = lots[lot.pk]
        if (lot.pk, checkpoint) in known or now_lot.state != AllocationState.ACTIVE:
            continue
        found = _measure(now_lot, accounts[lot.account_id], plans.get(lot.pk), checkpoint, policy)
        if found.take <= 0:
            continue
        notice = ClawBackNotice.objects.create(
            lot=now_lot,
            company_id=lot.company_id,
            policy=policy,
            checkpoint=checkpoint,
            planned_gflop=found.planned,
            used_gflop=found.used,
            proposed_gflop=found.take,
            sent_at=now,
            deadline=today + timedelta(days=policy.notice_days),
        )
        tell_members(MailEvent.NOTICE_SENT, notice.pk, lot.company_id, now=now)
        made += 1
    return made


def _checkpoint(lot: Allocation, policy: GrantPolicy, today: date) -> date | None:
    """The latest checkpoint whose usage has settled, unless the grant ends before a notice would run out."""
    if today + timedelta(days=policy.notice_days) >= lot.period.upper:
        return None
    settled = today - timedelta(days=policy.settle_days)
    passed = [
        day
        for day in checkpoints(lot.period.lower, lot.period.upper, policy.review_months)
        if policy.starts_on <= day <= settled
    ]
    return passed[-1] if passed else None


def _plans(lots: list[Allocation]) -> dict[int, list[tuple[date, int]]]:
    """The plans of those lots that were asked for, by lot."""
    plans: dict[int, list[tuple[date, int]]] = {}
    rows = PlannedUse.objects.filter(request__allocation__in=lots).order_by("month")
    for lot_id, month, gflop in rows.values_list("request__allocation_id", "month", "gflop"):
        plans.setdefault(lot_id, []).append((month, gflop))
    return plans


def _measure(
    lot: Allocation,
    account: CreditAccount,
    plan: list[tuple[date, int]] | None,
    checkpoint: date,
    policy: GrantPolicy,
) -> Shortfall:
    """Use until now against what was planned before the checkpoint, in proportion to what the grant holds now: what was
    taken back, moved, or not granted of what was asked for is no longer planned. Without a plan each day counts the same."""
    first, end = lot.period.lower, lot.period.upper
    kept = lot.net_gflop
    whole = plan or evenly(kept, first, end)
    total = sum(gflop for _month, gflop in whole)
    planned = planned_until(whole, first, end, checkpoint) * kept // total if total else 0
    return shortfall(
        planned=planned,
        used=kept - account.balance_gflop,
        least_percent=policy.least_used_percent,
        take_percent=policy.take_percent,
        spare=spare(account),
    )


def _locked(notice: ClawBackNotice) -> ClawBackNotice:
    """Raises NoticeResolved."""
    found = (
        ClawBackNotice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lot__pool", "policy")
        .get(pk=notice.pk)
    )
    if not found.is_live:
        raise NoticeResolved
    return found


@transaction.atomic
def ask_exemption(*, notice: ClawBackNotice, reason: str, actor: Any, now: datetime) -> ClawBackNotice:
    """The company asks that nothing is taken back, until and on the deadline, once.

    Raises NotAllowed, ReasonMissing, NoticeResolved, ExemptionAsked, DeadlinePassed, Invalid.
    """
    if not may_ask_for(actor, notice.company_id):
        raise NotAllowed
    said = reason.strip()
    if not said:
        raise ReasonMissing
    notice.refresh_from_db()
    if not notice.is_live:
        raise NoticeResolved
    if notice.asked_at is not None:
        raise ExemptionAsked
    if timezone.localdate(now) > notice.deadline:
        raise DeadlinePassed(day=display.day(notice.deadline))
    notice.exemption_reason = said
    validate(notice, exclude={"lot", "company", "policy", "asked_by", "resolved_by"})
    # One statement: a company's role may change these columns of a live notice and no more.
    changed = ClawBackNotice.objects.filter(
        pk=notice.pk, state=NoticeState.OPEN, asked_at=None, answered_at=None
    ).update(
        state=NoticeState.EXEMPTION_ASKED,
        exemption_reason=said,
        asked_by=actor,
        asked_at=now,
        updated_at=now,
    )
    if not changed:
        raise NoticeResolved
    notice.refresh_from_db()
    return notice


@transaction.atomic
def decide_exemption(
    *, notice: ClawBackNotice, exempt: bool, reason: str, actor: Any, now: datetime
) -> ClawBackNotice:
    """Let the company keep its credits, or not; refused, the notice stands with its deadline.

    Raises NotAllowed, ReasonMissing, NoticeResolved, NoExemptionAsked.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    notice = _locked(notice)
    if notice.state != NoticeState.EXEMPTION_ASKED:
        raise NoExemptionAsked
    notice.answer, notice.answered_at = reason, now
    notice.state = NoticeState.EXEMPTED if exempt else NoticeState.OPEN
    if exempt:
        notice.resolved_at, notice.resolved_by = now, actor
    notice.save()
    tell_members(MailEvent.EXEMPTION_DECIDED, notice.pk, notice.company_id, now=now)
    return notice


@transaction.atomic
def cancel_notice(*, notice: ClawBackNotice, reason: str, actor: Any, now: datetime) -> ClawBackNotice:
    """Take a notice back. Raises NotAllowed, ReasonMissing, NoticeResolved."""
    demand_manager(actor)
    reason = demand_reason(reason)
    notice = _locked(notice)
    notice.state, notice.resolution = NoticeState.CANCELLED, reason
    notice.resolved_at, notice.resolved_by = now, actor
    notice.save()
    return notice


@transaction.atomic
def carry_out_notice(*, notice: ClawBackNotice, reason: str, actor: Any, now: datetime) -> ClawBackNotice:
    """Take back what was announced, less what the company's use since then has saved; never what is held.

    Where nothing is left to take, the notice comes back CANCELLED. Raises NotAllowed, ReasonMissing, NoticeResolved,
    ExemptionWaits, DeadlineNotPassed.
    """
    demand_manager(actor)
    reason = demand_reason(reason)
    lots, accounts = locked_lots([notice.lot])
    notice = _locked(notice)
    if notice.state == NoticeState.EXEMPTION_ASKED:
        raise ExemptionWaits
    if timezone.localdate(now) <= notice.deadline:
        raise DeadlineNotPassed(day=display.day(notice.deadline))
    lot = lots[notice.lot_id]
    account = accounts[lot.account_id]
    found = _measure(lot, account, _plans([lot]).get(lot.pk), notice.checkpoint, notice.policy)
    amount = min(found.take, notice.proposed_gflop)
    notice.resolved_at, notice.resolved_by, notice.resolution = now, actor, reason
    if amount <= 0:
        notice.state = NoticeState.CANCELLED
        notice.save()
        return notice
    claw_back(
        allocation=lot, amount_gflop=amount, reason=reason, actor=actor, now=now, key=f"notice:{notice.pk}"
    )
    notice.state, notice.taken_gflop = NoticeState.CARRIED_OUT, amount
    notice.save()
    tell_members(MailEvent.CARRIED_OUT, notice.pk, notice.company_id, now=now)
    return notice


def _carry_out_due(today: date, now: datetime) -> int:
    over = ClawBackNotice.objects.filter(state=NoticeState.OPEN, deadline__lt=today, policy__automatic=True)
    lots = [notice.lot for notice in over.select_related("lot__pool")]
    if not lots:
        return 0
    # All at once: one after the other they could wait for an import that waits for them. Then anew: another run may
    # have been quicker to the locks.
    locked_lots(lots)
    due = list(over.filter(lot__in=lots).select_related("lot__pool").order_by("pk"))
    with translation.override("ko"):
        reason = gettext("Taken back by the rules for credits.")
    for notice in due:
        carry_out_notice(notice=notice, reason=reason, actor=None, now=now)
    return len(due)
