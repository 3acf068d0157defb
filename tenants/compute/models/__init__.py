from .alerts import UsageAlert
from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .entries import CreditHold, LedgerEntry
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .limits import AccountLimit, LimitSync, LimitSyncLine
from .market import MarketPrice
from .notices import ClawBackNotice, CreditMail, LotExtension, LotWarning
from .postings import UsagePosting, UsageTally
from .reconciliation import Reconciliation, ReconciliationLine
from .requests import GrantPolicy, GrantRequest, PlannedUse
from .storage import StorageGrant, StorageLevel
from .usage import AssignedServer, JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "AccountLimit",
    "Allocation",
    "AssignedServer",
    "ClawBackNotice",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "CreditHold",
    "CreditMail",
    "GrantPolicy",
    "GrantRequest",
    "JobHold",
    "LedgerEntry",
    "LimitSync",
    "LimitSyncLine",
    "LotExtension",
    "LotWarning",
    "MarketPrice",
    "PlannedUse",
    "Pool",
    "Reconciliation",
    "ReconciliationLine",
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
