from .duties import change_kind, confirm_duty, enter_duty, refuse_duty, send_in_duty
from .registrations import check_registrations, enter_check
from .reminders import remind
from .switches import change_rules, switch_off, switch_on

__all__ = [
    "change_kind",
    "change_rules",
    "check_registrations",
    "confirm_duty",
    "enter_check",
    "enter_duty",
    "refuse_duty",
    "remind",
    "send_in_duty",
    "switch_off",
    "switch_on",
]
