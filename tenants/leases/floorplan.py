"""The plan of a floor: rooms as boxes on a grid of metres, and where their walls and words go in a drawing. Knows no Django.

A cell of the grid is one metre; the drawing has CELL units for it. Words come translated, colours are the style sheet's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import combinations
from typing import TypeVar
from unicodedata import east_asian_width

Key = TypeVar("Key")

GRID = 200  # cells from edge to edge
CELL = 20
MARGIN = 1  # cells of floor around the outermost rooms
PAD = 6
SCREEN = 1.2  # pixels for a unit

# The automatic layout: rooms of this depth on both sides of a corridor, strip under strip.
STRIP = 40
DEPTH = 6
CORRIDOR = 2
NARROWEST, WIDEST = 3, 20
DESK = 2
DESKS_DEEP = 3
AISLE = 1


@dataclass(frozen=True, order=True)
class Box:
    """A room's place: its upper left cell, and how many cells it is wide and deep."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    def meets(self, other: "Box") -> bool:
        """Whether they share a cell; walls that touch do not."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


def on_grid(box: Box) -> bool:
    return box.x >= 0 and box.y >= 0 and box.w >= 1 and box.h >= 1 and max(box.right, box.bottom) <= GRID


def overlaps(boxes: Mapping[Key, Box]) -> list[tuple[Key, Key]]:
    """The pairs that share a cell, in the order given."""
    return [
        (one, two) for (one, first), (two, second) in combinations(boxes.items(), 2) if first.meets(second)
    ]


@dataclass(frozen=True)
class Unplaced:
    """What the automatic layout has to know of a room or a desk."""

    key: int
    area_m2: Decimal
    desk: bool = False


def lay_out(taken: Iterable[Box], spaces: Sequence[Unplaced]) -> dict[int, Box]:
    """A free place for each of `spaces`, in their order, beside what is `taken`; always the same for the same question.

    Rooms are as wide as their area asks for and stand on both sides of a corridor; desks stand in threes in the open. A space
    for which the whole grid has no room gets none.
    """
    known, found = list(taken), {}
    for space in spaces:
        tried = _desk_places() if space.desk else _room_places(space.area_m2)
        box = next((each for each in tried if not any(each.meets(other) for other in known)), None)
        if box is not None:
            known.append(box)
            found[space.key] = box
    return found


def _strips() -> Iterator[int]:
    """The upper edge of each pair of rows with its corridor."""
    return iter(range(0, GRID - 2 * DEPTH - CORRIDOR + 1, 2 * DEPTH + 2 * CORRIDOR))


def _room_places(area_m2: Decimal) -> Iterator[Box]:
    wanted = int((area_m2 / DEPTH).to_integral_value(rounding=ROUND_CEILING))
    width = min(max(wanted, NARROWEST), WIDEST)
    for top in _strips():
        for x in range(STRIP - width + 1):
            for y in (top, top + DEPTH + CORRIDOR):
                yield Box(x, y, width, DEPTH)


def _desk_places() -> Iterator[Box]:
    """Columns of three desks, an aisle after every second column."""
    for top in _strips():
        for row in (top, top + DEPTH + CORRIDOR):
            for column in range((STRIP + AISLE) // (2 * DESK + AISLE) * 2):
                x = column * DESK + column // 2 * AISLE
                for desk in range(DESKS_DEEP):
                    yield Box(x, row + desk * DESK, DESK, DESK)


@dataclass(frozen=True)
class Room:
    """One space to be drawn. `look` is its state as the style sheet knows it, `letter` the same for who sees no colour."""

    key: int
    box: Box
    code: str
    look: str
    letter: str
    name: str = ""
    note: str = ""
    label: str = ""
    href: str = ""
    mark: str = ""
    own: bool = False


@dataclass(frozen=True)
class Text:
    """One line of words; `kind` is code, name, note or letter."""

    x: int
    y: int
    kind: str
    words: str


@dataclass(frozen=True)
class Shape:
    room: Room
    x: int
    y: int
    width: int
    height: int
    texts: tuple[Text, ...]

    @property
    def words(self) -> str:
        """What is written on it: whoever speaks to the page names it by these words, so its label begins with them."""
        return " ".join(text.words for text in self.texts)


@dataclass(frozen=True)
class Drawing:
    """`left` to `height` are the drawing's window in units, with the floor's edge in it."""

    left: int
    top: int
    width: int
    height: int
    shapes: tuple[Shape, ...]

    @property
    def pixels(self) -> int:
        """How wide it wants to be on a screen: words a little larger than their units, whatever the floor's size."""
        return round(self.width * SCREEN)

    @property
    def window(self) -> str:
        return f"{self.left} {self.top} {self.width} {self.height}"


SIZES = {"code": 15, "name": 12, "note": 12, "letter": 12}


def draw(rooms: Sequence[Room], *, least: Box | None = None) -> Drawing:
    """The rooms from the upper left to the lower right, so that the focus walks as the eye does.

    `least` is a part of the grid that is drawn in any case.
    """
    boxes = [room.box for room in rooms] + ([least] if least else [])
    left = min((box.x for box in boxes), default=0) - MARGIN
    top = min((box.y for box in boxes), default=0) - MARGIN
    right = max((box.right for box in boxes), default=STRIP) + MARGIN
    bottom = max((box.bottom for box in boxes), default=DEPTH) + MARGIN
    ordered = sorted(rooms, key=lambda room: (room.box.y, room.box.x, room.key))
    return Drawing(
        left * CELL,
        top * CELL,
        (right - left) * CELL,
        (bottom - top) * CELL,
        tuple(_shape(room) for room in ordered),
    )


def _shape(room: Room) -> Shape:
    x, y, width, height = (each * CELL for each in (room.box.x, room.box.y, room.box.w, room.box.h))
    return Shape(room, x, y, width, height, tuple(_texts(room, x, y, width, height)))


def _texts(room: Room, x: int, y: int, width: int, height: int) -> Iterator[Text]:
    """As many lines as fit: number and letter above all, how long it is let before by whom."""
    pad = PAD if width > 2 * CELL else PAD // 2
    inside = width - 2 * pad
    letters = room.letter + (f" {room.mark}" if room.mark else "")
    if breadth(room.code, SIZES["code"]) <= inside - breadth(letters, SIZES["letter"]) - 2:
        yield Text(x + width - pad, y + 18, "letter", letters)
    yield Text(x + pad, y + 18, "code", fit(room.code, SIZES["code"], inside))
    lines = [("name", room.name), ("note", room.note)] if height >= 3 * CELL else [("note", room.note)]
    below = y + 18
    for kind, words in lines:
        if not words or below + 16 > y + height:
            continue
        below += 16
        yield Text(x + pad, below, kind, fit(words, SIZES[kind], inside))


def breadth(words: str, size: int) -> float:
    """About how wide the words are at this size: Hangul is as wide as high, the rest a bit over half of that."""
    return sum(size * (0.92 if east_asian_width(letter) in "WF" else 0.56) for letter in words)


def fit(words: str, size: int, width: float) -> str:
    """The words, cut with an ellipsis where they are too wide."""
    if breadth(words, size) <= width:
        return words
    while words and breadth(words + "…", size) > width:
        words = words[:-1].rstrip()
    return words + "…" if words else ""
