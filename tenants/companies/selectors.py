"""What a person may see of companies, their members and their stays."""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import ALUMNI, Kind

from .enums import LIVE_RESIDENCIES
from .models import AlumniRecord, Company, Membership, Residency, ShownTeaser


def in_sight(path: str = "") -> Q:
    """That a company agreed to be seen, and by name, or opened itself to the firm that asks; `path` leads to it."""
    opened = Func(
        F(f"{path}id"),
        template="%(expressions)s = ANY (camp_opened_companies())",
        output_field=BooleanField(),
    )
    return Q(**{f"{path}visible_to_investors": True}) & (Q(**{f"{path}shown_by_name": True}) | Q(opened))


def companies_for(user: Any) -> QuerySet[Company]:
    """Staff see all, founders their own, investors those that agreed by name or to them (without PRIVATE_FIELDS)."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Company.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Company.objects.filter(pk__in=acting.company_ids)
    if acting.kind == Kind.INVESTOR:
        return Company.objects.filter(in_sight()).defer(*Company.PRIVATE_FIELDS)
    return Company.objects.none()


def teasers_for(user: Any) -> QuerySet[ShownTeaser]:
    """What investors read of companies that do not show their name. Nobody else needs it."""
    return ShownTeaser.objects.all() if acting_of(user).kind == Kind.INVESTOR else ShownTeaser.objects.none()


def with_residency(companies: QuerySet[Company]) -> QuerySet[Company]:
    """Each company with `residency_state` and `residency_period` of its latest stay (None without one)."""
    latest = Residency.objects.filter(company=OuterRef("pk")).order_by("-period", "-pk")
    return companies.annotate(
        residency_state=Subquery(latest.values("state")[:1]),
        residency_period=Subquery(latest.values("period")[:1]),
    )


def members_for(user: Any) -> QuerySet[Membership]:
    """Staff see all members, founders those of their company, others none; each with its person."""
    acting = acting_of(user)
    members = Membership.objects.select_related("user")
    if acting.kind == Kind.STAFF:
        return members
    return members.filter(company_id__in=acting.company_ids)


def memberships_with_level(user_id: int) -> QuerySet[Membership]:
    """A person's memberships with `level_now`: alumni once every stay of the company is over, so that whoever is of it reads
    and writes no more. A company without any stay on record is as open as one that lives here."""
    stays = Residency.objects.filter(company=OuterRef("company"))
    return Membership.objects.filter(user_id=user_id).annotate(
        level_now=Case(
            When(Exists(stays) & ~Exists(stays.filter(state__in=LIVE_RESIDENCIES)), then=Value(ALUMNI)),
            default="level",
            output_field=CharField(),
        )
    )


def residencies_for(user: Any) -> QuerySet[Residency]:
    """Staff see all stays, founders those of their company, others none."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Residency.objects.all()
    return Residency.objects.filter(company_id__in=acting.company_ids)


def alumni_for(user: Any) -> QuerySet[AlumniRecord]:
    """Staff see what became of every company, founders of theirs, others nothing."""
    acting = acting_of(user)
    records = AlumniRecord.objects.select_related("company")
    if acting.kind == Kind.STAFF:
        return records
    return records.filter(company_id__in=acting.company_ids)
