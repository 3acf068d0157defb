"""Matching in numbers for everybody: no names, and nothing that fewer than three companies make up."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import caches

from incubator.common.dbroles import acting_as_system
from investors.matching.enums import IntroductionState as State

from .matching import Reading, read

LEAST = 3
# Amounts are told in whole hundred millions, so that a sum that grew does not tell the one investment that it grew by.
AMOUNT_STEP = 10**8
CACHE_KEY = "public-matching"
CACHE_SECONDS = 600


@dataclass(frozen=True)
class PublicFigures:
    """Each None where fewer than LEAST companies are behind it."""

    companies: int | None
    firms: int | None
    introductions: int | None
    meetings: int | None
    investments: int | None
    amount_krw: int | None


def _told(figure: int, behind: Iterable[int]) -> int | None:
    return figure if len(set(behind)) >= LEAST else None


def count(reading: Reading) -> PublicFigures:
    told = [pair for pair in reading.pairs if pair.came_to(State.SENT)]
    met = [pair for pair in reading.pairs if pair.came_to(State.MET)]
    funded = {each.company for each in reading.money}
    amount = sum(each.amount_krw for each in reading.money)
    return PublicFigures(
        companies=_told(len(reading.seen), reading.seen),
        firms=_told(len({pair.firm for pair in told}), (pair.firm for pair in told)),
        introductions=_told(len(told), (pair.company for pair in told)),
        meetings=_told(len(met), (pair.company for pair in met)),
        investments=_told(len(reading.money), funded),
        amount_krw=_told(amount // AMOUNT_STEP * AMOUNT_STEP, funded),
    )


def figures() -> PublicFigures:
    """What everybody may know, kept for ten minutes in each process."""
    found = caches["local"].get(CACHE_KEY)
    if found is None:
        # Whoever is signed out may read none of these tables; what leaves here are sums.
        with acting_as_system():
            found = count(read(None))
        caches["local"].set(CACHE_KEY, found, CACHE_SECONDS)
    return found
