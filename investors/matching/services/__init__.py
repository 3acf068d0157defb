"""Writes on runs, matches, introductions and consents."""

from .introductions import (
    answer_introduction,
    call_off_introduction,
    introduce,
    withdraw_disclosure,
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
from .runs import dismiss_match, publish_run, run_matching
from .weights import proposed, use_weights

__all__ = [
    "MEETING_STATES",
    "answer_introduction",
    "arrange_meeting",
    "call_off_introduction",
    "dismiss_match",
    "follow_introductions",
    "introduce",
    "proposed",
    "publish_run",
    "record_investment",
    "record_outcome",
    "run_matching",
    "send_introduction_mail",
    "take_back_investment",
    "tell_firm",
    "use_weights",
    "withdraw_disclosure",
]
