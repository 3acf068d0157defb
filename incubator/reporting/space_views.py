"""The managers' pages of occupancy and of waived amounts, and their tables as files. Under /admin/, so staff's alone."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incubator.common.display import rounded
from incubator.common.downloads import csv_response, xlsx_response
from incubator.common.forms import parse_day
from tenants.leases import selectors as leases
from tenants.leases.occupancy import OccupancyDay, mean, warning
from tenants.leases.selectors.lettings import occupancy_days, turnover, vacancies
from tenants.leases.selectors.waived_sums import waived_sums
from tenants.leases.terms import months_before

from . import spaces
from .selectors import OUTLOOK_AFTER, OUTLOOK_BEFORE
from .tables import Table

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
LONGEST_YEARS = 40
VACANCY_DAYS = 180
STEP = 7  # days between the points of the line
YEAR = timedelta(days=365)


def asked_days(request: HttpRequest, first: date, last: date) -> tuple[date, date, str]:
    """The days asked for, both included, and what is wrong with them; the given ones where nothing or nonsense was asked."""
    try:
        asked_first = parse_day(request.GET.get("from") or first.isoformat())
        asked_last = parse_day(request.GET.get("to") or last.isoformat())
    except ValidationError as error:
        return first, last, error.messages[0]
    if asked_last < asked_first:
        return first, last, _("The last day lies before the first day.")
    if (
        asked_last - asked_first > LONGEST_YEARS * YEAR
        or not 1900 <= asked_first.year <= asked_last.year <= 2999
    ):
        return first, last, _("At most %(years)s years can be added up at once.") % {"years": LONGEST_YEARS}
    return asked_first, asked_last, ""


def _file(name: str, kind: str, tables: Mapping[str, Callable[[], Table]], days: str) -> HttpResponse:
    if kind not in _FORMATS or name not in tables:
        raise Http404
    return _FORMATS[kind](f"{name}-{days}", tables[name]().rows())


def _building(request: HttpRequest, known: list[Any]) -> Any:
    asked = request.GET.get("building", "")
    return next((building for building in known if str(building.pk) == asked), None)


def _occupancy_window(request: HttpRequest, today: date) -> tuple[date, date, str]:
    return asked_days(request, months_before(today, 12), today + YEAR)


@require_safe
def occupancy(request: HttpRequest) -> HttpResponse:
    """How much is let by day, what it comes to, what falls vacant, and how often spaces change hands."""
    today = timezone.localdate()
    first, last, wrong = _occupancy_window(request, today)
    buildings = list(leases.buildings_for(request.user))
    building = _building(request, buildings)
    chosen = building.pk if building else None
    days = occupancy_days(first, last, building=chosen)
    outlook = occupancy_days(today - OUTLOOK_BEFORE, today + OUTLOOK_AFTER, building=chosen)
    now = next(day for day in outlook if day.day == today)
    past = [day for day in days if day.day <= today]
    context = {
        "today": today,
        "first": first,
        "last": last,
        "wrong": wrong,
        "buildings": buildings,
        "building": building,
        "now": now,
        "warning": warning(outlook, today),
        "mean": mean(days),
        "turnover": turnover(past, building=chosen) if past else None,
        "past": _points(past),
        "coming": _points([day for day in days if day.day > today]),
        "months": spaces.months_table(days),
        "vacancies": spaces.vacancies_table(
            [
                each
                for each in vacancies(request.user, today, within_days=VACANCY_DAYS)
                if building is None or each.space.building_id == building.pk
            ]
        ),
        "vacancy_days": VACANCY_DAYS,
        "query": request.GET.urlencode(),
    }
    return render(request, "reporting/occupancy.html", context)


def _points(days: list[OccupancyDay]) -> list[tuple[date, Any]]:
    """Per cent of the area, once a week and on the last of the days."""
    chosen = days[::STEP] + (days[-1:] if days and (len(days) - 1) % STEP else [])
    return [(day.day, rounded(day.share * 100, 1)) for day in chosen]


@require_safe
def occupancy_file(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    today = timezone.localdate()
    first, last, _wrong = _occupancy_window(request, today)
    building = _building(request, list(leases.buildings_for(request.user)))
    chosen = building.pk if building else None
    tables: dict[str, Callable[[], Table]] = {
        "months": lambda: spaces.months_table(occupancy_days(first, last, building=chosen)),
        "days": lambda: spaces.days_table(occupancy_days(first, last, building=chosen)),
        "vacancies": lambda: spaces.vacancies_table(vacancies(request.user, today, within_days=VACANCY_DAYS)),
    }
    return _file(name, kind, tables, f"{first}-{last}")


def _waived_window(request: HttpRequest, today: date) -> tuple[date, date, str]:
    return asked_days(request, date(today.year, 1, 1), today)


@require_safe
def waived(request: HttpRequest) -> HttpResponse:
    """Waived rent and fee on the days asked for, by year, programme and company; days without a rate are named."""
    today = timezone.localdate()
    first, last, wrong = _waived_window(request, today)
    found = waived_sums(first, last)
    context = {
        "today": today,
        "first": first,
        "last": last,
        "wrong": wrong,
        "total": found.total,
        "gaps": spaces.gaps_of(request.user, found),
        "tables": [
            spaces.years_table(found),
            spaces.programmes_table(found),
            spaces.companies_table(request.user, found),
        ],
        "query": request.GET.urlencode(),
    }
    return render(request, "reporting/waived.html", context)


@require_safe
def waived_file(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    first, last, _wrong = _waived_window(request, timezone.localdate())
    user = request.user
    tables: dict[str, Callable[[], Table]] = {
        "years": lambda: spaces.years_table(waived_sums(first, last)),
        "programmes": lambda: spaces.programmes_table(waived_sums(first, last)),
        "companies": lambda: spaces.companies_table(user, waived_sums(first, last)),
        "leases": lambda: spaces.leases_table(user, waived_sums(first, last)),
    }
    return _file(name, kind, tables, f"waived-{first}-{last}")
