from .contracts import ContractTemplate, LeaseContract, LeaseSignature
from .endings import EarlyEnd, Holdover
from .handovers import ChecklistItem, Handover, HandoverItem, HandoverPicture
from .leases import ExtensionRequest, Lease, LeaseTransition
from .plans import BlockedPeriod, ConditionRecord, SpaceClaim, SpacePhoto
from .policies import LeasePolicy
from .spaces import Building, Floor, Rate, Space

__all__ = [
    "BlockedPeriod",
    "Building",
    "ChecklistItem",
    "ConditionRecord",
    "ContractTemplate",
    "EarlyEnd",
    "ExtensionRequest",
    "Floor",
    "Handover",
    "HandoverItem",
    "HandoverPicture",
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
