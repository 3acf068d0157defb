from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .reconciliation import Reconciliation, ReconciliationLine
from .usage import JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "Allocation",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "JobHold",
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
