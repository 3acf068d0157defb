"""Writes on runs, matches, introductions, consents, conflicts and wishes."""

from .edits import EditPreview, edit_run, preview_edit
from .introductions import (
    answer_introduction,
    call_off_introduction,
    introduce,
    record_outcome,
    send_introduction_mail,
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
from .runs import Repeated, dismiss_match, publish_run, repeat_run, run_matching

__all__ = [
    "EditPreview",
    "Repeated",
    "answer_introduction",
    "call_off_introduction",
    "decide_conflict",
    "declare_conflict",
    "dismiss_match",
    "edit_run",
    "end_conflict",
    "introduce",
    "preview_edit",
    "publish_run",
    "record_conflict",
    "record_outcome",
    "repeat_run",
    "run_matching",
    "send_introduction_mail",
    "set_participation",
    "set_preference",
    "withdraw_disclosure",
]
