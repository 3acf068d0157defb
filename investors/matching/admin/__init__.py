"""The managers' side of matching: runs, matches, introductions, consents, conflicts and wishes, technologies, weights."""

from . import introductions, limits, matches, runs, tags, weights

__all__ = ["introductions", "limits", "matches", "runs", "tags", "weights"]
