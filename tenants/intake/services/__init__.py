"""Writes on calls, applications and reviews. Pages, admin, tasks and the demonstration call these and no others.

`actor` is the person, a Bearer for whoever holds an application's link, None for the system.
"""

from .applying import (
    ask_for_link,
    attach_file,
    remove_file,
    save_draft,
    submit_application,
    withdraw_application,
)
from .calls import FROZEN, attach_to_call, move_call, save_call
from .conflicts import find_conflicts
from .deciding import (
    accept_application,
    decline_place,
    position,
    put_on_waiting_list,
    reject_application,
    undo_acceptance,
)
from .keeping import forget_applications
from .letters import preview_letter, send_letter, send_waiting_letters
from .reviewing import (
    add_reviewer,
    admit_reviewer,
    assign_reviewer,
    assign_reviews,
    declare_conflict,
    save_review,
    take_review_away,
)
from .screening import ask_for_documents, screen_application

__all__ = [
    "FROZEN",
    "accept_application",
    "add_reviewer",
    "admit_reviewer",
    "ask_for_documents",
    "ask_for_link",
    "assign_reviewer",
    "assign_reviews",
    "attach_file",
    "attach_to_call",
    "declare_conflict",
    "decline_place",
    "find_conflicts",
    "forget_applications",
    "move_call",
    "position",
    "preview_letter",
    "put_on_waiting_list",
    "reject_application",
    "remove_file",
    "save_call",
    "save_draft",
    "save_review",
    "screen_application",
    "send_letter",
    "send_waiting_letters",
    "submit_application",
    "take_review_away",
    "undo_acceptance",
    "withdraw_application",
]
