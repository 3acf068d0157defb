"""What of consulting a person may see. Every list starts at one of the `*_for`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from incubator.common.display import hours
from incubator.common.models import CampSettings

from . import rules
from .enums import BookingState, SlotState, WaitingState
from .models import (
    Adviser,
    Attendee,
    Availability,
    Booking,
    BookingFile,
    BookingQuerySet,
    CalendarFeed,
    CompanyNote,
    ExternalCalendar,
    HonorariumLine,
    HonorariumPayment,
    HonorariumRate,
    HonorariumSheet,
    HoursException,
    NextStep,
    Offer,
    Proposal,
    ReportFile,
    ReportNote,
    ReportQuerySet,
    SessionRating,
    SessionReport,
    Slot,
    SlotQuerySet,
    StepQuerySet,
    TimeHold,
    WaitingEntry,
    WaitingQuerySet,
)
from .policy import REPORT_IS_LATE
from .quarters import Quarter


def advisers_for(user: Any) -> QuerySet[Adviser]:
    """Staff: all. Founders: those who can be booked. An adviser: themselves."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Adviser.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Adviser.objects.filter(active=True)
    if acting.adviser_id is not None:
        return Adviser.objects.filter(pk=acting.adviser_id)
    return Adviser.objects.none()


def slots_for(user: Any) -> SlotQuerySet:
    """Staff: all. An adviser: their own. Founders: open ones of advisers who can be booked, and those their company booked."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Slot.objects.all()
    if acting.adviser_id is not None:
        return Slot.objects.filter(adviser_id=acting.adviser_id)
    if acting.kind == Kind.FOUNDER:
        own = Booking.objects.filter(company_id__in=acting.company_ids).values("slot")
        return Slot.objects.filter(Q(state=SlotState.OPEN, adviser__active=True) | Q(pk__in=own))
    return Slot.objects.none()


def holds_for(user: Any) -> QuerySet[TimeHold]:
    """Time held for something else than sessions. Staff: all. An adviser: their own. Founders: when, never for what."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return TimeHold.objects.all()
    if acting.adviser_id is not None:
        return TimeHold.objects.filter(adviser_id=acting.adviser_id)
    if acting.kind == Kind.FOUNDER:
        return TimeHold.objects.filter(live=True).defer(*TimeHold.PRIVATE_FIELDS)
    return TimeHold.objects.none()


def bookings_for(user: Any) -> BookingQuerySet:
    """Staff: all. Founders: their company's. An adviser: those of their own slots."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Booking.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Booking.objects.filter(company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return Booking.objects.filter(adviser_id=acting.adviser_id)
    return Booking.objects.none()


def reports_for(user: Any) -> ReportQuerySet:
    """Staff: all. Founders: about their company. An adviser: their own, and others' about companies they have or had a session
    with (rules.met_by)."""
    return _of_reports(SessionReport.objects.all(), user)


def report_missing(bookings: Any, now: datetime) -> Any:
    """Of these, the sessions that took place a week ago and whose report is still not written."""
    return bookings.filter(state=BookingState.HELD, report=None, period__endswith__lte=now - REPORT_IS_LATE)


def _of_reports(found: Any, user: Any) -> Any:
    """Of reports, or of what carries a report's company and adviser, what the person may read."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return found
    if acting.kind == Kind.FOUNDER:
        return found.filter(company_id__in=acting.company_ids)
    if acting.adviser_id is not None:
        return found.filter(Q(adviser_id=acting.adviser_id) | Q(company__in=rules.met_by(acting.adviser_id)))
    return found.none()


def steps_for(user: Any) -> StepQuerySet:
    """Next steps, of the reports that the person may read."""
    return _of_reports(NextStep.objects.all(), user)


def report_files_for(user: Any) -> QuerySet[ReportFile]:
    """Files of the reports that the person may read."""
    return _of_reports(ReportFile.objects.all(), user)


def office_notes_for(user: Any) -> QuerySet[ReportNote]:
    """What advisers tell the camp office alone. The managers of consulting: all. An adviser: their own. Nobody else."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF and rules.may_read_notes(user):
        return ReportNote.objects.all()
    if acting.adviser_id is not None:
        return ReportNote.objects.filter(adviser_id=acting.adviser_id)
    return ReportNote.objects.none()


def ratings_for(user: Any) -> QuerySet[SessionRating]:
    """Single ratings. The managers of consulting: all. Founders: their company's. Advisers: none, but see `own_rating`."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF and rules.may_read_ratings(user):
        return SessionRating.objects.all()
    if acting.kind == Kind.FOUNDER:
        return SessionRating.objects.filter(company_id__in=acting.company_ids)
    return SessionRating.objects.none()


def company_notes_for(user: Any) -> QuerySet[CompanyNote]:
    """Founders: their company's own notes. Nobody else, the camp office included."""
    acting = acting_of(user)
    if acting.kind == Kind.FOUNDER:
        return CompanyNote.objects.filter(company_id__in=acting.company_ids)
    return CompanyNote.objects.none()


@dataclass(frozen=True)
class Mean:
    """What an adviser learns of the ratings of their sessions: of how many, and their mean."""

    ratings: int
    mean: Decimal


def own_rating() -> Mean | None:
    """The mean of whole fives of the ratings of the adviser in whose database role it is asked; None while there are fewer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ratings, mean FROM consulting_own_rating()")
        ratings, mean = cursor.fetchone()
    return Mean(ratings, mean) if ratings else None


@dataclass(frozen=True)
class Allowance:
    """A company's hours in a quarter, in minutes."""

    total: int
    used: int

    @property
    def left(self) -> int:
        return max(self.total - self.used, 0)

    @property
    def left_in_words(self) -> str:
        return hours(self.left) if self.left else _("0 h")

    @property
    def is_full(self) -> bool:
        return self.left == 0

    def covers(self, minutes: int) -> bool:
        return minutes <= self.left


