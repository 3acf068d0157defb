"""The managers' side of spaces and leases."""

from . import extensions, leases, spaces

__all__ = ["extensions", "leases", "spaces"]
