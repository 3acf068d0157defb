"""How much of the area is let, day by day, and when it falls under the share that the law watches. Knows no Django."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from .terms import last_of_term

ONE_DAY = timedelta(days=1)
# Under this share of the area, let for so many months, the law sees a sign of misuse.
LEGAL_SHARE = Decimal("0.6")
LEGAL_MONTHS = 3


@dataclass(frozen=True, slots=True)
class OccupancyDay:
    """One day: square metres and number of what is let, and of all there is to let."""

    day: date
    area_let_m2: Decimal
    area_m2: Decimal
    spaces_let: int
    spaces: int

    @property
    def share(self) -> Decimal:
        """Let area of all area, 0 to 1; 0 where there is nothing to let."""
        return self.area_let_m2 / self.area_m2 if self.area_m2 else Decimal(0)

    @property
    def is_under(self) -> bool:
        """Exactly under the legal share: no division, so no rounding decides."""
        return self.area_m2 > 0 and self.area_let_m2 < LEGAL_SHARE * self.area_m2


@dataclass(frozen=True)
class Change:
    """What begins (or, negative, ends) to count on a day."""

    day: date
    area_let_m2: Decimal = Decimal(0)
    area_m2: Decimal = Decimal(0)
    spaces_let: int = 0
    spaces: int = 0


def by_day(changes: Iterable[Change], first: date, last: date) -> list[OccupancyDay]:
    """Every day from `first` to `last`, both included; a change before `first` counts from `first` on."""
    ordered = sorted(changes, key=lambda change: change.day)
    let = area = Decimal(0)
    spaces_let = spaces = at = 0
    days = []
    day = first
    while day <= last:
        while at < len(ordered) and ordered[at].day <= day:
            change = ordered[at]
            let, area = let + change.area_let_m2, area + change.area_m2
            spaces_let, spaces = spaces_let + change.spaces_let, spaces + change.spaces
            at += 1
        days.append(OccupancyDay(day, let, area, spaces_let, spaces))
        day += ONE_DAY
    return days


@dataclass(frozen=True)
class Mean:
    """The days of one stretch together: area-days let of all area-days."""

    first: date
    last: date
    days: int
    area_days_let: Decimal
    area_days: Decimal
    spaces_let: Decimal
    lowest: OccupancyDay

    @property
    def share(self) -> Decimal:
        return self.area_days_let / self.area_days if self.area_days else Decimal(0)


def mean(days: Sequence[OccupancyDay]) -> Mean:
    """Of one day or more."""
    return Mean(
        days[0].day,
        days[-1].day,
        len(days),
        sum((day.area_let_m2 for day in days), Decimal(0)),
        sum((day.area_m2 for day in days), Decimal(0)),
        Decimal(sum(day.spaces_let for day in days)) / len(days),
        min(days, key=lambda day: day.share),
    )


def by_month(days: Sequence[OccupancyDay]) -> list[Mean]:
    """Each calendar month that the days touch; the first and the last may be parts of one."""
    return [mean(list(month)) for _key, month in groupby(days, key=lambda day: (day.day.year, day.day.month))]


@dataclass(frozen=True)
class Shortfall:
    """Days on end under the legal share, from `first` to `last`; `goes_on`: the days looked at end before it does."""

    first: date
    last: date
    goes_on: bool
    lowest: OccupancyDay

    @property
    def sign_on(self) -> date:
        """The day on which three months under the share are complete."""
        return last_of_term(self.first, LEGAL_MONTHS)

    @property
    def is_sign(self) -> bool:
        """Whether it lasts that long, as far as is known."""
        return self.last >= self.sign_on


def shortfalls(days: Sequence[OccupancyDay]) -> Iterator[Shortfall]:
    """Every run of days under the legal share, the earliest first."""
    run: list[OccupancyDay] = []
    for day in days:
        if day.is_under:
            run.append(day)
        elif run:
            yield _shortfall(run, goes_on=False)
            run = []
    if run:
        yield _shortfall(run, goes_on=True)


def _shortfall(run: Sequence[OccupancyDay], *, goes_on: bool) -> Shortfall:
    return Shortfall(run[0].day, run[-1].day, goes_on, min(run, key=lambda day: day.share))


def warning(days: Sequence[OccupancyDay], today: date) -> Shortfall | None:
    """The shortfall that a manager must know of: the first that is not over by `today` and lasts three months."""
    return next((each for each in shortfalls(days) if each.last >= today and each.is_sign), None)
