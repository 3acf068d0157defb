"""Writes on demo days, wishes, timetables, repairs, and what happens at the tables."""

from .days import call_off_day, change_day, close_day, open_ranking, plan_day, set_participants
from .desk import call_to_table, mark_meeting, propose_introduction, record_verdict, undo_verdict
from .plans import ask_for_plan, keep_plan, lock_meetings, publish_plan
from .ranks import rank
from .repairs import propose_repair

__all__ = [
    "ask_for_plan",
    "call_off_day",
    "call_to_table",
    "change_day",
    "close_day",
    "keep_plan",
    "lock_meetings",
    "mark_meeting",
    "open_ranking",
    "plan_day",
    "propose_introduction",
    "propose_repair",
    "publish_plan",
    "rank",
    "record_verdict",
    "set_participants",
    "undo_verdict",
]
