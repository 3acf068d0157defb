from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .usage import JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "Allocation",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "JobHold",
    "Pool",
    "RejectedRow",
    "Resource",
    "ResourceRate",
    "Transfer",
    "UsageDay",
    "UsageImport",
    "UsageRecord",
]
