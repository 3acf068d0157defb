from .contracts import ContractTemplate, LeaseContract, LeaseSignature
from .endings import EarlyEnd, Holdover
from .leases import ExtensionRequest, Lease, LeaseTransition
from .policies import LeasePolicy
from .spaces import Building, Floor, Rate, Space

__all__ = [
    "Building",
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
]
