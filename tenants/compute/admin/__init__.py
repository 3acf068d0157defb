from . import (
    catalogue,
    grants,
    holds,
    ledger,
    limits,
    market,
    notices,
    reconciliation,
    requests,
    storage,
    usage,
)

__all__ = [
    "catalogue",
    "grants",
    "holds",
    "ledger",
    "limits",
    "market",
    "notices",
    "reconciliation",
    "requests",
    "storage",
    "usage",
]
