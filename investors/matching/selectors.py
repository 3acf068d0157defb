"""What a person may see of runs, matches, introductions and consents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from investors.firms.models import Firm
from tenants.companies import selectors as companies
from tenants.companies.models import Company

from .enums import DisclosureItem, IntroductionState, Side
from .models import (
    Conflict,
    DisclosureGrant,
    DisclosureGrantQuerySet,
    Introduction,
    IntroductionQuerySet,
    IntroductionStep,
    Investment,
    Match,
    MatchQuerySet,
    MatchRun,
    Participation,
    Preference,
    WeightSet,
)

_FIRM_PRIVATE = tuple(f"firm__{field}" for field in Firm.PRIVATE_FIELDS)

OPEN_TO_FIRMS = (
    IntroductionState.CONSENTED,
    IntroductionState.SENT,
    IntroductionState.MET,
    IntroductionState.CONTINUING,
    IntroductionState.TERM_SHEET,
    IntroductionState.PASSED,
    IntroductionState.INVESTED,
)


def runs_for(user: Any) -> QuerySet[MatchRun]:
    """Staff see all runs, nobody else any. Without what is large of them."""
    if acting_of(user).kind == Kind.STAFF:
        return MatchRun.objects.defer(*MatchRun.LARGE)
    return MatchRun.objects.none()


def weight_sets_for(user: Any) -> QuerySet[WeightSet]:
    """Staff see all versions of the weights, nobody else any."""
    return WeightSet.objects.all() if acting_of(user).kind == Kind.STAFF else WeightSet.objects.none()


def matches_for(user: Any) -> MatchQuerySet:
    """Staff see all matches; a company and a firm their own published ones, each with the other side."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Match.objects.select_related("company", "firm")
    if acting.kind == Kind.FOUNDER:
        return Match.objects.filter(published=True, company_id__in=acting.company_ids).for_company()
    if acting.kind == Kind.INVESTOR:
        return Match.objects.filter(
            companies.in_sight("company__"), published=True, firm_id__in=acting.firm_ids
        ).for_firm()
    return Match.objects.none()


def introductions_for(user: Any) -> IntroductionQuerySet:
    """Staff see all introductions, a company its own, a firm those to which the company agreed."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Introduction.objects.select_related("company", "firm", "match")
    if acting.kind == Kind.FOUNDER:
        return Introduction.objects.filter(company_id__in=acting.company_ids).for_company()
    if acting.kind == Kind.INVESTOR:
        return Introduction.objects.filter(
            companies.in_sight("company__"), firm_id__in=acting.firm_ids, state__in=OPEN_TO_FIRMS
        ).for_firm()
    return Introduction.objects.none()


def disclosures_for(user: Any) -> DisclosureGrantQuerySet:
    """Staff see all consents, a company its own, a firm those that are open to it today."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return DisclosureGrant.objects.select_related("company", "firm")
    if acting.kind == Kind.FOUNDER:
        return DisclosureGrant.objects.filter(company_id__in=acting.company_ids).for_company()
    if acting.kind == Kind.INVESTOR:
        return (
            DisclosureGrant.objects.filter(firm_id__in=acting.firm_ids).live(timezone.localdate()).for_firm()
        )
    return DisclosureGrant.objects.none()


def conflicts_for(user: Any) -> QuerySet[Conflict]:
    """Staff see all conflicts, a company those that it declared itself; firms never any."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Conflict.objects.select_related("company", "firm")
    if acting.kind == Kind.FOUNDER:
        return _of_firms(Conflict.objects.filter(company_id__in=acting.company_ids, side=Side.COMPANY)).defer(
            *_FIRM_PRIVATE
        )
    return Conflict.objects.none()


def preferences_for(user: Any) -> QuerySet[Preference]:
    """Staff see all wishes, a company its own; firms none: the office enters theirs."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Preference.objects.select_related("company", "firm")
    if acting.kind == Kind.FOUNDER:
        return _of_firms(
            Preference.objects.filter(company_id__in=acting.company_ids, side=Side.COMPANY)
        ).defer(*_FIRM_PRIVATE)
    return Preference.objects.none()


def participations_for(user: Any) -> QuerySet[Participation]:
    """Staff see what every company said, a company its own answer."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Participation.objects.select_related("company")
    if acting.kind == Kind.FOUNDER:
        return Participation.objects.filter(company_id__in=acting.company_ids)
    return Participation.objects.none()


def _of_firms(rows: Any) -> Any:
    return rows.select_related("firm").order_by("firm__name", "pk")


def firms_met_by(user: Any) -> dict[int, str]:
    """The firms that a company knows of, by name: those of its matches, introductions and wishes."""
    found: dict[int, str] = {}
    for rows in (matches_for(user), introductions_for(user), preferences_for(user)):
        found.update(rows.order_by().values_list("firm_id", "firm__name"))
    return dict(sorted(found.items(), key=lambda each: each[1]))


def firm_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, for staff who read a run."""
    return dict(Firm.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def steps_for(user: Any) -> QuerySet[IntroductionStep]:
    """What a person may see of how introductions went: staff all, a company its own; firms see where each stands only."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return IntroductionStep.objects.all()
    if acting.kind == Kind.FOUNDER:
        return IntroductionStep.objects.filter(company_id__in=acting.company_ids)
    return IntroductionStep.objects.none()


def investments_for(user: Any) -> QuerySet[Investment]:
    """Staff see all investments, a company and a firm their own, without those that were taken back."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Investment.objects.select_related("company", "firm")
    counted = Investment.objects.filter(taken_back_at=None)
    if acting.kind == Kind.FOUNDER:
        return counted.filter(company_id__in=acting.company_ids)
    if acting.kind == Kind.INVESTOR:
        return counted.filter(firm_id__in=acting.firm_ids).defer(*Investment.PRIVATE_FIELDS)
    return Investment.objects.none()


def company_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, for staff who read a run."""
    return dict(Company.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def names_of_pairs(pairs: Iterable[tuple[int, int]]) -> tuple[dict[int, str], dict[int, str]]:
    """Names of companies and of firms by id, for staff who compare pairs."""
    known = list(pairs)
    firms = Firm.objects.filter(pk__in={firm for _company, firm in known})
    return company_names({company for company, _firm in known}), dict(firms.values_list("pk", "name"))


@dataclass(frozen=True)
class Disclosed:
    """What a company has opened to the asking firm until a day; None where it did not, or has nothing to tell."""

    items: tuple[str, ...]
    until: date
    contact: str | None
    email: str | None
    revenue_krw: int | None
    business_number: str | None

    @property
    def item_labels(self) -> list[Any]:
        return [DisclosureItem(code).label for code in self.items]


def disclosed_to(user: Any, company_id: int) -> Disclosed | None:
    """What the company has opened to the investor's firm beyond its profile, None without a live consent.

    The columns are refused to investors; only this function of the database opens them, after asking for the consent.
    """
    if acting_of(user).kind != Kind.INVESTOR:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT items, until, contact, email, revenue_krw, business_number FROM camp_disclosed(%s)",
            [company_id],
        )
        row = cursor.fetchone()
    return Disclosed(tuple(row[0]), *row[1:]) if row else None
