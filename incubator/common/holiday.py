"""The public holidays of Korea, substitute ones included."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def _of_year(year: int) -> frozenset[date]:
    from holidays import country_holidays  # large, and most processes never look at a holiday

    return frozenset(country_holidays("KR", years=year))


def holidays_between(first: date, last: date) -> Collection[date]:
    """The holidays of all years that the days from the first to the last lie in."""
    return frozenset().union(*(_of_year(year) for year in range(first.year, last.year + 1)))


@lru_cache(maxsize=8)
def names_of(year: int, language: str) -> dict[date, str]:
    """The holidays of a year with their names, in Korean (`ko`) or English."""
    from holidays import country_holidays

    return dict(country_holidays("KR", years=year, language="ko" if language == "ko" else "en_US"))
