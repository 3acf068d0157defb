"""Demo days, who takes part, what they wish, the timetables in their versions, and what both sides said afterwards."""

from .days import DayCompany, DayFirm, DemoDay, Ranking
from .plans import Meeting, MeetingQuerySet, Plan
from .verdicts import Verdict

__all__ = ["DayCompany", "DayFirm", "DemoDay", "Meeting", "MeetingQuerySet", "Plan", "Ranking", "Verdict"]
