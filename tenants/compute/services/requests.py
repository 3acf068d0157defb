"""A company asks for credits; managers decide, two of them where much is asked for."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common import display
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.companies.models import Company
from tenants.compute.enums import MailEvent, RequestState
from tenants.compute.errors import (
    IdempotencyConflict,
    MoreThanAsked,
    OwnRequest,
    PeriodOver,
    PeriodTooLong,
    PlanDoesNotAddUp,
    PlanOutsidePeriod,
    ReasonMissing,
    RequestDecided,
    SamePerson,
    WrongPeriod,
)
from tenants.compute.models import GrantRequest, PlannedUse, Pool
from tenants.compute.planning import MAX_MONTHS, evenly, months_of
from tenants.compute.rules import may_ask_for

from .grants import demand_amount, demand_period, demand_within, grant_credits, known_resources
from .ledger import demand_manager, demand_reason
from .mails import tell_members
from .policy import needs_two

ONCE = "compute_request_once"


class _AskedBefore(IdempotencyConflict):
    """The same key was used in the moment between looking and writing."""


@transaction.atomic
def ask_for_credits(
    *,
    company: Company,
    project: str,
    description: str,
    amount_gflop: int,
    period: Any,
    reason: str,
    actor: Any,
    now: datetime,
    key: str,
    plan: Mapping[date, int] | None = None,
    resources: Sequence[str] = (),
    own_share_percent: int = 0,
) -> GrantRequest:
    """Ask for `amount_gflop` whole GFLOP in `period` (half-open DateRange). `plan` has an amount for each calendar month of
    it, by the month's first day; None plans the same for each day.

    The same `key` again returns the request that it made the first time. Raises NotAllowed, ReasonMissing,
    AmountNotPositive, WrongPeriod, PeriodTooLong, PeriodOver, PlanOutsidePeriod, PlanDoesNotAddUp, UnknownResource,
    IdempotencyConflict, Invalid.
    """
    if not may_ask_for(actor, company.pk):
        raise NotAllowed
    asked = GrantRequest(
        company=company,
        key=key,
        project=project.strip(),
        description=description.strip(),
        resources=known_resources(resources),
        amount_gflop=amount_gflop,
        period=period,
        own_share_percent=own_share_percent,
        reason=reason.strip(),
        asked_by=actor,
        asked_at=now,
    )
    if not asked.reason:
        raise ReasonMissing
    demand_amount(amount_gflop)
    _demand_askable(period, timezone.localdate(now))
    months = _checked_plan(plan, amount_gflop, period)
    if (made := _asked_before(asked, months)) is not None:
        return made
    validate(asked, exclude={"company", "asked_by"})
    try:
        with refusing({ONCE: _AskedBefore}):
            asked.save()
    except _AskedBefore:
        made = _asked_before(asked, months)
        if made is None:
            raise
        return made
    PlannedUse.objects.bulk_create(
        PlannedUse(request=asked, month=month, gflop=gflop) for month, gflop in months
    )
    return asked


def _demand_askable(period: Any, today: date) -> None:
    demand_period(period)
    if period.upper <= period.lower:
        raise WrongPeriod
    if period.upper <= today:
        raise PeriodOver
    if len(months_of(period.lower, period.upper)) > MAX_MONTHS:
        raise PeriodTooLong


def _checked_plan(plan: Mapping[date, int] | None, amount: int, period: Any) -> list[tuple[date, int]]:
    if plan is None:
        return evenly(amount, period.lower, period.upper)
    months = sorted(plan.items())
    if [month for month, _gflop in months] != months_of(period.lower, period.upper):
        raise PlanOutsidePeriod
    planned = sum(gflop for _month, gflop in months)
    if planned != amount or any(gflop < 0 for _month, gflop in months):
        raise PlanDoesNotAddUp(planned=display.pfh(planned), asked=display.pfh(amount))
    return months


def _asked_before(asked: GrantRequest, months: list[tuple[date, int]]) -> GrantRequest | None:
    """What was asked under this key before. Raises IdempotencyConflict where that was something else."""
    made = GrantRequest.objects.filter(company_id=asked.company_id, key=asked.key).first()
    if made is None:
        return None
    same = _content(made) == _content(asked)
    if not same or list(made.plan.values_list("month", "gflop")) != months:
        raise IdempotencyConflict
    return made


def _content(asked: GrantRequest) -> tuple[Any, ...]:
    return (
        asked.project,
        asked.description,
        list(asked.resources),
        asked.amount_gflop,
        asked.period.lower,
        asked.period.upper,
        asked.own_share_percent,
        asked.reason,
    )


@transaction.atomic
def withdraw_request(*, request: GrantRequest, actor: Any, now: datetime) -> GrantRequest:
    """Take a request back that is not decided. Raises NotAllowed, RequestDecided."""
    if not may_ask_for(actor, request.company_id):
        raise NotAllowed
    changed = GrantRequest.objects.filter(
        pk=request.pk, state__in=[RequestState.ASKED, RequestState.AGREED]
    ).update(state=RequestState.WITHDRAWN, decided_by=actor, decided_at=now, updated_at=now)
    if not changed:
        raise RequestDecided
    request.refresh_from_db()
    return request


def locked_request(request: GrantRequest) -> GrantRequest:
    """The request as it is now, locked until the transaction ends: one decides, the others see what was decided."""
    return GrantRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request.pk)


def _for_decision(request: GrantRequest, actor: Any) -> GrantRequest:
    """Raises NotAllowed, RequestDecided, OwnRequest."""
    demand_manager(actor)
    found = locked_request(request)
    if not found.is_open:
        raise RequestDecided
    if actor is not None and found.asked_by_id == actor.pk:
        raise OwnRequest
    return found


@transaction.atomic
def decline_request(*, request: GrantRequest, reason: str, actor: Any, now: datetime) -> GrantRequest:
    """Give nothing, with a reason that the company reads. Raises NotAllowed, ReasonMissing, RequestDecided, OwnRequest."""
    reason = demand_reason(reason)
    request = _for_decision(request, actor)
    request.state, request.decision_reason = RequestState.DECLINED, reason
    request.decided_by, request.decided_at = actor, now
    request.save(update_fields=["state", "decision_reason", "decided_by", "decided_at", "updated_at"])
    tell_members(MailEvent.REQUEST_DECIDED, request.pk, request.company_id, now=now)
    return request


@transaction.atomic
def agree_to_request(
    *,
    request: GrantRequest,
    pool: Pool,
    amount_gflop: int,
    period: Any,
    programme: str,
    reason: str,
    actor: Any,
    now: datetime,
) -> GrantRequest:
    """Grant a request, all of it or less, out of `pool` for `period` (half-open DateRange, within the pool's).

    Above the policy's threshold the first person's terms wait for another one who agrees to the same; other terms take their
    place and wait in turn. The request comes back AGREED or GRANTED. Raises NotAllowed, ReasonMissing, AmountNotPositive,
    MoreThanAsked, WrongPeriod, OutsidePool, PoolExhausted, RequestDecided, OwnRequest, SamePerson, Invalid.
    """
    reason = demand_reason(reason)
    demand_amount(amount_gflop)
    demand_period(period)
    demand_within(pool, period)
    request = _for_decision(request, actor)
    if amount_gflop > request.amount_gflop:
        raise MoreThanAsked(asked=display.pfh(request.amount_gflop))
    terms = (pool.pk, amount_gflop, period.lower, period.upper, programme.strip())
    same_terms = request.state == RequestState.AGREED and terms == _terms(request)
    two = needs_two(amount_gflop, timezone.localdate(now))
    if two and actor is None:
        raise NotAllowed
    if same_terms and two and request.agreed_by_id == actor.pk:
        raise SamePerson
    if not same_terms:
        _propose(request, pool, amount_gflop, period, programme.strip(), two=two)
        request.agreed_by, request.agreed_at, request.agreed_reason = None, None, ""
    validate(request, exclude={"company", "asked_by", "agreed_by", "decided_by", "pool", "allocation"})
    if two and not same_terms:
        request.state = RequestState.AGREED
        request.agreed_by, request.agreed_at, request.agreed_reason = actor, now, reason
        request.save()
        return request
    request.needs_two = two
    request.allocation = grant_credits(
        company=request.company,
        pool=pool,
        programme=request.programme,
        amount_gflop=amount_gflop,
        period=period,
        resources=request.resources,
        own_share_percent=request.own_share_percent,
        reason=reason,
        actor=actor,
        now=now,
        key=f"request:{request.pk}",
        agreed_by=request.agreed_by,
    )
    request.state, request.decision_reason = RequestState.GRANTED, reason
    request.decided_by, request.decided_at = actor, now
    with refusing({"compute_request_two_people": SamePerson, "compute_request_not_by_asker": OwnRequest}):
        request.save()
    tell_members(MailEvent.REQUEST_DECIDED, request.pk, request.company_id, now=now)
    return request


def _terms(request: GrantRequest) -> tuple[Any, ...]:
    period = request.grant_period
    return (request.pool_id, request.granted_gflop, period.lower, period.upper, request.programme)


def _propose(
    request: GrantRequest, pool: Pool, amount_gflop: int, period: Any, programme: str, *, two: bool
) -> None:
    request.pool, request.granted_gflop, request.grant_period = pool, amount_gflop, period
    request.programme, request.needs_two = programme or request.project, two
