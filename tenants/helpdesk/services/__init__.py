from .categories import change_category, create_category
from .handling import answer, assign, decline, note, set_due, solve, start, wait_for_company
from .reporting import comment, confirm_solved, report_problem, say_unsolved, withdraw
from .silence import close_silent

__all__ = [
    "answer",
    "assign",
    "change_category",
    "close_silent",
    "comment",
    "confirm_solved",
    "create_category",
    "decline",
    "note",
    "report_problem",
    "say_unsolved",
    "set_due",
    "solve",
    "start",
    "wait_for_company",
    "withdraw",
]
