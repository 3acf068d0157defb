"""Two buildings, their spaces, and what a square metre of them costs."""

from collections.abc import Iterator
from decimal import Decimal

from tenants.leases.enums import SpaceKind
from tenants.leases.models import Building, Space
from tenants.leases.services import create_space, ensure_floor, set_rate

from .camp import Camp
from .days import plus_months
from .furnishing import equipment_of
from .texts import FIRST_RATE_SOURCE, NEW_RATE_SOURCE

SPACES = 104
# More than companies: for who comes, who moves and who moved out.
SPARE = 6
FLOORS = 6
DESK_FLOORS = (5, 6)
BUILDINGS = (
    ("제1 AI창업캠프", "AI Startup Camp 1", "광주광역시 북구 가온누리길 11", 8_600, 3_200),
    ("제2 AI창업캠프", "AI Startup Camp 2", "광주광역시 동구 새벽물결로 204", 9_200, 3_500),
)
_AREAS = ("19.80", "23.10", "26.40", "33.00", "39.60", "46.20", "59.40", "66.00", "92.40")
_DESK_AREA = Decimal("6.60")


def make_spaces(camp: Camp) -> int:
    """Rooms on every floor, fixed desks on the upper two of the second building. The rates rose once, eight months ago."""
    dice, furniture = camp.dice("rooms"), camp.dice("furniture")
    wanted = max(camp.size + SPARE, camp.share(SPACES))
    spaces: list[Space] = []
    floors = {}
    for name, name_en, street, _rent, _fee in BUILDINGS:
        for level in range(1, FLOORS + 1):
            floors[name, level] = ensure_floor(building_name=name, level=level, actor=camp.director)
        # What a service does not write: only the admin's form of a building does.
        opened = camp.at(camp.today).date().replace(year=camp.today.year - 6, month=3, day=2)
        Building.objects.filter(name=name).update(name_en=name_en, address=street, opened_on=opened)
    risen_on = plus_months(camp.today.replace(day=1), -8)
    for (name, _en, _street, rent, fee), level, number, kind in _places(wanted):
        desk = kind == SpaceKind.DESK
        area = _DESK_AREA if desk else Decimal(dice.choice(_AREAS))
        space = create_space(
            floor=floors[name, level],
            code=f"D{level}{number:02d}" if desk else f"{level}{number:02d}",
            kind=kind,
            area_m2=area,
            seats=1 if desk else max(2, int(area // 5)),
            equipment=equipment_of(kind, furniture),
            actor=camp.director,
        )
        sunny = dice.choice((0, 0, 300, 600))
        for from_day, rise, source in ((None, 0, FIRST_RATE_SOURCE), (risen_on, 400, NEW_RATE_SOURCE)):
            set_rate(
                space=space,
                rent_krw_per_m2=rent + sunny + rise,
                fee_krw_per_m2=fee + rise // 4,
                from_day=from_day,
                source=source,
                actor=camp.director,
            )
        spaces.append(space)
    _put_in_order(camp, spaces)
    return len(spaces)


def _places(wanted: int) -> Iterator[tuple[tuple, int, int, SpaceKind]]:
    """Building, floor, number on the floor and kind of as many spaces as are wanted, spread over all floors."""
    floors = [(building, level) for building in BUILDINGS for level in range(1, FLOORS + 1)]
    each, more = divmod(wanted, len(floors))
    for at, (building, level) in enumerate(floors):
        desks = building is BUILDINGS[-1] and level in DESK_FLOORS
        for number in range(1, each + (at < more) + 1):
            yield building, level, number, SpaceKind.DESK if desks else SpaceKind.ROOM


def _put_in_order(camp: Camp, spaces: list[Space]) -> None:
    """Rooms in a chance order, with a few desks among them, and the rest of the desks last."""
    dice = camp.dice("choice of rooms")
    rooms = [space for space in spaces if space.kind == SpaceKind.ROOM]
    desks = [space for space in spaces if space.kind == SpaceKind.DESK]
    dice.shuffle(rooms)
    some = len(desks) // 3
    chosen = rooms[: camp.size - some] + desks[:some]
    dice.shuffle(chosen)
    rest = rooms[camp.size - some :]
    camp.free_spaces = chosen + rest + desks[some:]
