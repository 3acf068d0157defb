from . import catalogue, grants, ledger, usage

__all__ = ["catalogue", "grants", "ledger", "usage"]
