"""Ends before their time: a company asks for one, or the camp gives notice of one."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.periods import days
from tenants.leases.enums import EXTENDABLE_STATES, EndingKind, EndingState, LeaseStep
from tenants.leases.errors import (
    EarlyEndDecided,
    EarlyEndOpen,
    LastDayOutside,
    LastDayOver,
    NotEarlier,
    NoticeTooLong,
    NoticeTooShort,
    NotSigned,
    ReasonMissing,
    SpacePromised,
    day_in_words,
)
from tenants.leases.models import EarlyEnd, Lease
from tenants.leases.rules import may_ask_extension, may_manage_leases
from tenants.leases.selectors.policies import policy_on
from tenants.leases.tasks import tell_company

from .states import close_requests
from .steps import claiming, held, person, record


def _check_day(lease: Lease, last_day: date, today: date) -> None:
    """Raises NotSigned, LastDayOver, LastDayOutside, NotEarlier."""
    if lease.state not in EXTENDABLE_STATES:
        raise NotSigned(state=lease.get_state_display())
    assert lease.first_day
    assert lease.last_day
    if last_day >= lease.last_day:
        raise NotEarlier(last=day_in_words(lease.last_day))
    if last_day < today:
        raise LastDayOver
    if last_day < lease.first_day:
        raise LastDayOutside(first=day_in_words(lease.first_day), last=day_in_words(lease.last_day))


def _saved(ending: EarlyEnd) -> EarlyEnd:
    validate(ending, exclude={"lease", "asked_by", "decided_by", "decided_at", "lasted_until"})
    with refusing({"leases_one_early_end": EarlyEndOpen}):
        ending.save()
    return ending


@transaction.atomic
def ask_early_end(*, lease: Lease, last_day: date, reason: str, actor: Any, now: datetime) -> EarlyEnd:
    """The company would leave after `last_day`; a manager decides.

    Raises NotSigned, LastDayOver, LastDayOutside, NotEarlier, ReasonMissing, EarlyEndOpen.
    """
    if not may_ask_extension(actor, lease):
        raise NotAllowed
    _check_day(lease, last_day, timezone.localdate(now))
    if not reason.strip():
        raise ReasonMissing
    return _saved(
        EarlyEnd(
            lease=lease,
            kind=EndingKind.ASKED,
            last_day=last_day,
            reason=reason.strip(),
            asked_by=person(actor),
            asked_at=now,
        )
    )


def _cut(
    lease: Lease, ending: EarlyEnd, step: LeaseStep, *, actor: Any, now: datetime, reason: str
) -> EarlyEnd:
    """Let the lease, held by this transaction, run until the ending's last day: from then on the space is free."""
    assert lease.first_day
    ending.state, ending.lasted_until = EndingState.AGREED, lease.last_day
    ending.decided_at, ending.decided_by = now, person(actor)
    _saved(ending)
    lease.period = days(lease.first_day, ending.last_day)
    with claiming(lease):
        lease.save(update_fields=["period", "updated_at"])
    close_requests(lease, actor=actor, now=now)
    record(lease, step=step, from_state=lease.state, actor=actor, now=now, reason=reason)
    tell_company(ending)
    return ending


def _held_ending(ending: EarlyEnd, state: EndingState) -> tuple[Lease, EarlyEnd]:
    """Its lease and it, as they are now, held by this transaction. Raises EarlyEndDecided."""
    lease = held(ending.lease)
    ending = EarlyEnd.objects.select_for_update(no_key=True).get(pk=ending.pk)
    if ending.state != state:
        raise EarlyEndDecided
    return lease, ending


@transaction.atomic
def agree_early_end(*, ending: EarlyEnd, reason: str = "", actor: Any, now: datetime) -> EarlyEnd:
    """The lease ends as the company asked. Raises EarlyEndDecided, NotSigned, LastDayOver, NotEarlier."""
    if not may_manage_leases(actor):
        raise NotAllowed
    lease, ending = _held_ending(ending, EndingState.OPEN)
    _check_day(lease, ending.last_day, timezone.localdate(now))
    ending.decision_reason = reason.strip()
    return _cut(lease, ending, LeaseStep.END_AGREED, actor=actor, now=now, reason=reason)


@transaction.atomic
def refuse_early_end(*, ending: EarlyEnd, reason: str, actor: Any, now: datetime) -> EarlyEnd:
    """Refuse, with a reason that the company reads. Raises ReasonMissing, EarlyEndDecided."""
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    _lease, ending = _held_ending(ending, EndingState.OPEN)
    ending.state, ending.decision_reason = EndingState.REFUSED, reason.strip()
    ending.decided_at, ending.decided_by = now, person(actor)
    return _saved(ending)


@transaction.atomic
def withdraw_early_end(*, ending: EarlyEnd, actor: Any, now: datetime) -> EarlyEnd:
    """The company takes back what it asked, before it is decided. Raises EarlyEndDecided."""
    if not may_ask_extension(actor, ending.lease):
        raise NotAllowed
    changed = EarlyEnd.objects.filter(pk=ending.pk, kind=EndingKind.ASKED, state=EndingState.OPEN).update(
        state=EndingState.WITHDRAWN, decided_at=now, decided_by=person(actor), updated_at=now
    )
    if not changed:
        raise EarlyEndDecided
    ending.refresh_from_db()
    return ending


@transaction.atomic
def give_notice(*, lease: Lease, last_day: date, reason: str, actor: Any, now: datetime) -> EarlyEnd:
    """Terminate with notice: the lease runs until `last_day` and is terminated then. The company is told by mail.

    Raises ReasonMissing, NotSigned, LastDayOutside, NotEarlier, EarlyEndOpen (what the company has asked is decided first),
    and for a rule of today that it breaks NoticeTooShort, NoticeTooLong.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    lease, today = held(lease), timezone.localdate(now)
    _check_day(lease, last_day, today)
    policy = policy_on(today)
    earliest = today + timedelta(days=policy.notice_days)
    latest = today + timedelta(days=policy.longest_notice_days)
    if last_day < earliest:
        raise NoticeTooShort(days=policy.notice_days, earliest=day_in_words(earliest), source=policy.source)
    if last_day > latest:
        raise NoticeTooLong(
            days=policy.longest_notice_days, latest=day_in_words(latest), source=policy.source
        )
    ending = EarlyEnd(
        lease=lease,
        kind=EndingKind.NOTICE,
        last_day=last_day,
        reason=reason.strip(),
        asked_by=person(actor),
        asked_at=now,
    )
    return _cut(lease, ending, LeaseStep.NOTICE, actor=actor, now=now, reason=reason[:400])


@transaction.atomic
def take_back_early_end(*, ending: EarlyEnd, reason: str, actor: Any, now: datetime) -> EarlyEnd:
    """The lease runs as long as before, because the notice or the agreed end is taken back in time.

    Raises ReasonMissing, EarlyEndDecided, SpacePromised (the days are another company's by now).
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    lease, ending = _held_ending(ending, EndingState.AGREED)
    if lease.state not in EXTENDABLE_STATES:
        raise EarlyEndDecided
    assert lease.first_day
    lease.period = days(lease.first_day, ending.lasted_until)
    with claiming(lease, SpacePromised):
        lease.save(update_fields=["period", "updated_at"])
    ending.state, ending.decision_reason = EndingState.WITHDRAWN, reason.strip()
    ending.decided_at, ending.decided_by = now, person(actor)
    _saved(ending)
    record(lease, step=LeaseStep.NOTICE_BACK, from_state=lease.state, actor=actor, now=now, reason=reason)
    tell_company(ending)
    return ending
