"""Writes on compute credits. Amounts are whole GFLOP; 1 PF·h is 3,600,000,000 of them."""

from .accounts import assign_account
from .alerts import mail_alerts, raise_alerts
from .clawbacks import (
    ask_exemption,
    cancel_notice,
    carry_out_notice,
    decide_exemption,
    review_lots,
)
from .expiry import expire_lots, warn_of_ends
from .fetching import fetch_usage, take_usage_file, waiting_files
from .grants import claw_back, grant_credits, make_pool
from .holds import expire_holds, place_hold, release_hold, settle_debt
from .imports import finish_import, import_usage, receive_usage
from .leaving import return_all
from .ledger import Posting, post_transfers, reverse_transfer
from .limits import LimitsPlan, plan_cluster_limits, sync_slurm
from .lots import extend_lot, move_credits
from .mails import send_mail, send_waiting_mails
from .market import set_market_price
from .policy import set_policy
from .rates import estimate_cost, set_rate
from .reconciliation import reconcile_day, reconcile_totals, reconcile_usage, settle_reconciliation
from .requests import agree_to_request, ask_for_credits, decline_request, withdraw_request
from .storage import end_storage, grant_storage, import_storage

__all__ = [
    "LimitsPlan",
    "Posting",
    "agree_to_request",
    "ask_exemption",
    "ask_for_credits",
    "assign_account",
    "cancel_notice",
    "carry_out_notice",
    "claw_back",
    "decide_exemption",
    "decline_request",
    "end_storage",
    "estimate_cost",
    "expire_holds",
    "expire_lots",
    "extend_lot",
    "fetch_usage",
    "finish_import",
    "grant_credits",
    "grant_storage",
    "import_storage",
    "import_usage",
    "mail_alerts",
    "make_pool",
    "move_credits",
    "place_hold",
    "plan_cluster_limits",
    "post_transfers",
    "raise_alerts",
    "receive_usage",
    "reconcile_day",
    "reconcile_totals",
    "reconcile_usage",
    "release_hold",
    "return_all",
    "reverse_transfer",
    "review_lots",
    "send_mail",
    "send_waiting_mails",
    "set_market_price",
    "set_policy",
    "set_rate",
    "settle_debt",
    "settle_reconciliation",
    "sync_slurm",
    "take_usage_file",
    "waiting_files",
    "warn_of_ends",
    "withdraw_request",
]
