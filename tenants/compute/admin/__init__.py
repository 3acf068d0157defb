from . import catalogue, grants, ledger, market, storage, usage

__all__ = ["catalogue", "grants", "ledger", "market", "storage", "usage"]
