"""Resident registration numbers (주민등록번호), which nobody may collect: found in what people type, and taken out."""

import re

# Six digits of a birthday that a calendar could have, then seven more of which the first is 1 to 8.
_NUMBER = re.compile(
    r"(?<![0-9])[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])\s?[-–—·.]?\s?[1-8][0-9]{6}(?![0-9])",
    re.ASCII,
)
HIDDEN = "●●●●●●-●●●●●●●"


def has_resident_number(text: str) -> bool:
    return _NUMBER.search(text) is not None


def without_resident_numbers(text: str) -> str:
    """The text with each such number hidden; everything else as it was typed."""
    return _NUMBER.sub(HIDDEN, text)
