from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .entries import CreditHold, LedgerEntry
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .postings import UsagePosting, UsageTally
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
    "Pool",
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
