"""Calendar quarters, in which a company's hours are counted. Knows no Django."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year in Seoul; `number` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: date | datetime) -> Self:
        """The quarter of a day, or of a moment as Seoul's clocks show it."""
        day = moment.astimezone(SEOUL).date() if isinstance(moment, datetime) else moment
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def begins(self) -> datetime:
        """The first moment in it."""
        return datetime.combine(date(self.year, self.number * 3 - 2, 1), time(), SEOUL)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return self.next.begins
