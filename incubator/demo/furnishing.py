"""What spaces look like: equipment, photographs, days on which they are blocked, one in need of repair, and programmes."""

from datetime import timedelta
from io import BytesIO
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from tenants.leases.enums import BlockKind, Condition, Equipment, SpaceKind
from tenants.leases.floorplan import Box
from tenants.leases.models import Floor, Lease, Space, SpaceClaim
from tenants.leases.services import add_photo, block_space, name_programme, place_spaces, record_condition

from .camp import Camp
from .days import days_before
from .texts import BLOCK_NOTES, CLOSED_NOTE, PHOTO_WORDS, PROGRAMMES, REPAIR_NOTE

PHOTOGRAPHED = 6
_WALLS = ("#eef2f6", "#f4efe6", "#e9f1ee")
_FLOORS = ("#c9b79c", "#b9bec6", "#d8cbb6")
_DESKS = ("#8d6e53", "#f7f7f5", "#5d6b7a")
# Desks stand in islands of four, with room to walk around each.
_ISLAND, _WALK, _DESK_WIDE, _DESK_DEEP = 4, 2, 3, 2


def equipment_of(kind: SpaceKind, dice: Random) -> list[str]:
    """What the camp puts into every space, and what some happen to have."""
    if kind == SpaceKind.DESK:
        return [Equipment.DESK, Equipment.NETWORK, Equipment.STORAGE]
    usual = [Equipment.DESK, Equipment.NETWORK, Equipment.LOCK, Equipment.AIR]
    rest = [Equipment.WHITEBOARD, Equipment.SCREEN, Equipment.WINDOW, Equipment.STORAGE, Equipment.ACCESSIBLE]
    return [*usual, *(each for each in rest if dice.random() < 0.5)]


def make_furnishing(camp: Camp) -> int:
    """After the leases: what is blocked must be nobody's. Returns the number of photographs."""
    _lay_out_desks(camp)
    _name_programmes(camp)
    taken = set(SpaceClaim.objects.filter(period__endswith__gt=camp.today).values_list("space_id", flat=True))
    free = [space for space in camp.free_spaces if space.pk not in taken]
    for space, (kind, note), ahead in zip(free, BLOCK_NOTES, (14, 45), strict=False):
        block_space(
            space=space,
            first_day=camp.today + timedelta(days=ahead),
            last_day=camp.today + timedelta(days=ahead + 9),
            kind=BlockKind(kind),
            note=note,
            actor=camp.director,
        )
    rooms = [lease.space for lease in _leases_of_now(camp)]
    _record(camp, rooms[len(rooms) // 2], Condition.REPAIR, 3, REPAIR_NOTE)
    if len(free) > len(BLOCK_NOTES):
        _record(camp, free[len(BLOCK_NOTES)], Condition.CLOSED, 12, CLOSED_NOTE)
    return _photographs(camp, rooms[:PHOTOGRAPHED])


def _leases_of_now(camp: Camp) -> list[Lease]:
    """By company, in the order of the companies."""
    held = Lease.objects.filter(period__contains=camp.today).select_related("space").order_by("pk")
    by_company = {lease.company_id: lease for lease in held}
    return [by_company[company.pk] for company in camp.companies if company.pk in by_company]


def _record(camp: Camp, space: Space, condition: Condition, ago: int, note: str) -> None:
    seen = days_before(camp.today, ago)
    record_condition(
        space=space, condition=condition, since=seen, note=note, actor=camp.director, now=camp.at(seen, 15)
    )


def _lay_out_desks(camp: Camp) -> None:
    floors: dict[Floor, list[Space]] = {}
    for space in Space.objects.filter(kind=SpaceKind.DESK).select_related("floor").order_by("code"):
        floors.setdefault(space.floor, []).append(space)
    for floor, desks in floors.items():
        boxes: dict[int, Box | None] = {}
        for at, desk in enumerate(desks):
            island, seat = divmod(at, _ISLAND)
            left = 1 + island % 4 * (2 * _DESK_WIDE + _WALK)
            top = 1 + island // 4 * (2 * _DESK_DEEP + _WALK)
            boxes[desk.pk] = Box(
                left + seat % 2 * _DESK_WIDE, top + seat // 2 * _DESK_DEEP, _DESK_WIDE, _DESK_DEEP
            )
        place_spaces(floor=floor, boxes=boxes, actor=camp.director)


def _name_programmes(camp: Camp) -> None:
    leases = list(Lease.objects.order_by("pk"))
    for number, programme in enumerate(PROGRAMMES):
        name_programme(
            leases=[lease for lease in leases if lease.company_id % len(PROGRAMMES) == number],
            programme=programme,
            actor=camp.director,
        )


def _photographs(camp: Camp, rooms: list[Space]) -> int:
    dice, made = camp.dice("photographs"), 0
    for at, room in enumerate(rooms):
        for alt, caption in PHOTO_WORDS[: 3 if at == 0 else 1]:
            file = BytesIO()
            draw_room(dice, from_door=made % 2 == 0).save(file, "PNG")
            picture = SimpleUploadedFile("room.png", file.getvalue())
            add_photo(space=room, file=picture, alt=alt, caption=caption, actor=camp.director)
            made += 1
    return made


def draw_room(dice: Random, *, from_door: bool) -> Image.Image:
    """A room as a camera would see it: walls, window, desks. The same dice draw the same room."""
    picture = Image.new("RGB", (960, 640), dice.choice(_WALLS))
    pen = ImageDraw.Draw(picture)
    back = (240, 130, 720, 400)
    pen.polygon([(0, 640), (240, 400), (720, 400), (960, 640)], fill=dice.choice(_FLOORS))
    pen.polygon([(0, 0), (240, 130), (240, 400), (0, 640)], fill="#dfe4ea")
    pen.polygon([(960, 0), (720, 130), (720, 400), (960, 640)], fill="#d5dbe3")
    pen.rectangle(back, outline="#c3cad3", width=2)
    if from_door:
        for left in (280, 430, 580):
            pen.rectangle((left, 165, left + 120, 300), fill="#bcd9f2", outline="#ffffff", width=6)
            hill = dice.randint(235, 275)
            peak = hill - dice.randint(5, 30)
            skyline = [(left + 6, hill), (left + 60, peak), (left + 114, hill + 8)]
            pen.polygon([(left + 6, 294), *skyline, (left + 114, 294)], fill="#8fb58c")
    else:
        pen.rectangle((300, 170, 540, 310), fill="#fbfbfb", outline="#9aa5b1", width=5)
        for line in range(4):
            pen.line(
                (325, 200 + 25 * line, 325 + dice.randint(80, 190), 200 + 25 * line), fill="#5b7fb5", width=3
            )
        pen.rectangle((600, 200, 680, 400), fill="#8a939e", outline="#6d7681", width=3)
    desk = dice.choice(_DESKS)
    for row, (top, wide) in enumerate(((430, 150), (510, 200))):
        for side in range(2 + row):
            left = 170 - 90 * row + side * (wide + 80)
            pen.polygon(
                [(left, top + 34), (left + 26, top), (left + wide, top), (left + wide + 14, top + 34)],
                fill=desk,
            )
            pen.rectangle((left + 2, top + 34, left + wide + 12, top + 42), fill="#4a4f57")
            pen.rectangle((left + wide // 2 - 22, top - 30, left + wide // 2 + 22, top - 2), fill="#2c3440")
            pen.ellipse((left + wide // 2 - 24, top + 44, left + wide // 2 + 24, top + 72), fill="#39424e")
    return picture
