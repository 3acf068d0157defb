from . import catalogue, grants, ledger, notices, requests, usage

__all__ = ["catalogue", "grants", "ledger", "notices", "requests", "usage"]
