from . import catalogue, grants, ledger, storage, usage

__all__ = ["catalogue", "grants", "ledger", "storage", "usage"]
