"""The managers' side of spaces, leases and their contracts."""

from . import contracts, endings, extensions, handovers, leases, policies, spaces

__all__ = ["contracts", "endings", "extensions", "handovers", "leases", "policies", "spaces"]
