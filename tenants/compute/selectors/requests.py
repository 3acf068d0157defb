"""Requests for credits, the rules for them, and what a manager needs to know to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.compute import selectors
from tenants.compute.enums import OPEN_REQUEST_STATES, AccountKind
from tenants.compute.models import (
    Allocation,
    ClawBackNotice,
    CreditAccount,
    GrantPolicy,
    GrantRequest,
    LotExtension,
    LotWarning,
    PlannedUse,
    Pool,
)
from tenants.compute.planning import month_after

PAST_MONTHS = 6


def _own(queryset: QuerySet, user: Any, company: str = "company_id") -> QuerySet:
    """Staff see all of it, founders their own company's, nobody else anything."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return queryset
    if acting.kind == Kind.FOUNDER:
        return queryset.filter(**{f"{company}__in": acting.company_ids})
    return queryset.none()


def grant_requests_for(user: Any) -> QuerySet[GrantRequest]:
    return _own(GrantRequest.objects.all(), user)


def plans_for(user: Any) -> QuerySet[PlannedUse]:
    return _own(PlannedUse.objects.all(), user, "request__company_id")


def notices_for(user: Any) -> QuerySet[ClawBackNotice]:
    return _own(ClawBackNotice.objects.all(), user)


def warnings_for(user: Any) -> QuerySet[LotWarning]:
    return _own(LotWarning.objects.all(), user)


def extensions_for(user: Any) -> QuerySet[LotExtension]:
    return _own(LotExtension.objects.all(), user)


def policies_for(user: Any) -> QuerySet[GrantPolicy]:
    """The rules are published: whoever has credits, or gives them, may read them."""
    readers = (Kind.STAFF, Kind.FOUNDER)
    return GrantPolicy.objects.all() if acting_of(user).kind in readers else GrantPolicy.objects.none()


def policy_on(day: date) -> GrantPolicy:
    """The rules in force on a day."""
    return GrantPolicy.objects.filter(starts_on__lte=day).order_by("-starts_on", "-pk")[0]


def _sum(rows: QuerySet, amount: Any) -> Any:
    """The sum of `amount` over the rows of an outer query, 0 for none."""
    total = rows.order_by().values(_of=Value(1)).annotate(_sum=Sum(amount)).values("_sum")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0, output_field=BigIntegerField())


def queue_for(user: Any, today: date) -> QuerySet[GrantRequest]:
    """Requests with what their decision rests on, in GFLOP, all in one query.

    `given`: what the company was granted and kept so far; `spent`: what it has used; `idle`: what lies in its grants that
    are in force; `room`: what is left in the pool that holds the request's period (None without one); `rivals`: what all
    open requests ask for together in that time.
    """
    mine = {"company_id": OuterRef("company_id")}
    grants = Allocation.objects.filter(**mine)
    sinks = CreditAccount.objects.filter(kind=AccountKind.USAGE, **mine)
    lots = CreditAccount.objects.filter(kind=AccountKind.LOT, allocation__period__contains=today, **mine)
    rivals = GrantRequest.objects.filter(state__in=OPEN_REQUEST_STATES, period__overlap=OuterRef("period"))
    pools = Pool.objects.filter(period__contains=OuterRef("period")).order_by("-period", "pk")
    return grant_requests_for(user).annotate(
        given=_sum(grants, F("amount_gflop") - F("taken_back_gflop") + F("moved_gflop")),
        spent=_sum(sinks, F("balance_gflop")),
        idle=_sum(lots, F("balance_gflop")),
        rivals=_sum(rivals, F("amount_gflop")),
        room=Subquery(pools.values("account__balance_gflop")[:1]),
        pool_name=Subquery(pools.values("name")[:1]),
        fitting_pool=Subquery(pools.values("pk")[:1]),
    )


@dataclass(frozen=True)
class Month:
    """A month of the plan, and what the company used in it (None while it has not begun)."""

    month: date
    planned: int | None
    used: int | None


def plan_beside_use(user: Any, asked: GrantRequest, today: date) -> list[Month]:
    """The plan of a request after the use of the company's last months, in two queries."""
    plan = dict(plans_for(user).filter(request=asked).values_list("month", "gflop"))
    this_month = today.replace(day=1)
    since = month_after(today, -PAST_MONTHS)
    rows = (
        selectors.usage_days_for(user)
        .filter(company_id=asked.company_id, day__gte=since, day__lte=today)
        .order_by()
        .values(month=TruncMonth("day"))
        .annotate(used=Sum("gflop"))
    )
    used = {row["month"]: int(row["used"]) for row in rows}
    past = [month_after(this_month, -back) for back in range(PAST_MONTHS, -1, -1)]
    months = sorted({*past, *plan})
    return [
        Month(month, plan.get(month), used.get(month, 0) if month <= this_month else None) for month in months
    ]


@dataclass(frozen=True)
class Asking:
    """What a founder's page of requests says."""

    requests: Sequence[GrantRequest]
    notices: Sequence[ClawBackNotice]
    warnings: Sequence[LotWarning]


def asking_of(user: Any, today: date) -> Asking:
    """A company's requests, its notices, and the warnings of grants that still hold credits, in three queries."""
    warnings = (
        warnings_for(user)
        .filter(lot__account__balance_gflop__gt=0, lot__period__endswith=F("ends_on"))
        .select_related("lot__account")
        .order_by("lot_id", "-made_at")
        .distinct("lot_id")
    )
    return Asking(
        requests=list(grant_requests_for(user).order_by("-asked_at", "-pk")),
        notices=list(notices_for(user).select_related("lot").order_by("-sent_at", "-pk")),
        warnings=sorted(warnings, key=lambda each: each.ends_on),
    )
