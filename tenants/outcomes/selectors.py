"""What a person may see of outcome reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .enums import ReportState
from .models import KpiDefinition, KpiReport, ReportingPeriod


def reports_for(user: Any) -> QuerySet[KpiReport]:
    """Staff see all reports, founders those of their company, others none."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return KpiReport.objects.all()
    return KpiReport.objects.filter(company_id__in=acting.company_ids)


def periods_for(user: Any) -> QuerySet[ReportingPeriod]:
    """Staff and founders see every period, others none."""
    if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER):
        return ReportingPeriod.objects.all()
    return ReportingPeriod.objects.none()


def definitions_for(user: Any) -> QuerySet[KpiDefinition]:
    """Staff and founders see every indicator, others none."""
    if acting_of(user).kind in (Kind.STAFF, Kind.FOUNDER):
        return KpiDefinition.objects.all()
    return KpiDefinition.objects.none()


@dataclass(frozen=True)
class PeriodStatus:
    """A period as a company stands to it. `state` is waiting, progress (a draft), done, attention (overdue) or refused."""

    period: ReportingPeriod
    submitted: KpiReport | None
    draft: KpiReport | None
    state: str

    @property
    def open(self) -> bool:
        return self.period.closed_at is None


def statuses_of(
    periods: Iterable[ReportingPeriod], reports: Iterable[KpiReport], *, today: date
) -> list[PeriodStatus]:
    """How one company's reports stand to each period. Makes no query beyond its two arguments."""
    latest: dict[tuple[int, str], KpiReport] = {}
    for report in sorted(reports, key=lambda report: report.revision):
        latest[report.period_id, report.state] = report
    return [
        _status(period, latest.get((period.pk, "submitted")), latest.get((period.pk, "draft")), today)
        for period in periods
    ]


def _status(
    period: ReportingPeriod, submitted: KpiReport | None, draft: KpiReport | None, today: date
) -> PeriodStatus:
    if submitted is not None:
        state = "progress" if draft else "done"
    elif period.closed_at is not None:
        state = "refused"
    elif today > period.due_on:
        state = "attention"
    else:
        state = "progress" if draft else "waiting"
    return PeriodStatus(period, submitted, draft, state)


def waiting_reports(user: Any, *, today: date) -> list[ReportingPeriod]:
    """The open periods that have begun to be due (their days are over) and that the company has not reported."""
    done = reports_for(user).filter(state=ReportState.SUBMITTED).values("period")
    return list(
        periods_for(user)
        .filter(closed_at=None, period__endswith__lte=today)
        .exclude(pk__in=done)
        .order_by("due_on")
    )