@dataclass(frozen=True)
class Allowances:
    """A company's hours in one quarter and every later one, in minutes."""

    total: int
    used: Mapping[Quarter, int]

    def of(self, quarter: Quarter) -> Allowance:
        return Allowance(self.total, self.used.get(quarter, 0))


def allowances_in(bookings: Iterable[Booking]) -> Allowances:
    """The hours that these bookings (with `attendance`) use of their company's, quarter by quarter.

    All that are live count, whoever attends and whichever the adviser, but for sessions the adviser stayed away from.
    """
    used: dict[Quarter, int] = {}
    for booking in bookings:
        kept = getattr(booking, "attendance", None)
        if booking.is_live and (kept is None or kept.adviser_came):
            quarter = Quarter.of(booking.starts)
            used[quarter] = used.get(quarter, 0) + booking.minutes
    return Allowances(CampSettings.current().consulting_hours_per_quarter * 60, used)


def allowances_of(company_id: int, *, since: datetime) -> Allowances:
    """What the company has used of its hours in the quarter of `since` and every later one."""
    bookings = Booking.objects.live().filter(
        company_id=company_id, period__startswith__gte=Quarter.of(since).begins
    )
    columns = ("period", "state", "attendance__adviser_came")
    return allowances_in(bookings.order_by().select_related("attendance").only(*columns))


def allowance_of(company_id: int, *, at: datetime) -> Allowance:
    """The company's allowance in the quarter of `at`."""
    return allowances_of(company_id, since=at).of(Quarter.of(at))


def next_booking_for(user: Any, *, now: datetime) -> Booking | None:
    """The session that comes next (or runs now), in full."""
    coming = bookings_for(user).filter(state=BookingState.BOOKED, period__endswith__gt=now)
    return coming.in_full().order_by("period", "pk").first()


def waiting_for(user: Any) -> WaitingQuerySet:
    """Who waits. Staff: all that still do. Founders: their company. Nobody else."""
    acting = acting_of(user)
    waits = WaitingEntry.objects.filter(state__in=[WaitingState.WAITING, WaitingState.OFFERED])
    if acting.kind == Kind.STAFF:
        return waits
    if acting.kind == Kind.FOUNDER:
        return waits.filter(company_id__in=acting.company_ids)
    return WaitingEntry.objects.none()


def offers_for(user: Any) -> QuerySet[Offer]:
    """Times held for companies that wait. Staff: all. Founders: their company's."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Offer.objects.all()
    if acting.kind == Kind.FOUNDER:
        return Offer.objects.filter(company_id__in=acting.company_ids)
    return Offer.objects.none()


def proposals_for(user: Any) -> QuerySet[Proposal]:
    """Other times proposed, of the sessions that the person may see."""
    return Proposal.objects.filter(booking__in=bookings_for(user))


def files_for(user: Any) -> QuerySet[BookingFile]:
    """Files added to the sessions that the person may see."""
    return BookingFile.objects.filter(booking__in=bookings_for(user))


def attendees_of(booking: Booking) -> list[str]:
    """The names of who comes, whoever booked first. Ask it only of a booking that the reader may see."""
    people = Attendee.objects.filter(booking=booking).order_by("pk")
    return list(people.values_list("person__name", flat=True))


def hours_for(user: Any) -> QuerySet[Availability]:
    """Weekly hours. Staff: all. An adviser: their own. (Founders see the times, not the hours.)"""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Availability.objects.all()
    if acting.adviser_id is not None:
        return Availability.objects.filter(adviser_id=acting.adviser_id)
    return Availability.objects.none()


def exceptions_for(user: Any) -> QuerySet[HoursException]:
    """Days that differ from the weekly hours. Staff: all. An adviser: their own."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return HoursException.objects.all()
    if acting.adviser_id is not None:
        return HoursException.objects.filter(adviser_id=acting.adviser_id)
    return HoursException.objects.none()


def calendars_for(user: Any) -> QuerySet[ExternalCalendar]:
    """Advisers' own calendars. Staff: all. An adviser: their own."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return ExternalCalendar.objects.all()
    if acting.adviser_id is not None:
        return ExternalCalendar.objects.filter(adviser_id=acting.adviser_id)
    return ExternalCalendar.objects.none()


def feeds_for(user: Any) -> QuerySet[CalendarFeed]:
    """The person's own calendar address, whatever role they act in."""
    user_id = acting_of(user).user_id
    return CalendarFeed.objects.filter(user_id=user_id) if user_id else CalendarFeed.objects.none()


def rates_for(user: Any) -> QuerySet[HonorariumRate]:
    """Whoever settles honoraria: all. An adviser: their own."""
    return _paid(HonorariumRate.objects.all(), user)


def lines_for(user: Any) -> QuerySet[HonorariumLine]:
    """What closed months settled; as the rates."""
    return _paid(HonorariumLine.objects.all(), user)


def payments_for(user: Any) -> QuerySet[HonorariumPayment]:
    """What closed months paid; as the rates."""
    return _paid(HonorariumPayment.objects.all(), user)


def sheets_for(user: Any) -> QuerySet[HonorariumSheet]:
    """Which months are closed: for whoever settles them, and every adviser."""
    if rules.may_see_honoraria(user) or acting_of(user).adviser_id is not None:
        return HonorariumSheet.objects.all()
    return HonorariumSheet.objects.none()


def _paid(found: QuerySet[Any], user: Any) -> QuerySet[Any]:
    if rules.may_see_honoraria(user):
        return found
    adviser_id = acting_of(user).adviser_id
    return found.none() if adviser_id is None else found.filter(adviser_id=adviser_id)
