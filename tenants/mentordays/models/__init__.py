"""Days of meetings, who comes to them, what they wish for, and the timetables in their versions."""

from .arrangements import Arrangement, Meeting, MeetingQuerySet, Unmet
from .days import InvitedAdviser, InvitedCompany, MentorDay, MentorSlot, Table
from .wishes import Wish

__all__ = [
    "Arrangement",
    "InvitedAdviser",
    "InvitedCompany",
    "Meeting",
    "MeetingQuerySet",
    "MentorDay",
    "MentorSlot",
    "Table",
    "Unmet",
    "Wish",
]
