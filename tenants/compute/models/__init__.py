from .alerts import UsageAlert
from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .market import MarketPrice
from .storage import StorageGrant, StorageLevel
from .usage import JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "Allocation",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "JobHold",
    "MarketPrice",
    "Pool",
    "RejectedRow",
    "Resource",
    "ResourceRate",
    "StorageGrant",
    "StorageLevel",
    "Transfer",
    "UsageAlert",
    "UsageDay",
    "UsageImport",
    "UsageRecord",
]
