from .catalogue import Cluster, ClusterAccount, Resource, ResourceRate
from .ledger import Allocation, CreditAccount, Pool, Transfer, UsageDay
from .notices import ClawBackNotice, CreditMail, LotExtension, LotWarning
from .requests import GrantPolicy, GrantRequest, PlannedUse
from .usage import JobHold, RejectedRow, UsageImport, UsageRecord

__all__ = [
    "Allocation",
    "ClawBackNotice",
    "Cluster",
    "ClusterAccount",
    "CreditAccount",
    "CreditMail",
    "GrantPolicy",
    "GrantRequest",
    "JobHold",
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
    "UsageRecord",
]
