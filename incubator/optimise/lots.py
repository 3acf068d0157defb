"""Draws by lot that come out the same for the same ids, in whatever order they are asked. Knows no Django."""

from hashlib import blake2b


def lot_of(*ids: int | str) -> int:
    """From 1 to 2**30, drawn by the ids: large enough to tell results apart, exact in a double."""
    digest = blake2b("|".join(map(repr, ids)).encode(), digest_size=4).digest()
    return 1 + (int.from_bytes(digest) >> 2)
