from . import catalogue, grants, ledger, limits, market, notices, reconciliation, requests, storage, usage

__all__ = [
    "catalogue",
    "grants",
    "ledger",
    "limits",
    "market",
    "notices",
    "reconciliation",
    "requests",
    "storage",
    "usage",
]
