"""Korean company numbers: the form, the checksum and the way they are shown. ASCII digits only."""

import re

from stdnum.kr import brn

_DIGITS = re.compile(r"[0-9]+")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def is_business_number(digits: str) -> bool:
    """Whether these ten ASCII digits are a business number (사업자등록번호) with its check digit right."""
    if len(digits) != 10 or not _DIGITS.fullmatch(digits) or not brn.is_valid(digits):
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return (10 - (weighted + int(digits[8]) * 5 // 10) % 10) % 10 == int(digits[9])


def is_corporate_number(digits: str) -> bool:
    """Whether these are thirteen ASCII digits; numbers given from 2025-01-31 carry no checksum."""
    return len(digits) == 13 and _DIGITS.fullmatch(digits) is not None


def shown_business_number(digits: str) -> str:
    """Ten digits as people write them: 124-81-00998."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def shown_corporate_number(digits: str) -> str:
    """Thirteen digits as people write them: 209725-7063435."""
    return f"{digits[:6]}-{digits[6:]}"
