from decimal import Decimal
from typing import Any


def front_figures() -> dict[str, Any]:
    return {"residents": 0, "spaces": 0, "let_percent": Decimal(0), "compute_pf": Decimal("88.5"), "storage_pb": 107, "credits_granted_gflop": 0, "advisers": 0, "firms": 0}
