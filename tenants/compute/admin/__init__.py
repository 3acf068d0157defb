from . import catalogue, grants, ledger, limits, notices, reconciliation, requests, usage

__all__ = ["catalogue", "grants", "ledger", "limits", "notices", "reconciliation", "requests", "usage"]
