"""What of a mentor day a person may see. Every list starts at one of the `*_for`."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.consulting.models import Adviser

from .enums import ArrangementState, DayState, Side
from .models import Arrangement, InvitedAdviser, InvitedCompany, Meeting, MeetingQuerySet, MentorDay, Wish

# What an adviser may read of a company, and others of a meeting.
COMPANY_SHOWN = ("id", "name", "name_en", "slug", "sectors", "stage", "region", "summary", "employees")
MEETING_SHOWN = (
    "id",
    "arrangement",
    "day",
    "company",
    "adviser",
    "slot",
    "table",
    "cancelled",
    "cancelled_why",
)


def days_for(user: Any) -> QuerySet[MentorDay]:
    """Staff: all. A company or an adviser: those that they are invited to, once they are no draft."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return MentorDay.objects.all()
    known = MentorDay.objects.exclude(state=DayState.DRAFT)
    if acting.kind == Kind.FOUNDER:
        invited = InvitedCompany.objects.filter(company_id__in=acting.company_ids)
        return known.filter(pk__in=invited.values("day"))
    if acting.adviser_id is not None:
        return known.filter(pk__in=InvitedAdviser.objects.filter(adviser_id=acting.adviser_id).values("day"))
    return MentorDay.objects.none()


def wishes_for(user: Any) -> QuerySet[Wish]:
    """Staff: all. A company or an adviser: what they said themselves, never what was said of them."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Wish.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Wish.objects.filter(side=Side.COMPANY, company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return Wish.objects.filter(side=Side.ADVISER, adviser_id=acting.adviser_id)
    return Wish.objects.none()


def advisers_for(user: Any) -> QuerySet[InvitedAdviser]:
    """Whom a company can put in order: the advisers of the days that it is invited to. Staff: all. An adviser: themselves."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return InvitedAdviser.objects.all()
    if acting.kind == Kind.FOUNDER:
        return InvitedAdviser.objects.filter(day__in=days_for(user))
    if acting.adviser_id is not None:
        return InvitedAdviser.objects.filter(adviser_id=acting.adviser_id)
    return InvitedAdviser.objects.none()


def companies_for(user: Any) -> QuerySet[InvitedCompany]:
    """Whom an adviser can put in order: the companies of a day while wishes are collected. Staff: all. Founders: their own."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return InvitedCompany.objects.all()
    if acting.kind == Kind.FOUNDER:
        return InvitedCompany.objects.filter(company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return InvitedCompany.objects.filter(day__in=days_for(user).filter(state=DayState.RANKING))
    return InvitedCompany.objects.none()


def meetings_for(user: Any) -> MeetingQuerySet:
    """Staff: of all versions. A company or an adviser: their own of the published version."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Meeting.objects.all()
    published = Meeting.objects.filter(arrangement__state=ArrangementState.PUBLISHED)
    if acting.kind == Kind.FOUNDER:
        return published.filter(company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return published.filter(adviser_id=acting.adviser_id)
    return Meeting.objects.none()


def arrangements_for(user: Any) -> QuerySet[Arrangement]:
    """Timetables in all their versions: staff's alone."""
    staff = acting_of(user).kind == Kind.STAFF
    return Arrangement.objects.all() if staff else Arrangement.objects.none()


def shown_to(meetings: MeetingQuerySet) -> MeetingQuerySet:
    """The meetings as a company's or an adviser's page shows them, in one statement, without what its reader may not read."""
    return (
        meetings.select_related("company", "adviser", "slot", "table", "table__room")
        .only(
            *MEETING_SHOWN,
            *(f"company__{name}" for name in COMPANY_SHOWN),
            "adviser__name",
            "adviser__fields",
            "slot__number",
            "slot__block",
            "slot__period",
            "table__name",
            "table__room__name",
            "table__room__place",
        )
        .order_by("slot__number", "pk")
    )


def adviser_columns() -> tuple[str, ...]:
    """What founders may not read of an adviser behind `adviser`."""
    return tuple(f"adviser__{name}" for name in Adviser.PRIVATE_FIELDS)
