from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .entries import CreditHold, LedgerEntry
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .notices import ClawBackNotice, CreditMail, LotExtension, LotWarning
from .postings import UsagePosting, UsageTally
from .requests import GrantPolicy, GrantRequest, PlannedUse
from .usage import AssignedServer, JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
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
    "LotExtension",
    "LotWarning",
    "PlannedUse",
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
