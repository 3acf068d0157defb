"""Writes on spaces, rates, leases and extension requests. Pages, admin, API, tasks and commands call these and no others.

`actor` is the person, None for the system (a command or a task). All raise NotAllowed for whoever may not.
"""

from .extensions import approve_extension, refuse_extension, request_extension, withdraw_extension
from .handovers import (
    add_picture,
    call_off_handover,
    check_item,
    close_handover,
    open_due_handovers,
    open_handover,
    record_return,
)
from .leases import correct_lease, describe_lease, draft_lease, lease_space
from .moves import move_company
from .spaces import create_space, ensure_floor, set_rate, update_space
from .states import activate_lease, advance_leases, end_lease, offer_lease, sign_lease, terminate_lease

__all__ = [
    "activate_lease",
    "add_picture",
    "advance_leases",
    "approve_extension",
    "call_off_handover",
    "check_item",
    "close_handover",
    "correct_lease",
    "create_space",
    "describe_lease",
    "draft_lease",
    "end_lease",
    "ensure_floor",
    "lease_space",
    "move_company",
    "offer_lease",
    "open_due_handovers",
    "open_handover",
    "record_return",
    "refuse_extension",
    "request_extension",
    "set_rate",
    "sign_lease",
    "terminate_lease",
    "update_space",
    "withdraw_extension",
]
