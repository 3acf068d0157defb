"""Writes on spaces, rates, leases, their contracts and all that is asked of them. Pages, admin, API, tasks and commands
call these and no others.

`actor` is the person, None for the system (a command or a task). All raise NotAllowed for whoever may not.
"""

from .blocking import block_space, end_block
from .conditions import record_condition
from .contracts import (
    add_contract_template,
    consent_words,
    countersign_contract,
    describe_lease,
    redraw_contract,
    sign_contract,
)
from .endings import (
    agree_early_end,
    ask_early_end,
    give_notice,
    refuse_early_end,
    take_back_early_end,
    withdraw_early_end,
)
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
from .holdovers import note_holdover, resolve_holdover
from .leases import correct_lease, draft_lease, lease_space
from .mails import mail_early_end
from .moves import move_company, swap_companies
from .offers import revise_lease
from .photos import add_photo, describe_photo, order_photos, remove_photo
from .plans import lay_out_floor, place_spaces
from .policies import set_lease_policy
from .programmes import name_programme
from .spaces import create_space, ensure_floor, set_rate, update_space
from .states import activate_lease, advance_leases, end_lease, offer_lease, sign_lease, terminate_lease

__all__ = [
    "activate_lease",
    "add_contract_template",
    "add_photo",
    "add_picture",
    "advance_leases",
    "agree_early_end",
    "approve_extension",
    "ask_early_end",
    "block_space",
    "call_off_handover",
    "check_item",
    "close_handover",
    "consent_words",
    "correct_lease",
    "countersign_contract",
    "create_space",
    "describe_lease",
    "describe_photo",
    "draft_lease",
    "end_block",
    "end_lease",
    "ensure_floor",
    "give_notice",
    "lay_out_floor",
    "lease_space",
    "mail_early_end",
    "move_company",
    "name_programme",
    "note_holdover",
    "offer_lease",
    "open_due_handovers",
    "open_handover",
    "order_photos",
    "place_spaces",
    "record_condition",
    "record_return",
    "redraw_contract",
    "refuse_early_end",
    "refuse_extension",
    "remove_photo",
    "request_extension",
    "resolve_holdover",
    "revise_lease",
    "set_lease_policy",
    "set_rate",
    "sign_contract",
    "sign_lease",
    "swap_companies",
    "take_back_early_end",
    "terminate_lease",
    "update_space",
    "withdraw_early_end",
    "withdraw_extension",
]
