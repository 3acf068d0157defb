import hashlib
import json
from typing import Any


def fingerprint(value: Any) -> str:
    """SHA-256 of a value's canonical JSON: equal for equal values, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
