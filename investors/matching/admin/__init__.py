"""The managers' side of matching: runs, matches, introductions, consents, the list of technologies, the weights."""

from . import introductions, matches, runs, tags, weights

__all__ = ["introductions", "matches", "runs", "tags", "weights"]
