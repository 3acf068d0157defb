"""Where the lines and bars of a chart go, in per cent of the drawing: no styles, no scripts, no pictures.

The axis starts at zero. Coordinates come as strings of at most two decimals, ready for SVG attributes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from incubator.common import display

Label = str | date
Point = tuple[Label, Decimal | int]

TOP = 20
BOTTOM = 24
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(4), Decimal(5), Decimal(8), Decimal(10))
BAR_SHARE = Decimal("0.62")
WIDEST_BAR = Decimal(9)
LABELS_ON_AXIS = 6


@dataclass(frozen=True)
class Tick:
    y: str
    text: str


@dataclass(frozen=True)
class Row:
    label: str
    value: str
    forecast: bool = False


@dataclass(frozen=True)
class Chart:
    """What both charts share: sizes in pixels, of the whole (`height`) and of its parts."""

    height: int
    plot: int
    top: int
    baseline: int
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    highest: Row | None
    latest: Row | None


@dataclass(frozen=True)
class LineChart(Chart):
    line: str
    area: str
    dashes: str
    x: str
    y: str
    first_label: str
    last_label: str


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str
    value: str
    highlight: bool
    on_axis: bool
    anchor: str


@dataclass(frozen=True)
class BarChart(Chart):
    bars: tuple[Bar, ...]


def percent(value: Decimal) -> str:
    """A share of a hundred for an SVG attribute: "62", "33.33"."""
    return plain(value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def plain(value: Decimal) -> str:
    """The number without trailing zeros and without an exponent."""
    return f"{value.normalize():f}"


def axis_end(highest: Decimal) -> Decimal:
    """The first round number that is not below `highest`; 1 when there is nothing above zero."""
    if highest <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb(highest.adjusted())
    return next(step * unit for step in STEPS if step * unit >= highest)


def label_text(label: Label) -> str:
    """A day without its year and weekday (the axis is narrow), a word as it is."""
    if isinstance(label, date):
        return f"{label.month}. {label.day}." if display.korean() else display.day_short(label)
    return label


def _row(point: Point, forecast: bool = False) -> Row:
    label, value = point
    return Row(display.day(label) if isinstance(label, date) else label, display.number(value), forecast)


def _frame(
    points: Sequence[Point], height: int, forecast: Sequence[Point] = ()
) -> tuple[dict[str, object], Decimal]:
    end = axis_end(max((Decimal(value) for _label, value in [*points, *forecast]), default=Decimal(0)))
    ticks = [(end, Decimal(0)), (end / 2, Decimal(50))] if height >= 100 else [(end, Decimal(0))]
    frame: dict[str, object] = {
        "height": TOP + height + BOTTOM,
        "plot": height,
        "top": TOP,
        "baseline": TOP + height + 17,
        "ticks": tuple(Tick(percent(y), f"{Decimal(plain(value)):,}") for value, y in ticks),
        "rows": tuple(_row(point) for point in points)
        + tuple(_row(point, forecast=True) for point in forecast),
        "highest": _row(max(points, key=lambda point: point[1])) if points else None,
        "latest": _row(points[-1]) if points else None,
    }
    return frame, end


def _positions(points: Sequence[Point]) -> list[Decimal]:
    """Where on the line each point stands: by the day when all labels are days, evenly otherwise."""
    days = [label.toordinal() for label, _value in points if isinstance(label, date)]
    places = days if len(days) == len(points) else list(range(len(points)))
    span = max(places) - min(places) if places else 0
    return [Decimal(place - places[0]) / span * 100 if span else Decimal(100) for place in places]


def line(points: Sequence[Point], *, forecast: Sequence[Point] = (), height: int = 120) -> LineChart:
    """A line through `points` in their order, dashed through `forecast`; `height` of the plot in pixels."""
    frame, end = _frame(points, height, forecast)
    everything = [*points, *forecast]
    xs = [percent(x) for x in _positions(everything)]
    ys = [percent(100 - Decimal(max(value, 0)) / end * 100) for _label, value in everything]
    known = [f"{x},{y}" for x, y in zip(xs, ys, strict=True)]
    last = len(points) - 1
    return LineChart(
        **frame,  # type: ignore[arg-type]
        line=" ".join(known[: last + 1]),
        area=" ".join([f"{xs[0]},100", *known[: last + 1], f"{xs[last]},100"]) if points else "",
        dashes=" ".join(known[max(last, 0) :]) if forecast else "",
        x=xs[last] if points else "0",
        y=ys[last] if points else "100",
        first_label=label_text(everything[0][0]) if everything else "",
        last_label=label_text(everything[-1][0]) if len(everything) > 1 else "",
    )


def bars(points: Sequence[Point], *, highlight: int | None = -1, height: int = 140) -> BarChart:
    """One bar a point; the one at index `highlight` (negative counts from the end) carries its number."""
    frame, end = _frame(points, height)
    count = len(points)
    chosen = highlight % count if highlight is not None and count else None
    every = int((Decimal(count) / LABELS_ON_AXIS).to_integral_value(rounding=ROUND_CEILING)) or 1
    drawn = []
    for index, (label, value) in enumerate(points):
        slot = Decimal(100) / count
        width = min(slot * BAR_SHARE, WIDEST_BAR)
        middle = slot * index + slot / 2
        tall = Decimal(max(value, 0)) / end * 100
        drawn.append(
            Bar(
                x=percent(middle - width / 2),
                y=percent(100 - tall),
                width=percent(width),
                height=percent(tall),
                middle=percent(middle),
                label=label_text(label),
                value=display.number(value),
                highlight=index == chosen,
                on_axis=(count - 1 - index) % every == 0,
                anchor="start" if middle < 4 else "end" if middle > 96 else "middle",
            )
        )
    return BarChart(**frame, bars=tuple(drawn))  # type: ignore[arg-type]
