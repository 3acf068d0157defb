"""Writes on indicators, periods and reports."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.periods import days
from tenants.companies.models import Company

from . import rules
from .enums import ReportState
from .errors import (
    FiguresMissing,
    NegativeFigure,
    PeriodClosed,
    PeriodEmpty,
    PeriodNameTaken,
    ReportAtOnce,
    ReportSubmitted,
    UnknownIndicator,
)
from .models import PERIOD_LOCK, KpiDefinition, KpiReport, KpiValue, ReportingPeriod

_REFUSALS = {
    "outcomes_period_open": PeriodClosed,
    "outcomes_revision_once": ReportAtOnce,
    "outcomes_one_draft": ReportAtOnce,
    "outcomes_report_unsent": ReportSubmitted,
    "outcomes_value_unsent": ReportSubmitted,
}


@transaction.atomic
def open_period(
    *, name: str, name_en: str, first_day: date, last_day: date, due_on: date, actor: Any, now: datetime
) -> ReportingPeriod:
    """A period that companies report on; `last_day` is inclusive. Raises NotAllowed, Invalid, PeriodEmpty,
    PeriodNameTaken.
    """
    if not rules.may_manage_outcomes(actor):
        raise NotAllowed
    if last_day < first_day or due_on <= last_day:
        raise PeriodEmpty
    period = ReportingPeriod(name=name, name_en=name_en, period=days(first_day, last_day), due_on=due_on)
    validate(period)
    with refusing({"outcomes_reportingperiod_name": PeriodNameTaken}):
        period.save()
    return period


@transaction.atomic
def close_period(*, period: ReportingPeriod, actor: Any, now: datetime) -> ReportingPeriod:
    """Lock every report of the period. Waits for reports being saved now. Raises NotAllowed, PeriodClosed."""
    if not rules.may_manage_outcomes(actor):
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PERIOD_LOCK, period.pk])
    if not ReportingPeriod.objects.filter(pk=period.pk, closed_at=None).update(closed_at=now, updated_at=now):
        raise PeriodClosed
    period.closed_at = now
    return period


@transaction.atomic
def save_report(
    *,
    company: Company,
    period: ReportingPeriod,
    values: Mapping[str, int | None],
    note: str = "",
    submit: bool,
    actor: Any,
    now: datetime,
) -> KpiReport:
    """Save the company's draft of a period, and submit it when `submit` is set.

    `values` maps the code of an indicator to a whole number of its unit; what is None or absent is left empty,
    which only a draft may. After a submitted report this begins its next revision.
    Raises NotAllowed, UnknownIndicator, NegativeFigure, FiguresMissing, Invalid, PeriodClosed, ReportAtOnce.
    """
    if not rules.may_report(actor, company):
        raise NotAllowed
    definitions = {definition.code: definition for definition in KpiDefinition.objects.filter(active=True)}
    for code, value in values.items():
        if code not in definitions:
            raise UnknownIndicator(code=code)
        if value is not None and value < 0:
            raise NegativeFigure
    missing = [str(each) for code, each in definitions.items() if values.get(code) is None]
    if submit and missing:
        raise FiguresMissing(missing=", ".join(missing))
    report = _draft_of(company, period)
    report.note = note.strip()
    validate(report)
    with refusing(_REFUSALS):
        report.save()
        KpiValue.objects.filter(report=report).delete()
        KpiValue.objects.bulk_create(
            KpiValue(report=report, definition=definitions[code], value=value)
            for code, value in values.items()
            if value is not None
        )
        if submit:
            report.state, report.submitted_at = ReportState.SUBMITTED, now
            report.submitted_by = actor if getattr(actor, "pk", None) else None
            report.save(update_fields=["state", "submitted_at", "submitted_by", "updated_at"])
    return report


def _draft_of(company: Company, period: ReportingPeriod) -> KpiReport:
    reports = KpiReport.objects.filter(company=company, period=period)
    draft = reports.filter(state=ReportState.DRAFT).first()
    if draft is not None:
        return draft
    last = reports.aggregate(last=Max("revision"))["last"] or 0
    return KpiReport(company=company, period=period, revision=last + 1)
