"""What all solvers share of their input: ids in order, and refusals in words. Knows no Django."""

from collections.abc import Mapping
from typing import ClassVar


def gettext_noop(message: str) -> str:
    """Mark a message for extraction; whoever shows it translates the template by its code."""
    return message


class InputError(ValueError):
    """The input makes no sense. `code` is a key of `reasons`, `place` says where: `score of 3, 7`."""

    reasons: ClassVar[Mapping[str, str]]

    def __init__(self, code: str, place: str, value: object = "") -> None:
        self.code = code
        self.place = place
        self.params = {"place": place, "value": str(value)[:80]}
        super().__init__(self.reasons[code] % self.params)


def order_of(identity: int | str) -> tuple[str, int | str]:
    """A sort key for ids, numbers before texts."""
    return (type(identity).__name__, identity)
