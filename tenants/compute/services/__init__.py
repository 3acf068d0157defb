"""Writes on compute credits. Amounts are whole GFLOP; 1 PF·h is 3,600,000,000 of them."""

from .accounts import assign_account
from .fetching import fetch_usage, take_usage_file, waiting_files
from .grants import claw_back, grant_credits, make_pool
from .holds import expire_holds, place_hold, release_hold, settle_debt
from .imports import finish_import, import_usage, receive_usage
from .ledger import Posting, post_transfers, reverse_transfer
from .limits import LimitsPlan, plan_cluster_limits, sync_slurm
from .rates import estimate_cost, set_rate
from .reconciliation import reconcile_day, reconcile_totals, reconcile_usage, settle_reconciliation

__all__ = [
    "LimitsPlan",
    "Posting",
    "assign_account",
    "claw_back",
    "estimate_cost",
    "expire_holds",
    "fetch_usage",
    "finish_import",
    "grant_credits",
    "import_usage",
    "make_pool",
    "place_hold",
    "plan_cluster_limits",
    "post_transfers",
    "receive_usage",
    "reconcile_day",
    "reconcile_totals",
    "reconcile_usage",
    "release_hold",
    "reverse_transfer",
    "set_rate",
    "settle_debt",
    "settle_reconciliation",
    "sync_slurm",
    "take_usage_file",
    "waiting_files",
]
