"""Tables of figures that are read on a page and taken away as a file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from incubator.common import display
from incubator.common.downloads import Cell


@dataclass(frozen=True)
class Column:
    """`kind` is text, code (text in one piece), pfh (whole GFLOP), tb (bytes), won, area (m²), number, percent,
    minutes, days, mean, day or moment."""

    label: Any
    kind: str = "text"

    @property
    def is_number(self) -> bool:
        return self.kind in ("pfh", "tb", "won", "area", "number", "percent", "minutes", "days", "mean")

    def shown(self, value: Any) -> str:
        return _SHOWN[self.kind](value)

    def headers(self) -> list[str]:
        """A file has amounts twice: as people read them, and exact."""
        label = str(self.label)
        if self.kind == "pfh":
            return [f"{label}, PF·h", f"{label}, GFLOP"]
        return [f"{label}, {_UNITS[self.kind]}"] if self.kind in _UNITS else [label]

    def cells(self, value: Any) -> list[Cell]:
        if self.kind == "pfh":
            return [None, None] if value is None else [display.petaflop_hours(value), value]
        if self.kind == "tb" and value is not None:
            return [Decimal(value) / display.BYTES_PER_TB]
        if self.kind in ("percent", "days", "mean") and value is not None:
            return [display.rounded(value, 1)]
        return [str(value) if isinstance(value, Promise) else value]


_UNITS = {"tb": "TB", "won": "KRW", "area": "m²", "minutes": "min", "days": "d"}
_SHOWN: dict[str, Callable[[Any], str]] = {
    "text": lambda value: "" if value is None else str(value),
    "code": lambda value: "" if value is None else str(value),
    "pfh": display.pfh,
    "tb": display.terabytes,
    "won": display.won_exact,
    "area": display.square_metres,
    "number": display.number,
    "percent": display.percent,
    "minutes": display.hours,
    "days": lambda value: display.number(None if value is None else display.rounded(value, 1)),
    "mean": lambda value: display.number(None if value is None else display.rounded(value, 1)),
    "day": display.day,
    "moment": display.moment,
}


@dataclass(frozen=True)
class Line:
    """One row: its values in the order of the columns, and where more of it is."""

    values: Sequence[Any]
    url: str = ""


@dataclass(frozen=True)
class Table:
    """`total` has the sums of the columns that have one, the word for it first."""

    name: str
    title: Any
    columns: Sequence[Column]
    lines: Sequence[Line]
    note: Any = ""
    total: Sequence[Any] | None = None

    def rows(self) -> Iterator[list[Cell]]:
        """The table for a file, the header first."""
        yield [name for column in self.columns for name in column.headers()]
        for line in [*self.lines, *([Line(self.total)] if self.total else [])]:
            yield [
                cell
                for column, value in zip(self.columns, line.values, strict=True)
                for cell in column.cells(value)
            ]

    def shown(self) -> list[tuple[str, list[tuple[Column, str]]]]:
        """The lines as words, each with its address."""
        return [(line.url, self._words(line.values)) for line in self.lines]

    def shown_total(self) -> list[tuple[Column, str]]:
        return self._words(self.total) if self.total else []

    def _words(self, values: Sequence[Any]) -> list[tuple[Column, str]]:
        return [(column, column.shown(value)) for column, value in zip(self.columns, values, strict=True)]
