"""Moments as people and scripts write them."""

import re
from datetime import UTC, datetime

from django.utils import timezone

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
# The last second of the year 9999.
_LAST = 253_402_300_799


def parse_moment(text: str) -> datetime:
    """Seconds since 1970, or ISO 8601; without an offset it is the camp's time. Raises ValueError."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        if int(text) > _LAST:
            raise ValueError(text)
        return datetime.fromtimestamp(int(text), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(text) from error
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
