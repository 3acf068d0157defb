"""All the support that a company has had in a window of days: in won, PF·h and hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.display import petaflop_hours
from incubator.common.downloads import Cell
from investors.matching import selectors as matching
from investors.matching.enums import IntroductionState
from investors.matching.models import Introduction
from tenants.companies import selectors as companies
from tenants.companies.models import Company
from tenants.compute import selectors as compute
from tenants.compute.models import Allocation
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import BookingState
from tenants.consulting.models import Booking
from tenants.leases import selectors as leases
from tenants.leases.models import Lease
from tenants.leases.waived import Waived

ONE_DAY = timedelta(days=1)
# From the moment that a firm has been told of the company, whatever it made of it.
INTRODUCED = (
    IntroductionState.SENT,
    IntroductionState.MET,
    IntroductionState.CONTINUING,
    IntroductionState.TERM_SHEET,
    IntroductionState.PASSED,
    IntroductionState.INVESTED,
)


@dataclass(frozen=True)
class LeaseLine:
    """One lease in the window: its days `first` to `last`, both held, and what they would have cost."""

    lease: Lease
    waived: Waived
    first: date
    last: date


@dataclass(frozen=True)
class Statement:
    """Support from `first` to `last`, both included; `first` is the day of the first support when none was asked for."""

    company: Company
    first: date
    last: date
    lines: Sequence[LeaseLine]
    grants: Sequence[Allocation]
    used_gflop: int
    sessions: Sequence[Booking]
    introductions: Sequence[Introduction]

    @property
    def rent_krw(self) -> int | None:
        return _sum([line.waived.rent_krw for line in self.lines])

    @property
    def fee_krw(self) -> int | None:
        return _sum([line.waived.fee_krw for line in self.lines])

    @property
    def total_krw(self) -> int | None:
        """Won; None while days of a lease have no rate: then no sum would be true."""
        return _sum([line.waived.total_krw for line in self.lines])

    @property
    def granted_gflop(self) -> int:
        return sum(grant.net_gflop for grant in self.grants)

    @property
    def minutes(self) -> int:
        return sum(session.minutes for session in self.sessions)

    @property
    def is_empty(self) -> bool:
        return not (self.lines or self.grants or self.used_gflop or self.sessions or self.introductions)


def _sum(amounts: Sequence[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def statement_of(user: Any, company_id: int, *, first: date | None, last: date) -> Statement | None:
    """What the company had from `first` (None: ever) until `last`, in six queries; None for a company out of sight.

    Credits count by the day of the grant and of the use, sessions by their day, introductions by the day they were made.
    """
    used = (
        compute.usage_days_for(user)
        .filter(company=OuterRef("pk"), day__gte=first or date.min, day__lte=last)
        .order_by()
        .values("company")
        .annotate(sum=Sum("gflop"))
        .values("sum")
    )
    company = companies.companies_for(user).annotate(used=Subquery(used)).filter(pk=company_id).first()
    if company is None:
        return None
    begins, ends = _moment(first or date(1, 1, 2)), _moment(last + ONE_DAY)
    lines = list(_lines(user, company_id, first or date.min, last))
    grants = list(
        compute.grants_for(user)
        .filter(company=company_id, granted_at__gte=begins, granted_at__lt=ends)
        .order_by("granted_at", "pk")
    )
    sessions = list(
        consulting.bookings_for(user)
        .filter(company=company_id, state=BookingState.HELD)
        .filter(period__startswith__gte=begins, period__startswith__lt=ends)
        .select_related("adviser")
        .only("period", "topic", "adviser__name", "adviser__affiliation")
        .order_by("period", "pk")
    )
    introductions = list(
        matching.introductions_for(user)
        .filter(company=company_id, state__in=INTRODUCED, made_at__gte=begins, made_at__lt=ends)
        .order_by("made_at", "pk")
    )
    starts = [
        *(line.first for line in lines),
        *(timezone.localdate(grant.granted_at) for grant in grants),
        *(timezone.localdate(session.starts) for session in sessions),
        *(timezone.localdate(each.made_at) for each in introductions),
    ]
    return Statement(
        company=company,
        first=first or min(starts, default=last),
        last=last,
        lines=lines,
        grants=grants,
        used_gflop=int(company.used or 0),
        sessions=sessions,
        introductions=introductions,
    )


def _lines(user: Any, company_id: int, first: date, last: date) -> Iterator[LeaseLine]:
    found = list(leases.leases_for(user).filter(company=company_id).order_by("period", "pk"))
    amounts = leases.waived_for(found, first, last)
    for lease in found:
        waived = amounts[lease.pk]
        if waived.days and lease.first_day and lease.last_day:
            yield LeaseLine(lease, waived, max(lease.first_day, first), min(lease.last_day, last))


def rows(statement: Statement) -> Iterator[list[Cell]]:
    """The statement as a table for a spreadsheet: one amount a row, the header first."""
    yield [_("Support"), _("What"), _("From"), _("Until"), _("How much"), _("Unit")]
    won, credit, minute = _("won"), "PF·h", _("minutes")
    for line in statement.lines:
        place = line.lease.space.place
        yield [_("Waived rent"), place, line.first, line.last, line.waived.rent_krw, won]
        yield [_("Waived maintenance fee"), place, line.first, line.last, line.waived.fee_krw, won]
    for grant in statement.grants:
        last = grant.period.upper - ONE_DAY
        amount = petaflop_hours(grant.net_gflop)
        yield [_("Credits granted"), grant.programme, grant.period.lower, last, amount, credit]
    for session in statement.sessions:
        day = timezone.localdate(session.starts)
        yield [_("Consulting"), session.adviser.name, day, day, session.minutes, minute]
    for each in statement.introductions:
        yield [
            _("Introduction"),
            each.firm.name,
            timezone.localdate(each.made_at),
            None,
            1,
            _("introductions"),
        ]
    window = (statement.first, statement.last)
    used = petaflop_hours(statement.used_gflop)
    yield [_("Total"), _("Waived rent and maintenance fee"), *window, statement.total_krw, won]
    yield [_("Total"), _("Credits granted"), *window, petaflop_hours(statement.granted_gflop), credit]
    yield [_("Total"), _("Credits used"), *window, used, credit]
    yield [_("Total"), _("Consulting"), *window, statement.minutes, minute]
    yield [_("Total"), _("Introductions"), *window, len(statement.introductions), _("introductions")]
