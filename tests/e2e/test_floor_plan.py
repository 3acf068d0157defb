"""The plan of a floor in a browser: read by founders, drawn by managers with keys, with the mouse, and without scripts."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tenants.leases.floorplan import Box
from tenants.leases.models import Space
from tests.factories.leases import SpaceFactory

from .conftest import PHONE, Camp
from .test_accessibility import violations


@pytest.fixture
def floor_id(camp: Camp) -> int:
    """The floor of the marked company's room, which lies beside another one."""
    space = camp.world.mine.things["space"]
    Space.objects.filter(pk=space.pk).update(plan_x=2, plan_y=2, plan_w=4, plan_h=4)
    SpaceFactory(floor=space.floor, code="P-1", plan_x=8, plan_y=2, plan_w=4, plan_h=4)
    return space.floor_id


def layout(page: Page, floor_id: int) -> None:
    page.goto(reverse("admin:leases_space_layout", args=[floor_id]))


def box_of(camp: Camp) -> Box | None:
    return Space.objects.get(pk=camp.world.mine.things["space"].pk).box


def test_a_manager_moves_and_sizes_a_room_with_the_keys(camp: Camp, floor_id: int) -> None:
    space = camp.world.mine.things["space"]
    page = camp.page("leases")
    layout(page, floor_id)
    room = page.locator(f'[data-room="{space.pk}"]')
    room.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    expect(room).to_have_class("room wrong")
    page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(room).to_have_class("room")
    assert violations(page) == []
    page.locator("button[value=save]").click()
    expect(page).to_have_url(camp.url + reverse("admin:leases_space_plan", args=[floor_id]))
    assert box_of(camp) == Box(2, 3, 4, 3)
    assert violations(page) == []


def test_the_mouse_drags_in_whole_cells(camp: Camp, floor_id: int) -> None:
    space = camp.world.mine.things["space"]
    page = camp.page("leases")
    layout(page, floor_id)
    room = page.locator(f'[data-room="{space.pk}"]')
    found = room.locator("rect").first.bounding_box()
    assert found is not None
    cell = found["width"] / 4
    page.mouse.move(found["x"] + cell, found["y"] + cell)
    page.mouse.down()
    page.mouse.move(found["x"] + cell, found["y"] + 5.2 * cell, steps=3)
    page.mouse.up()
    page.locator("button[value=save]").click()
    page.wait_for_load_state()
    assert box_of(camp) == Box(2, 6, 4, 4)


def test_it_works_without_scripts(camp: Camp, floor_id: int) -> None:
    space = camp.world.mine.things["space"]
    page = camp.page("leases", java_script_enabled=False)
    layout(page, floor_id)
    page.locator(f"#id_x-{space.pk}").fill("9")
    page.locator("button[value=save]").click()
    expect(page.locator(".form-errors")).to_contain_text("P-1")
    page.locator(f"#id_x-{space.pk}").fill("20")
    page.locator("button[value=save]").click()
    page.wait_for_load_state()
    assert box_of(camp) == Box(20, 2, 4, 4)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_a_founder_walks_from_the_plan_to_the_own_room(
    camp: Camp, floor_id: int, viewport: dict[str, int] | None
) -> None:
    page = camp.page("owner", **({"viewport": viewport} if viewport else {}))
    page.goto(reverse("leases:plans"))
    assert violations(page) == []
    page.locator(".plan a.own").focus()
    page.keyboard.press("Enter")
    space = camp.world.mine.things["space"]
    expect(page).to_have_url(camp.url + reverse("leases:space", args=[space.pk]))
    expect(page.locator("h1")).to_contain_text(space.code)
    assert violations(page) == []
