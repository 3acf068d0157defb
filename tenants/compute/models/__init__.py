from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .entries import CreditHold, LedgerEntry
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .limits import AccountLimit, LimitSync, LimitSyncLine
from .postings import UsagePosting, UsageTally
from .reconciliation import Reconciliation, ReconciliationLine
from .usage import AssignedServer, JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "AccountLimit",
    "Allocation",
    "AssignedServer",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "CreditHold",
    "JobHold",
    "LedgerEntry",
    "LimitSync",
    "LimitSyncLine",
    "Pool",
    "Reconciliation",
    "ReconciliationLine",
    "RejectedRow",
    "Resource",
    "ResourceRate",
    "Transfer",
    "UsageDay",
    "UsageImport",
    "UsagePosting",
    "UsageRecord",
    "UsageTally",
]
