"""Firms and what they look for, and the words in which technologies are named."""

from .firms import Firm, FirmMember, Fund, Holding, Mandate, MandateProposal
from .tags import IgnoredWord, Tag, TagWord

__all__ = [
    "Firm",
    "FirmMember",
    "Fund",
    "Holding",
    "IgnoredWord",
    "Mandate",
    "MandateProposal",
    "Tag",
    "TagWord",
]
