"""The managers' side of matching: runs, matches, introductions, consents, conflicts and wishes."""

from . import introductions, limits, matches, runs

__all__ = ["introductions", "limits", "matches", "runs"]
