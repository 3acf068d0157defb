"""Early ends, and stays after the end."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.leases.enums import EndingState
from tenants.leases.models import EarlyEnd, Holdover, Rate
from tenants.leases.waived import RateSpan, Span, Waived, waived


def _of_company(queryset: QuerySet, user: Any) -> QuerySet:
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return queryset
    if acting.kind == Kind.FOUNDER:
        return queryset.filter(lease__company_id__in=acting.company_ids)
    return queryset.none()


def early_ends_for(user: Any) -> QuerySet[EarlyEnd]:
    """With lease, company and space."""
    return _of_company(EarlyEnd.objects.select_related("lease__company", "lease__space__building"), user)


def told_ends(user: Any) -> ArraySubquery:
    """What is open or in force of a lease, as a column of a query on leases: `end_told` makes it an EarlyEnd again."""
    ends = early_ends_for(user).filter(lease=OuterRef("pk"), state__in=[EndingState.OPEN, EndingState.AGREED])
    columns = ("id", "kind", "state", "reason", "last_day", "lasted_until", "asked_at")
    return ArraySubquery(ends.order_by("pk").values(told=JSONObject(**{name: name for name in columns})))


def end_told(told: dict[str, Any]) -> EarlyEnd:
    """One of `told_ends`, without its lease."""
    until = told["lasted_until"]
    return EarlyEnd(
        id=told["id"],
        kind=told["kind"],
        state=told["state"],
        reason=told["reason"],
        last_day=date.fromisoformat(told["last_day"]),
        lasted_until=date.fromisoformat(until) if until else None,
        asked_at=datetime.fromisoformat(told["asked_at"]),
    )


def holdovers_for(user: Any) -> QuerySet[Holdover]:
    """With lease, company and space."""
    return _of_company(Holdover.objects.select_related("lease__company", "space__building"), user)


def holdover_cost(holdovers: Iterable[Holdover], today: date) -> dict[int, Waived]:
    """What the days of each stay would have cost by the rates, by its id; one query. Shown apart: none of it is waived, so
    it is in no total of waived amounts."""
    holdovers = list(holdovers)
    rates = defaultdict(list)
    for rate in Rate.objects.filter(space_id__in={each.space_id for each in holdovers}):
        span = RateSpan(rate.period.lower, rate.period.upper, rate.rent_krw_per_m2, rate.fee_krw_per_m2)
        rates[rate.space_id].append(span)
    amounts = {}
    for each in holdovers:
        until = each.first_day + timedelta(days=each.days_on(today))
        stay = Span(each.first_day, until)
        amounts[each.pk] = waived(stay, each.space.area_m2, rates[each.space_id], each.first_day, until)
    return amounts
