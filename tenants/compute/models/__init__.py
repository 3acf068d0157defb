from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .limits import AccountLimit, LimitSync, LimitSyncLine
from .reconciliation import Reconciliation, ReconciliationLine
from .usage import JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "AccountLimit",
    "Allocation",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "JobHold",
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
    "UsageRecord",
]
