"""What compute would cost outside, in won. Knows no Django.

An amount of credits is turned back into hours of one unit by the resource's rate, and these into won by the price of
an hour. Fractions are kept exact until the sum is rounded, once, to the won.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

SECONDS = 3600


class Price(NamedTuple):
    """Of one unit: whole GFLOP a second, and won an hour; None where nobody has noted one."""

    gflops: int | None
    krw_per_hour: int | None
    source: str = ""


def won_of(gflop: int, price: Price | None) -> Fraction | None:
    """What the use of `gflop` would cost; None where rate or price is unknown."""
    if price is None or not price.gflops or price.krw_per_hour is None:
        return None
    return Fraction(gflop * price.krw_per_hour, price.gflops * SECONDS)


def rounded_won(amounts: Iterable[Fraction]) -> int:
    """The sum, half a won rounded up."""
    return int(sum(amounts, Fraction(0)) + Fraction(1, 2))
