"""Demo days, who takes part, what they wish, the timetables in their versions, and what both sides said afterwards."""

from .days import DayCompany, DayFirm, DemoDay, Ranking
from .plans import DemoMeetingQuerySet, Meeting, Plan
from .verdicts import Verdict

__all__ = ["DayCompany", "DayFirm", "DemoDay", "DemoMeetingQuerySet", "Meeting", "Plan", "Ranking", "Verdict"]
