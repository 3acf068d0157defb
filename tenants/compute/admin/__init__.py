from . import catalogue, grants, ledger, reconciliation, usage

__all__ = ["catalogue", "grants", "ledger", "reconciliation", "usage"]
