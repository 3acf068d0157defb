"""Writes on compute credits. Amounts are whole GFLOP; 1 PF·h is 3,600,000,000 of them."""

from .accounts import assign_account
from .fetching import fetch_usage, take_usage_file, waiting_files
from .grants import claw_back, grant_credits, make_pool
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
    "fetch_usage",
    "finish_import",
    "grant_credits",
    "import_usage",
    "make_pool",
    "plan_cluster_limits",
    "post_transfers",
    "receive_usage",
    "reconcile_day",
    "reconcile_totals",
    "reconcile_usage",
    "reverse_transfer",
    "set_rate",
    "settle_reconciliation",
    "sync_slurm",
    "take_usage_file",
    "waiting_files",
]
