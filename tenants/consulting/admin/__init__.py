"""The managers' consulting: advisers, the times they offer, and what became of every booking."""

from .advisers import AdviserAdmin, MeetingRoomAdmin
from .bookings import BookingAdmin
from .honoraria import HonorariumRateAdmin
from .reports import NextStepAdmin, SessionReportAdmin
from .slots import SlotAdmin
from .waiting import AvailabilityAdmin, WaitingEntryAdmin

__all__ = [
    "AdviserAdmin",
    "AvailabilityAdmin",
    "BookingAdmin",
    "HonorariumRateAdmin",
    "MeetingRoomAdmin",
    "NextStepAdmin",
    "SessionReportAdmin",
    "SlotAdmin",
    "WaitingEntryAdmin",
]
