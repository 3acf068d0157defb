"""Writes on compute credits. Amounts are whole GFLOP; 1 PF·h is 3,600,000,000 of them."""

from .accounts import assign_account
from .grants import claw_back, grant_credits, make_pool
from .holds import expire_holds, place_hold, release_hold, settle_debt
from .imports import finish_import, import_usage, receive_usage
from .ledger import Posting, post_transfers, reverse_transfer
from .rates import estimate_cost, set_rate

__all__ = [
    "Posting",
    "assign_account",
    "claw_back",
    "estimate_cost",
    "expire_holds",
    "finish_import",
    "grant_credits",
    "import_usage",
    "make_pool",
    "place_hold",
    "post_transfers",
    "receive_usage",
    "release_hold",
    "reverse_transfer",
    "set_rate",
    "settle_debt",
]
