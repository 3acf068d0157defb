from .contracts import ContractTemplate, LeaseContract, LeaseSignature
from .endings import EarlyEnd, Holdover
from .leases import ExtensionRequest, Lease, LeaseTransition
from .plans import BlockedPeriod, ConditionRecord, SpaceClaim, SpacePhoto
from .policies import LeasePolicy
from .spaces import Building, Floor, Rate, Space

__all__ = [
    "BlockedPeriod",
    "Building",
    "ConditionRecord",
    "ContractTemplate",
    "EarlyEnd",
    "ExtensionRequest",
    "Floor",
    "Holdover",
    "Lease",
    "LeaseContract",
    "LeasePolicy",
    "LeaseSignature",
    "LeaseTransition",
    "Rate",
    "Space",
    "SpaceClaim",
    "SpacePhoto",
]
