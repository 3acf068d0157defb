"""Advisers and their hours, the slots they offer, and what becomes of each."""

from .advisers import Adviser, Availability, MeetingRoom
from .bookings import Attendance, Booking, BookingQuerySet, ReportQuerySet, SessionReport
from .parts import HOURS_IN_A_WEEK, REASON_LIMIT, TEXT_LIMIT
from .slots import Slot, SlotLink, SlotQuerySet

__all__ = [
    "HOURS_IN_A_WEEK",
    "REASON_LIMIT",
    "TEXT_LIMIT",
    "Adviser",
    "Attendance",
    "Availability",
    "Booking",
    "BookingQuerySet",
    "MeetingRoom",
    "ReportQuerySet",
    "SessionReport",
    "Slot",
    "SlotLink",
    "SlotQuerySet",
]
