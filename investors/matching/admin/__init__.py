"""The managers' side of matching: runs, matches, introductions, consents."""

from . import introductions, matches, runs

__all__ = ["introductions", "matches", "runs"]
