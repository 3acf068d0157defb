"""The managers' side of spaces and leases."""

from . import extensions, handovers, leases, spaces

__all__ = ["extensions", "handovers", "leases", "spaces"]
