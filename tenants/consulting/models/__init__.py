"""Advisers and their hours, the slots they offer, and what becomes of each."""

from .advisers import Adviser, Availability, MeetingRoom
from .bookings import (
    Attendance,
    Attendee,
    Booking,
    BookingFile,
    BookingQuerySet,
)
from .feeds import CalendarFeed, Reminder
from .holds import TimeHold
from .honoraria import HonorariumLine, HonorariumPayment, HonorariumRate, HonorariumSheet
from .hours import BookingTerms, BusyTime, ExternalCalendar, HoursException
from .judging import CompanyNote, SessionRating
from .parts import HOURS_IN_A_WEEK, LONGEST_SESSION, MOST_SEATS, REASON_LIMIT, TEXT_LIMIT
from .reports import (
    WITH_REPORT,
    NextStep,
    ReportFile,
    ReportNote,
    ReportQuerySet,
    SessionReport,
    StepQuerySet,
)
from .slots import Slot, SlotLink, SlotQuerySet
from .waiting import Offer, Proposal, WaitingEntry, WaitingQuerySet

__all__ = [
    "HOURS_IN_A_WEEK",
    "LONGEST_SESSION",
    "MOST_SEATS",
    "REASON_LIMIT",
    "TEXT_LIMIT",
    "WITH_REPORT",
    "Adviser",
    "Attendance",
    "Attendee",
    "Availability",
    "Booking",
    "BookingFile",
    "BookingQuerySet",
    "BookingTerms",
    "BusyTime",
    "CalendarFeed",
    "CompanyNote",
    "ExternalCalendar",
    "HonorariumLine",
    "HonorariumPayment",
    "HonorariumRate",
    "HonorariumSheet",
    "HoursException",
    "MeetingRoom",
    "NextStep",
    "Offer",
    "Proposal",
    "Reminder",
    "ReportFile",
    "ReportNote",
    "ReportQuerySet",
    "SessionRating",
    "SessionReport",
    "Slot",
    "SlotLink",
    "SlotQuerySet",
    "StepQuerySet",
    "TimeHold",
    "WaitingEntry",
    "WaitingQuerySet",
]
