"""Writes on runs, matches, introductions, consents, conflicts and wishes."""

from .edits import EditPreview, edit_run, preview_edit
from .introductions import (
    answer_introduction,
    call_off_introduction,
    introduce,
    introduce_pair,
    withdraw_disclosure,
)
from .limits import (
    decide_conflict,
    declare_conflict,
    end_conflict,
    record_conflict,
    set_participation,
    set_preference,
)
from .pipeline import (
    MEETING_STATES,
    arrange_meeting,
    follow_introductions,
    record_investment,
    record_outcome,
    take_back_investment,
    tell_firm,
)
from .runs import Repeated, dismiss_match, publish_run, repeat_run, run_matching
from .weights import proposed, use_weights

__all__ = [
    "MEETING_STATES",
    "EditPreview",
    "Repeated",
    "answer_introduction",
    "arrange_meeting",
    "call_off_introduction",
    "decide_conflict",
    "declare_conflict",
    "dismiss_match",
    "edit_run",
    "end_conflict",
    "follow_introductions",
    "introduce",
    "introduce_pair",
    "preview_edit",
    "proposed",
    "publish_run",
    "record_conflict",
    "record_investment",
    "record_outcome",
    "repeat_run",
    "run_matching",
    "set_participation",
    "set_preference",
    "take_back_investment",
    "tell_firm",
    "use_weights",
    "withdraw_disclosure",
]
