"""Advisers and their hours, the slots they offer, and what becomes of each."""

from .advisers import Adviser, Availability, MeetingRoom
from .bookings import (
    Attendance,
    Attendee,
    Booking,
    BookingFile,
    BookingQuerySet,
    ReportQuerySet,
    SessionReport,
)
from .feeds import CalendarFeed, Reminder
from .holds import TimeHold
from .honoraria import HonorariumLine, HonorariumPayment, HonorariumRate, HonorariumSheet
from .hours import BookingTerms, BusyTime, ExternalCalendar, HoursException
from .parts import HOURS_IN_A_WEEK, LONGEST_SESSION, MOST_SEATS, REASON_LIMIT, TEXT_LIMIT
from .slots import Slot, SlotLink, SlotQuerySet
from .waiting import Offer, Proposal, WaitingEntry, WaitingQuerySet

__all__ = [
    "HOURS_IN_A_WEEK",
    "LONGEST_SESSION",
    "MOST_SEATS",
    "REASON_LIMIT",
    "TEXT_LIMIT",
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
    "ExternalCalendar",
    "HonorariumLine",
    "HonorariumPayment",
    "HonorariumRate",
    "HonorariumSheet",
    "HoursException",
    "MeetingRoom",
    "Offer",
    "Proposal",
    "Reminder",
    "ReportQuerySet",
    "SessionReport",
    "Slot",
    "SlotLink",
    "SlotQuerySet",
    "TimeHold",
    "WaitingEntry",
    "WaitingQuerySet",
]
