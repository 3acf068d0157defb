"""When credits will run out, said as honestly as the data allow. Knows no Django.

The rule: the mean use of a day over the last 7 and over the last 28 days are the quick and the slow guess; the
range of dates lies between them. With use on fewer than 5 of the last 28 days, or none in the last 7, nothing is
said: a mean of so little is no forecast. What would last beyond the grants' own end ends with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SHORT_DAYS = 7
LONG_DAYS = 28
FEWEST_DAYS_OF_USE = 5


@dataclass(frozen=True)
class RunOut:
    """Between `first` and `last` the credits will be used up. `after_end`: the grants end before (on `last`)."""

    first: date
    last: date
    after_end: bool = False


def run_out(left: int, days: Sequence[int], today: date, grants_end: date | None) -> RunOut | None:
    """`days` is the use of each day, oldest first, today last; `grants_end` the day on which the last grant is over.

    None when there are too few data to say, or nothing is left to run out.
    """
    short, long = days[-SHORT_DAYS:], days[-LONG_DAYS:]
    if left <= 0 or grants_end is None or len(long) < LONG_DAYS:
        return None
    if sum(used > 0 for used in long) < FEWEST_DAYS_OF_USE or sum(short) <= 0:
        return None
    # Whole days from exact integers: left / (sum / days).
    guesses = sorted((left * SHORT_DAYS // sum(short), left * LONG_DAYS // sum(long)))
    last_day = grants_end - timedelta(days=1)
    farthest = (last_day - today).days
    if guesses[0] >= farthest:
        return RunOut(last_day, last_day, after_end=True)
    return RunOut(today + timedelta(days=guesses[0]), today + timedelta(days=min(guesses[1], farthest)))
