"""Writes on compute credits. Amounts are whole GFLOP; 1 PF·h is 3,600,000,000 of them."""

from .accounts import assign_account
from .alerts import mail_alerts, raise_alerts
from .grants import claw_back, grant_credits, make_pool
from .imports import finish_import, import_usage, receive_usage
from .ledger import Posting, post_transfers, reverse_transfer
from .market import set_market_price
from .rates import estimate_cost, set_rate
from .storage import end_storage, grant_storage, import_storage

__all__ = [
    "Posting",
    "assign_account",
    "claw_back",
    "end_storage",
    "estimate_cost",
    "finish_import",
    "grant_credits",
    "grant_storage",
    "import_storage",
    "import_usage",
    "mail_alerts",
    "make_pool",
    "post_transfers",
    "raise_alerts",
    "receive_usage",
    "reverse_transfer",
    "set_market_price",
    "set_rate",
]
