"""Writes of mentor days. One mutation each, for page, admin, job and command alike."""

from .computing import ask_for_timetable, close_days, draw_up, read_day, set_lock, write_timetable
from .ending import call_off
from .inviting import (
    add_table,
    change_adviser,
    change_company,
    change_table,
    invite_advisers,
    invite_companies,
    take_out,
)
from .planning import close_wishes, collect_wishes, plan_day
from .publishing import publish, timetable_in
from .ranking import save_wishes
from .repairing import current_slot, prepare_repair

__all__ = [
    "add_table",
    "ask_for_timetable",
    "call_off",
    "change_adviser",
    "change_company",
    "change_table",
    "close_days",
    "close_wishes",
    "collect_wishes",
    "current_slot",
    "draw_up",
    "invite_advisers",
    "invite_companies",
    "plan_day",
    "prepare_repair",
    "publish",
    "read_day",
    "save_wishes",
    "set_lock",
    "take_out",
    "timetable_in",
    "write_timetable",
]
