"""Writes on runs, matches, introductions and consents."""

from .introductions import (
    answer_introduction,
    call_off_introduction,
    introduce,
    record_outcome,
    send_introduction_mail,
    withdraw_disclosure,
)
from .runs import dismiss_match, publish_run, run_matching
from .weights import proposed, use_weights

__all__ = [
    "answer_introduction",
    "call_off_introduction",
    "dismiss_match",
    "introduce",
    "proposed",
    "publish_run",
    "record_outcome",
    "run_matching",
    "send_introduction_mail",
    "use_weights",
    "withdraw_disclosure",
]
