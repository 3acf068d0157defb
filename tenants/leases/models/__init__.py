from .leases import ExtensionRequest, Lease, LeaseTransition
from .spaces import Building, Floor, Rate, Space

__all__ = [
    "Building",
    "ExtensionRequest",
    "Floor",
    "Lease",
    "LeaseTransition",
    "Rate",
    "Space",
]
