"""Buildings, spaces and what a square metre of them costs."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common.errors import NotAllowed, refusing, validate
from tenants.leases.errors import CodeTaken, FloorElsewhere, RateOverlap, SpacesOverlap
from tenants.leases.models import Building, Floor, Rate, Space
from tenants.leases.rules import may_manage_leases

from .plans import free_place, put

_SPACE_REFUSALS = {
    "leases_space_code_once": CodeTaken,
    "leases_space_floor_of_building": FloorElsewhere,
    "leases_spaces_apart_on_plan": SpacesOverlap,
}


@transaction.atomic
def ensure_floor(*, building_name: str, level: int, actor: Any) -> Floor:
    """The floor of this level in the building of this name; both are made when they are not there."""
    if not may_manage_leases(actor):
        raise NotAllowed
    building = Building(name=building_name)
    validate(building)
    building, _ = Building.objects.get_or_create(name=building_name)
    floor = Floor(building=building, level=level)
    validate(floor)
    floor, _ = Floor.objects.get_or_create(building=building, level=level)
    return floor


@transaction.atomic
def create_space(
    *,
    floor: Floor,
    code: str,
    kind: str,
    area_m2: Decimal,
    seats: int,
    active: bool = True,
    equipment: Sequence[str] = (),
    equipment_note: str = "",
    actor: Any,
) -> Space:
    """A new space on the floor, in the floor's building, at a free place of its plan. Raises Invalid, CodeTaken."""
    if not may_manage_leases(actor):
        raise NotAllowed
    space = Space(
        building_id=floor.building_id,
        floor=floor,
        code=code,
        kind=kind,
        area_m2=area_m2,
        seats=seats,
        active=active,
        equipment=sorted(set(equipment)),
        equipment_note=equipment_note,
    )
    validate(space)
    Floor.objects.select_for_update(no_key=True).get(pk=floor.pk)
    put(space, free_place(floor, space))
    with refusing(_SPACE_REFUSALS):
        space.save()
    return space


@transaction.atomic
def update_space(*, space: Space, actor: Any, **values: Any) -> Space:
    """Change floor (within the building), code, kind, area_m2, seats, active, equipment or equipment_note. On another floor
    the space gets a free place of that floor's plan. Raises Invalid, CodeTaken, FloorElsewhere."""
    if not may_manage_leases(actor):
        raise NotAllowed
    if "equipment" in values:
        values["equipment"] = sorted(set(values["equipment"]))
    fields = [*values, "updated_at"]
    if "floor" in values and values["floor"].pk != space.floor_id:
        put(space, free_place(values["floor"], space))
        fields += ["plan_x", "plan_y", "plan_w", "plan_h"]
    for name, value in values.items():
        setattr(space, name, value)
    validate(space)
    with refusing(_SPACE_REFUSALS):
        space.save(update_fields=fields)
    return space


@transaction.atomic
def set_rate(
    *,
    space: Space,
    rent_krw_per_m2: int,
    fee_krw_per_m2: int,
    from_day: date | None,
    source: str = "",
    actor: Any,
) -> Rate:
    """The space's rate from this day on, until the next one that is known already; the rate in force ends the day before.

    Without `from_day` the rate holds for all days before the first known rate. A rate that begins on that very day is
    corrected in place. Raises Invalid, RateOverlap.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    Space.objects.select_for_update(no_key=True).get(pk=space.pk)
    known = sorted(Rate.objects.filter(space=space), key=lambda rate: rate.period.lower or date.min)
    same_start = next((rate for rate in known if rate.period.lower == from_day), None)
    if same_start is not None:
        rate = same_start
    else:
        later = [
            rate.period.lower
            for rate in known
            if rate.period.lower and rate.period.lower > (from_day or date.min)
        ]
        until = later[0] if later else None
        in_force = next((rate for rate in reversed(known) if from_day and _holds(rate, from_day)), None)
        if in_force is not None:
            until = in_force.period.upper
        rate = Rate(space=space, period=DateRange(from_day, until))
    rate.rent_krw_per_m2, rate.fee_krw_per_m2, rate.source = rent_krw_per_m2, fee_krw_per_m2, source
    validate(rate)
    with refusing({"leases_one_rate_a_day": RateOverlap}):
        if same_start is None and in_force is not None:
            in_force.period = DateRange(in_force.period.lower, from_day)
            in_force.save(update_fields=["period", "updated_at"])
        rate.save()
    return rate


def _holds(rate: Rate, day: date) -> bool:
    lower, upper = rate.period.lower, rate.period.upper
    return (lower is None or lower <= day) and (upper is None or day < upper)
