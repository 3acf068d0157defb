"""Writes on spaces, rates, leases and extension requests. Pages, admin, API, tasks and commands call these and no others.

`actor` is the person, None for the system (a command or a task). All raise NotAllowed for whoever may not.
"""

from .blocking import block_space, end_block
from .conditions import record_condition
from .extensions import approve_extension, refuse_extension, request_extension, withdraw_extension
from .leases import correct_lease, describe_lease, draft_lease, lease_space
from .moves import move_company
from .photos import add_photo, describe_photo, order_photos, remove_photo
from .plans import lay_out_floor, place_spaces
from .programmes import name_programme
from .spaces import create_space, ensure_floor, set_rate, update_space
from .states import activate_lease, advance_leases, end_lease, offer_lease, sign_lease, terminate_lease

__all__ = [
    "activate_lease",
    "add_photo",
    "advance_leases",
    "approve_extension",
    "block_space",
    "correct_lease",
    "create_space",
    "describe_lease",
    "describe_photo",
    "draft_lease",
    "end_block",
    "end_lease",
    "ensure_floor",
    "lay_out_floor",
    "lease_space",
    "move_company",
    "name_programme",
    "offer_lease",
    "order_photos",
    "place_spaces",
    "record_condition",
    "refuse_extension",
    "remove_photo",
    "request_extension",
    "set_rate",
    "sign_lease",
    "terminate_lease",
    "update_space",
    "withdraw_extension",
]
