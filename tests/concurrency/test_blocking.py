"""A lease and a block of the same space, and rooms drawn by several managers, at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection

from tenants.leases import services
from tenants.leases.floorplan import Box, overlaps
from tenants.leases.models import BlockedPeriod, Lease, Space, SpaceClaim
from tests.concurrency.test_leases import all_at_once, letting
from tests.factories.companies import CompanyFactory
from tests.factories.leases import FloorFactory, SpaceFactory

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 8


def blocking(space: Space) -> list:
    return [
        lambda: services.block_space(
            space=space, first_day=date(2026, 12, 1), last_day=None, kind="repair", note="누수", actor=None
        )
    ] * EACH


@contextmanager
def without_the_constraint() -> Iterator[None]:
    wall = next(
        found for found in SpaceClaim._meta.constraints if found.name == "leases_not_let_while_blocked"
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(SpaceClaim, wall)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leases_lease, leases_blockedperiod CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(SpaceClaim, wall)


def test_either_the_lease_or_the_blocks_win() -> None:
    space = SpaceFactory()
    ends = all_at_once([*letting(space, CompanyFactory.create_batch(1)), *blocking(space)])
    leases, blocks = Lease.objects.count(), BlockedPeriod.objects.count()
    assert (leases, blocks) in ((1, 0), (0, EACH))
    assert ends["done"] == leases + blocks
    assert ends["let_meanwhile"] + ends["space_blocked"] == EACH + 1 - ends["done"]


def test_control_without_the_wall_both_stand() -> None:
    space = SpaceFactory()
    with without_the_constraint():
        all_at_once([*letting(space, CompanyFactory.create_batch(1)), *blocking(space)])
        assert (Lease.objects.count(), BlockedPeriod.objects.count()) == (1, EACH)


def test_rooms_made_at_once_never_lie_on_one_another() -> None:
    floor = FloorFactory()
    services_made = [
        lambda code=code: services.create_space(
            floor=floor, code=f"{code}", kind="room", area_m2=30, seats=2, actor=None
        )
        for code in range(EACH)
    ]
    assert all_at_once(services_made) == {"done": EACH}
    boxes: dict[int, Box] = {space.pk: space.box for space in Space.objects.filter(floor=floor) if space.box}
    assert len(boxes) == EACH
    assert overlaps(boxes) == []
