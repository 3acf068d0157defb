"""Rates of honoraria, and closing a month."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.consulting import honoraria, rules
from tenants.consulting.errors import (
    EarlierMonthOpen,
    MonthClosed,
    MonthNotOver,
    RateOverlaps,
    RatesMissing,
)
from tenants.consulting.locks import hold
from tenants.consulting.models import (
    Adviser,
    HonorariumLine,
    HonorariumPayment,
    HonorariumRate,
    HonorariumSheet,
)

_ONE_A_DAY = {"consulting_one_rate_a_day": RateOverlaps}


@transaction.atomic
def set_rate(
    *,
    adviser: Adviser,
    amount_krw: int,
    unit: str,
    kind: str,
    first: date,
    source: str,
    actor: Any,
) -> HonorariumRate:
    """Pay the adviser so from this day on; the rate before it ends the day before. In a month that is closed it shows as a
    difference in the next sheet. Raises NotAllowed, RateOverlaps, Invalid."""
    if not rules.may_settle_honoraria(actor):
        raise NotAllowed
    rate = HonorariumRate(
        adviser=adviser,
        amount_krw=amount_krw,
        unit=unit,
        kind=kind,
        period=DateRange(first, None),
        source=source.strip(),
        entered_by=actor if getattr(actor, "pk", None) else None,
    )
    validate(rate, exclude={"adviser", "entered_by"})
    hold(("rates", adviser.pk))
    before = HonorariumRate.objects.select_for_update(of=("self",)).filter(
        adviser=adviser, period__startswith__lt=first, period__contains=first
    )
    for each in before:
        each.period = DateRange(each.period.lower, first)
        each.save(update_fields=["period", "updated_at"])
    with refusing(_ONE_A_DAY):
        rate.save()
    return rate


@transaction.atomic
def correct_rate(
    *, rate: HonorariumRate, amount_krw: int, unit: str, kind: str, source: str, actor: Any
) -> HonorariumRate:
    """Put a rate right for all of its days; what it was is in its history. Raises NotAllowed, Invalid."""
    if not rules.may_settle_honoraria(actor):
        raise NotAllowed
    rate.amount_krw, rate.unit, rate.kind, rate.source = amount_krw, unit, kind, source.strip()
    validate(rate, exclude={"adviser", "entered_by", "period"})
    rate.save(update_fields=["amount_krw", "unit", "kind", "source", "updated_at"])
    return rate


@transaction.atomic
def close_month(*, month: date, without_missing: bool = False, actor: Any, now: datetime) -> HonorariumSheet:
    """Settle a month: its figures stay from now on. `month` is any day in it. Sessions without a rate are settled by a later
    sheet, once they have one, and only if that is said (`without_missing`).

    Raises NotAllowed, MonthNotOver, MonthClosed, EarlierMonthOpen, RatesMissing.
    """
    if not rules.may_settle_honoraria(actor):
        raise NotAllowed
    month = honoraria.month_of(month)
    if honoraria.next_month(month) > timezone.localdate(now):
        raise MonthNotOver
    hold(("honoraria", 0))
    last = HonorariumSheet.objects.order_by("-month").values_list("month", flat=True).first()
    if HonorariumSheet.objects.filter(month=month).exists():
        raise MonthClosed
    if last is not None and month != honoraria.next_month(last):
        raise EarlierMonthOpen
    found = honoraria.sheet_of(actor, month)
    if found.missing and not without_missing:
        raise RatesMissing(sessions=found.missing_sessions)
    with refusing({"consulting_honorariumsheet_month_key": MonthClosed}):
        sheet = HonorariumSheet.objects.create(
            month=month, closed_by=actor if getattr(actor, "pk", None) else None, closed_at=now
        )
    HonorariumLine.objects.bulk_create(
        HonorariumLine(
            sheet=sheet,
            adviser_id=payment.adviser_id,
            kind=payment.kind,
            for_month=line.for_month,
            sessions=line.sessions,
            minutes=line.minutes,
            gross_krw=line.gross,
        )
        for payment in found.payments
        for line in payment.lines
    )
    HonorariumPayment.objects.bulk_create(
        HonorariumPayment(
            sheet=sheet,
            adviser_id=payment.adviser_id,
            kind=payment.kind,
            gross_krw=payment.withholding.gross,
            taxable_krw=payment.withholding.taxable,
            income_tax_krw=payment.withholding.income_tax,
            local_tax_krw=payment.withholding.local_tax,
            net_krw=payment.withholding.net,
        )
        for payment in found.payments
    )
    return sheet
