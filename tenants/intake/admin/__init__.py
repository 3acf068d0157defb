"""The managers' side: build a call, screen, assign, rank and decide."""

from .applications import ApplicationAdmin
from .calls import CallAdmin
from .reviewers import ReviewerAdmin

__all__ = ["ApplicationAdmin", "CallAdmin", "ReviewerAdmin"]
