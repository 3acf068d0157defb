"""Where spaces lie on the plan of their floor."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from incubator.common.errors import NotAllowed, refusing
from tenants.leases.enums import SpaceKind
from tenants.leases.errors import NotOfThisFloor, OffTheGrid, SpacesOverlap
from tenants.leases.floorplan import GRID, Box, Unplaced, lay_out, on_grid, overlaps
from tenants.leases.models import Floor, Space
from tenants.leases.rules import may_manage_leases

_PLACE = ["plan_x", "plan_y", "plan_w", "plan_h"]


def put(space: Space, box: Box | None) -> None:
    """Set the space's place, or take it off the plan; saving is the caller's."""
    space.plan_x, space.plan_y, space.plan_w, space.plan_h = (
        (box.x, box.y, box.w, box.h) if box else (None, None, None, None)
    )


@transaction.atomic
def place_spaces(*, floor: Floor, boxes: Mapping[int, Box | None], actor: Any) -> list[Space]:
    """Put spaces of the floor, by id, at their boxes, all at once; None takes one off the plan. The others stay.

    Returns those that moved. Raises NotOfThisFloor, OffTheGrid, SpacesOverlap (naming each pair).
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    spaces = {space.pk: space for space in _locked_spaces(floor)}
    if not boxes.keys() <= spaces.keys():
        raise NotOfThisFloor
    moved = []
    for pk, box in boxes.items():
        if box is not None and not on_grid(box):
            raise OffTheGrid(space=spaces[pk].code, cells=GRID)
        if spaces[pk].box != box:
            put(spaces[pk], box)
            moved.append(spaces[pk])
    wrong = overlaps({space.code: space.box for space in spaces.values() if space.box})
    if wrong:
        pairs = ", ".join(f"{one} – {two}" for one, two in wrong[:5])
        raise SpacesOverlap(SpacesOverlap.detailed, spaces=pairs)
    _write(moved)
    return moved


@transaction.atomic
def lay_out_floor(*, floor: Floor, actor: Any) -> list[Space]:
    """Give every space of the floor that has no place yet a free one; returns these."""
    if not may_manage_leases(actor):
        raise NotAllowed
    spaces = _locked_spaces(floor)
    waiting = {space.pk: space for space in spaces if space.box is None}
    found = lay_out([space.box for space in spaces if space.box], [unplaced(s) for s in waiting.values()])
    for pk, box in found.items():
        put(waiting[pk], box)
    placed = [waiting[pk] for pk in found]
    _write(placed)
    return placed


def unplaced(space: Space) -> Unplaced:
    return Unplaced(space.pk or 0, space.area_m2, desk=space.kind == SpaceKind.DESK)


def free_place(floor: Floor, space: Space) -> Box | None:
    """Where the automatic layout would put a new space of the floor."""
    taken = Space.objects.filter(floor=floor, plan_x__isnull=False).values_list(*_PLACE)
    return lay_out([Box(*box) for box in taken], [unplaced(space)]).get(space.pk or 0)


def _locked_spaces(floor: Floor) -> list[Space]:
    """In the order of their numbers; whoever draws the same floor waits for the floor itself."""
    Floor.objects.select_for_update(no_key=True).get(pk=floor.pk)
    return list(Space.objects.filter(floor=floor).order_by("code", "pk"))


def _write(spaces: list[Space]) -> None:
    if not spaces:
        return
    with refusing({"leases_spaces_apart_on_plan": SpacesOverlap}), connection.cursor() as cursor:
        # Rooms may change places: only where all of them lie in the end counts.
        cursor.execute("SET CONSTRAINTS leases_spaces_apart_on_plan DEFERRED")
        Space.objects.bulk_update(spaces, _PLACE)
        cursor.execute("SET CONSTRAINTS leases_spaces_apart_on_plan IMMEDIATE")
