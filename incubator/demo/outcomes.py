"""Two reporting periods: the older one closed, the newer one open for another nine days."""

from datetime import date, timedelta
from random import Random

from tenants.companies.models import Company
from tenants.outcomes.models import KpiDefinition, KpiReport, ReportingPeriod
from tenants.outcomes.services import close_period, open_period, save_report

from .camp import Camp
from .days import days_before, plus_months
from .texts import REPORT_NOTES

MILLION = 1_000_000
DUE_IN = 9


def make_reports(camp: Camp) -> int:
    dice = camp.dice("outcomes")
    quarter_begins = camp.today.replace(month=(camp.today.month - 1) // 3 * 3 + 1, day=1)
    older = _period(
        camp, plus_months(quarter_begins, -6), due_on=plus_months(quarter_begins, -3) + timedelta(days=24)
    )
    newer = _period(camp, plus_months(quarter_begins, -3), due_on=camp.today + timedelta(days=DUE_IN))
    figures = {company.pk: _figures(dice, company) for company in camp.companies}
    for at, company in enumerate(camp.companies):
        if at % 16 != 15:
            _report(
                camp, at, older, figures[company.pk], older.due_on - timedelta(days=dice.randint(1, 12)), dice
            )
        if at % 24 == 8:
            # A slip that was put right in time.
            mended = {**figures[company.pk], "employees": company.employees + 1}
            _report(camp, at, older, mended, older.due_on, dice)
    close_period(period=older, actor=camp.director, now=camp.at(older.due_on + timedelta(days=2), 9))
    for at, company in enumerate(camp.companies[1:], start=1):
        grown = _grown(dice, figures[company.pk])
        if at % 3:
            _report(camp, at, newer, grown, days_before(camp.today, dice.randint(1, 6)), dice)
        elif at % 6 == 3:
            _report(
                camp, at, newer, {**grown, "patents": None}, days_before(camp.today, 1), dice, submit=False
            )
    return KpiReport.objects.count()


def _period(camp: Camp, first: date, *, due_on: date) -> ReportingPeriod:
    quarter = (first.month - 1) // 3 + 1
    last = days_before(plus_months(first, 3), 1)
    return open_period(
        name=f"{first.year}년 {quarter}분기",
        name_en=f"Q{quarter} {first.year}",
        first_day=first,
        last_day=last,
        due_on=max(due_on, last + timedelta(days=DUE_IN)),
        actor=camp.director,
        now=camp.at(last, 9),
    )


def _figures(dice: Random, company: Company) -> dict[str, int | None]:
    """A quarter's figures by the codes of the first indicators, or nothing for those that managers have added."""
    employees = company.employees
    said = {
        "revenue": (company.revenue_krw or 0) // 4 // MILLION * MILLION,
        "employees": employees,
        "hired": dice.randint(0, max(1, employees // 5)),
        "investment": dice.choice((0, 0, 0, 0, 100, 300)) * MILLION,
        "patents": dice.choice((0, 0, 1, 1, 2, 3)),
    }
    asked = KpiDefinition.objects.filter(active=True).values_list("code", flat=True)
    return {code: said.get(code, 0) for code in asked}


def _grown(dice: Random, figures: dict[str, int | None]) -> dict[str, int | None]:
    hired = dice.randint(0, 3)
    revenue = int((figures["revenue"] or 0) * dice.uniform(0.8, 1.4)) // MILLION * MILLION
    return {**figures, "revenue": revenue, "hired": hired, "employees": (figures["employees"] or 0) + hired}


def _report(
    camp: Camp,
    at: int,
    period: ReportingPeriod,
    values: dict[str, int | None],
    day: date,
    dice: Random,
    *,
    submit: bool = True,
) -> None:
    save_report(
        company=camp.companies[at],
        period=period,
        values=values,
        note=dice.choice(REPORT_NOTES),
        submit=submit,
        actor=camp.owners[at],
        now=camp.at(day, 13),
    )
