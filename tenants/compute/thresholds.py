"""When use of what was granted deserves a word. Knows no Django."""

from collections.abc import Iterable
from hashlib import sha256

PERCENTS = (50, 80, 95, 100)


def reached(used: int, granted: int) -> list[int]:
    """The thresholds that are reached, lowest first. Exact: whole numbers alone are compared."""
    if granted <= 0:
        return []
    return [percent for percent in PERCENTS if 100 * used >= percent * granted]


def grants_key(names: Iterable[str]) -> str:
    """What stands for these grants together, in whatever order they come."""
    return sha256("\n".join(sorted(names)).encode()).hexdigest()
