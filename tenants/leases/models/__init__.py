from .leases import ExtensionRequest, Lease, LeaseTransition
from .plans import BlockedPeriod, ConditionRecord, SpaceClaim, SpacePhoto
from .spaces import Building, Floor, Rate, Space

__all__ = [
    "BlockedPeriod",
    "Building",
    "ConditionRecord",
    "ExtensionRequest",
    "Floor",
    "Lease",
    "LeaseTransition",
    "Rate",
    "Space",
    "SpaceClaim",
    "SpacePhoto",
]
