from . import catalogue, grants, ledger, limits, reconciliation, usage

__all__ = ["catalogue", "grants", "ledger", "limits", "reconciliation", "usage"]
