from .alerts import UsageAlert
from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .entries import CreditHold, LedgerEntry
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .market import MarketPrice
from .postings import UsagePosting, UsageTally
from .storage import StorageGrant, StorageLevel
from .usage import AssignedServer, JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "Allocation",
    "AssignedServer",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "CreditHold",
    "JobHold",
    "LedgerEntry",
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
    "UsagePosting",
    "UsageRecord",
    "UsageTally",
]
