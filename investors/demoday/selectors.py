"""What a person may see of demo days, wishes, timetables, meetings and verdicts."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from investors.firms.models import Firm
from tenants.companies import selectors as companies
from tenants.companies.models import Company

from .enums import DayState, PlanState, VerdictValue
from .models import DayCompany, DayFirm, DemoDay, DemoMeetingQuerySet, Meeting, Plan, Ranking, Verdict

_SHOWN = (DayState.PUBLISHED, DayState.OVER)


def _of(model: type, **path: Any) -> list[str]:
    """The fields of a related model that the reader may not load."""
    prefix = path["path"]
    return [f"{prefix}__{field}" for field in model.PRIVATE_FIELDS]  # type: ignore[attr-defined]


def days_for(user: Any) -> QuerySet[DemoDay]:
    """Staff see all; a company those that it takes part in, once wishes are collected; a firm those with a timetable."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return DemoDay.objects.all()
    if acting.kind == Kind.FOUNDER:
        return DemoDay.objects.filter(companies__company_id__in=acting.company_ids).exclude(
            state=DayState.DRAFT
        )
    if acting.kind == Kind.INVESTOR:
        return DemoDay.objects.filter(firms__firm_id__in=acting.firm_ids, state__in=_SHOWN)
    return DemoDay.objects.none()


def day_companies_for(user: Any) -> QuerySet[DayCompany]:
    """Staff see all, a company itself."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return DayCompany.objects.select_related("company", "day")
    return DayCompany.objects.filter(company_id__in=acting.company_ids).select_related("day")


def day_firms_for(user: Any) -> QuerySet[DayFirm]:
    """Staff see all, a firm itself; a company reads the others' names through `offered_firms`."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return DayFirm.objects.select_related("firm", "day")
    return DayFirm.objects.filter(firm_id__in=acting.firm_ids)


def rankings_for(user: Any) -> QuerySet[Ranking]:
    """Staff see all, a company what it said itself, nobody else any."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Ranking.objects.all()
    return Ranking.objects.filter(side="company", company_id__in=acting.company_ids)


def plans_for(user: Any) -> QuerySet[Plan]:
    """Staff see every version, nobody else any: they read their meetings."""
    if acting_of(user).kind == Kind.STAFF:
        return Plan.objects.select_related("day")
    return Plan.objects.none()


def meetings_for(user: Any) -> DemoMeetingQuerySet:
    """Staff see all; a company and a firm their own of the published version, each with the other side."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Meeting.objects.select_related("company", "firm")
    published = Meeting.objects.filter(plan__state=PlanState.PUBLISHED)
    if acting.kind == Kind.FOUNDER:
        found = published.filter(company_id__in=acting.company_ids).select_related("firm")
        return found.defer(*_of(Firm, path="firm"))
    if acting.kind == Kind.INVESTOR:
        found = published.filter(companies.in_sight("company__"), firm_id__in=acting.firm_ids).select_related(
            "company"
        )
        return found.defer(*_of(Company, path="company"))
    return Meeting.objects.none()


def verdicts_for(user: Any) -> QuerySet[Verdict]:
    """The office alone."""
    if acting_of(user).kind == Kind.STAFF:
        return Verdict.objects.select_related("company", "firm", "recorded_by")
    return Verdict.objects.none()


def offered_firms(invited: DayCompany) -> list[DayFirm]:
    """The firms that a company may rank: those that take part and that nothing keeps apart from it, by name.

    A firm's own refusal does not count here, or its absence from the list would tell of it.
    """
    firms = (
        DayFirm.objects.filter(day=invited.day_id)
        .exclude(firm_id__in=invited.kept_apart)
        .select_related("firm")
        .only("day_id", "firm_id", "firm__name", "firm__kind", "firm__slug")
    )
    return list(firms.order_by("firm__name", "pk"))


def offered_companies(invited: DayFirm) -> list[DayCompany]:
    """The companies that a manager may rank for a firm, by name."""
    companies = DayCompany.objects.filter(day=invited.day_id).exclude(kept_apart__contains=[invited.firm_id])
    return list(companies.select_related("company").order_by("company__name", "pk"))


def published_plan(day: DemoDay) -> Plan | None:
    """The timetable in force, without what it was computed from."""
    return day.plans.filter(state=PlanState.PUBLISHED).defer("input", "proof").first()


def both_continue(user: Any, day: DemoDay) -> list[tuple[int, int]]:
    """(company, firm) of pairs that both want to continue, by id."""
    found = (
        verdicts_for(user)
        .filter(day=day, value=VerdictValue.CONTINUE)
        .order_by()
        .values("company_id", "firm_id")
        .annotate(sides=Count("pk"))
        .filter(sides=2)
    )
    return sorted((each["company_id"], each["firm_id"]) for each in found)


def names(company_ids: Iterable[int], firms: Iterable[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Names by id, for staff who read a version."""
    return (
        dict(Company.objects.filter(pk__in=set(company_ids)).values_list("pk", "name")),
        dict(Firm.objects.filter(pk__in=set(firms)).values_list("pk", "name")),
    )
