from .handovers import ChecklistItem, Handover, HandoverItem, HandoverPicture
from .leases import ExtensionRequest, Lease, LeaseTransition
from .spaces import Building, Floor, Rate, Space

__all__ = [
    "Building",
    "ChecklistItem",
    "ExtensionRequest",
    "Floor",
    "Handover",
    "HandoverItem",
    "HandoverPicture",
    "Lease",
    "LeaseTransition",
    "Rate",
    "Space",
]
