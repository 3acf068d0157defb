"""The managers' firms, and what the firms' contacts ask to have changed."""

from . import firms, proposals

__all__ = ["firms", "proposals"]
