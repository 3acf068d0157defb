"""The managers' tables of occupancy, of vacancies to come, and of what was waived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incubator.common import display
from tenants.companies import selectors as companies
from tenants.leases import selectors as leases
from tenants.leases.occupancy import OccupancyDay, by_month
from tenants.leases.selectors.lettings import Vacancy
from tenants.leases.selectors.waived_sums import Sum, WaivedSums, leases_with_gaps
from tenants.leases.waived import RateGap

from .tables import Column, Line, Table


def percent_of(share: Decimal) -> Decimal:
    return share * 100


def months_table(days: Sequence[OccupancyDay]) -> Table:
    """The window by calendar month; the months at its ends count its own days."""
    columns = [
        Column(gettext_lazy("Month")),
        Column(gettext_lazy("Days"), "number"),
        Column(gettext_lazy("Let, of the area"), "percent"),
        Column(gettext_lazy("On the lowest day"), "percent"),
        Column(gettext_lazy("Area let, on average"), "area"),
        Column(gettext_lazy("Area to let, on average"), "area"),
        Column(gettext_lazy("Spaces let, on average"), "number"),
    ]
    lines = [
        Line(
            [
                display.month(month.first),
                month.days,
                percent_of(month.share),
                percent_of(month.lowest.share),
                display.rounded(month.area_days_let / month.days, 2),
                display.rounded(month.area_days / month.days, 2),
                display.rounded(month.spaces_let, 1),
            ]
        )
        for month in by_month(days)
    ]
    return Table("months", gettext_lazy("Occupancy by month"), columns, lines)


def days_table(days: Sequence[OccupancyDay]) -> Table:
    columns = [
        Column(gettext_lazy("Day"), "day"),
        Column(gettext_lazy("Area let"), "area"),
        Column(gettext_lazy("Area to let"), "area"),
        Column(gettext_lazy("Let, of the area"), "percent"),
        Column(gettext_lazy("Spaces let"), "number"),
        Column(gettext_lazy("Spaces to let"), "number"),
    ]
    lines = [
        Line([day.day, day.area_let_m2, day.area_m2, percent_of(day.share), day.spaces_let, day.spaces])
        for day in days
    ]
    return Table("days", gettext_lazy("Occupancy by day"), columns, lines)


def vacancies_table(found: Sequence[Vacancy]) -> Table:
    columns = [
        Column(gettext_lazy("Space")),
        Column(gettext_lazy("Area"), "area"),
        Column(gettext_lazy("Vacant from"), "day"),
        Column(gettext_lazy("Until"), "day"),
        Column(gettext_lazy("Company before")),
        Column(gettext_lazy("Next lease")),
        Column(gettext_lazy("Remark")),
    ]
    lines = [
        Line(
            [
                each.space.place,
                each.space.area_m2,
                each.first,
                each.last,
                str(each.before.company) if each.before else _("vacant now"),
                str(each.following.company) if each.following else _("none yet"),
                _remark(each),
            ],
            reverse("admin:leases_space_change", args=[each.space.pk]),
        )
        for each in found
    ]
    return Table("vacancies", gettext_lazy("Vacancies to come"), columns, lines)


def _remark(vacancy: Vacancy) -> str:
    if vacancy.blocked:
        return _("blocked %(days)s: %(why)s") % {
            "days": display.period(vacancy.blocked.period),
            "why": vacancy.blocked,
        }
    return _("offered, not signed") if vacancy.is_offered else ""


_AMOUNTS = (
    Column(gettext_lazy("Days"), "number"),
    Column(gettext_lazy("Waived rent"), "won"),
    Column(gettext_lazy("Waived fee"), "won"),
    Column(gettext_lazy("Together"), "won"),
    Column(gettext_lazy("Known so far"), "won"),
)


def _amounts(found: Sum) -> list[Any]:
    """`Known so far` is given where the sum is unknown: what it is at the least."""
    return [
        found.days,
        found.rent_krw,
        found.fee_krw,
        found.total_krw,
        found.known_total_krw if found.unknown else None,
    ]


def _table(
    name: str, title: Any, first: Sequence[Any], rows: Iterable[tuple[Sequence[Any], Sum, str]], total: Sum
) -> Table:
    columns = [*(each if isinstance(each, Column) else Column(each) for each in first), *_AMOUNTS]
    lines = [Line([*key, *_amounts(found)], url) for key, found, url in rows]
    return Table(
        name, title, columns, lines, total=[_("Total"), *[None] * (len(first) - 1), *_amounts(total)]
    )


def years_table(found: WaivedSums) -> Table:
    rows = [([str(year)], each, "") for year, each in found.by_year().items()]
    return _table("years", gettext_lazy("By year"), [gettext_lazy("Year")], rows, found.total)


def programmes_table(found: WaivedSums) -> Table:
    rows = [([name or _("No programme named")], each, "") for name, each in found.by_programme().items()]
    return _table("programmes", gettext_lazy("By programme"), [gettext_lazy("Programme")], rows, found.total)


def companies_table(user: Any, found: WaivedSums) -> Table:
    """One query for the companies' names."""
    sums = found.by_company()
    named = {company.pk: company for company in companies.companies_for(user).filter(pk__in=sums)}
    rows = [
        (
            [str(named[pk]), named[pk].business_number_shown],
            each,
            reverse("admin:companies_company_change", args=[pk]),
        )
        for pk, each in sorted(sums.items(), key=lambda item: (named[item[0]].name, item[0]))
    ]
    first = [gettext_lazy("Company"), Column(gettext_lazy("Business number"), "code")]
    return _table("companies", gettext_lazy("By company"), first, rows, found.total)


def leases_table(user: Any, found: WaivedSums) -> Table:
    """One query for the leases; the longest of the tables, so it is a file alone."""
    sums = found.by_lease()
    listed = leases.leases_for(user).filter(pk__in=sums).order_by("period", "pk")
    rows = [
        (
            [
                str(lease.company),
                lease.company.business_number_shown,
                lease.space.place,
                lease.programme,
                lease.first_day,
                lease.last_day,
            ],
            sums[lease.pk],
            reverse("admin:leases_lease_change", args=[lease.pk]),
        )
        for lease in listed
    ]
    first = [
        gettext_lazy("Company"),
        Column(gettext_lazy("Business number"), "code"),
        gettext_lazy("Space"),
        gettext_lazy("Programme"),
        Column(gettext_lazy("First day"), "day"),
        Column(gettext_lazy("Last day"), "day"),
    ]
    return _table("leases", gettext_lazy("By lease"), first, rows, found.total)


@dataclass(frozen=True)
class Gap:
    """A space whose rate is missing on days that a company had it."""

    place: str
    company: str
    days: str
    url: str


def gaps_of(user: Any, found: WaivedSums) -> list[Gap]:
    """Each lease with days that have no rate, the days named. One query, none where there is no gap."""
    return [
        Gap(
            lease.space.place,
            str(lease.company),
            ", ".join(_days(gap) for gap in gaps),
            reverse("admin:leases_space_change", args=[lease.space_id]),
        )
        for lease, gaps in leases_with_gaps(user, found)
    ]


def _days(gap: RateGap) -> str:
    first: date = gap.first
    return display.day(first) if first == gap.last else f"{display.day(first)} – {display.day(gap.last)}"
