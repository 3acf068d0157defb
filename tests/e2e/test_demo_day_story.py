"""A demo day in Korean at the desk: computed, published, repaired when a firm comes late, spoken about, and introduced.

Axe looks at every page of it, the same pages in English; the hall's television shows all its tables without scrolling."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from investors.demoday.models import DemoDay, Meeting
from investors.matching.models import Introduction
from tests.factories.demoday import firms_of, make_day, rank_all

from .conftest import Camp, SignIn
from .keyboard import button, choose, clean, clean_in_frame, enter_on, narrow_enough, place_of
from .test_stories import words

TELEVISION = {"width": 1920, "height": 1080}
TABLES = 38


@pytest.fixture
def day(camp: Camp) -> DemoDay:
    """It begins in two hours; every company has ranked every firm."""
    found = make_day(tables=TABLES, ranking_closes_at=None, ranking=False)
    begins = timezone.localtime() + timedelta(hours=2)
    DemoDay.objects.filter(pk=found.pk).update(
        state="ranking",
        day=begins.date(),
        starts=begins.time().replace(tzinfo=None),
        ranking_closes_at=timezone.now() + timedelta(hours=1),
    )
    found.refresh_from_db()
    rank_all(found)
    return found


def at(page: Page, day: DemoDay, name: str, *args: object) -> Page:
    page.goto(reverse(f"admin:demoday_demoday_{name}", args=[day.pk, *args]))
    return page


def begin(day: DemoDay, slot: int) -> None:
    """Time passes: this slot has begun ten minutes ago."""
    since = day.slots[slot - 1].starts - day.slots[0].starts
    begun = timezone.localtime() - timedelta(minutes=10) - since
    DemoDay.objects.filter(pk=day.pk).update(day=begun.date(), starts=begun.time().replace(tzinfo=None))
    day.refresh_from_db()


def pages_of(day: DemoDay) -> Iterator[str]:
    for name in ("wishes", "plan", "repair", "desk"):
        yield reverse(f"admin:demoday_demoday_{name}", args=[day.pk])
    yield reverse("admin:demoday_demoday_change", args=[day.pk])
    yield reverse("admin:demoday_demoday_participants", args=[day.pk, "firm"])
    yield reverse("admin:demoday_demoday_wish", args=[day.pk, "firm", firms_of(day)[0].pk])
    yield reverse("admin:demoday_plan_change", args=[day.plans.order_by("number").last().pk])


def test_from_the_computation_to_the_introduction(camp: Camp, enter: SignIn, day: DemoDay) -> None:
    desk = enter("matching", "ko")
    desk.wait_for_url("**/admin/")
    at(desk, day, "plan")
    enter_on(desk, button(desk, "Compute a timetable"))
    enter_on(desk, desk.get_by_role("link", name=words("ko", "See the result")))
    desk.wait_for_url("**/demoday/plan/*/change/")
    clean_in_frame(desk)
    enter_on(desk, desk.get_by_role("link", name=words("ko", "Publish this timetable")))
    enter_on(desk, button(desk, "Publish it"))
    expect(desk.get_by_text(words("ko", "The timetable is in force."), exact=True)).to_be_visible()

    late = firms_of(day)[0]
    at(desk, day, "repair")
    choose(desk, "#who-0", place_of(desk, "#who-0", f"firm:{late.pk}"))
    choose(desk, "#slot-0", place_of(desk, "#slot-0", 4))
    enter_on(desk, button(desk, "Show what would change"))
    expect(desk.locator("#moved, #grid").first).to_be_visible()
    enter_on(desk, desk.get_by_role("link", name=words("ko", "Confirm this repair")))
    enter_on(desk, button(desk, "Publish it"))
    expect(desk.get_by_text(words("ko", "The timetable is in force."), exact=True)).to_be_visible()
    held = Meeting.objects.held().published().filter(plan__day=day)
    assert held.count() == 9
    assert min(held.filter(firm=late).values_list("slot", flat=True)) >= 4

    first = held.order_by("slot", "table").first()
    assert first is not None
    begin(day, first.slot)
    at(desk, day, "desk")
    card = desk.locator(f"#m{first.company_id}-{first.firm_id}")
    enter_on(desk, card.get_by_role("button", name=words("ko", "Call the firm"), exact=True))
    for side in (first.company.name, first.firm.name):
        box = card.get_by_role("group", name=side, exact=True)
        target = box.get_by_role("button", name=words("ko", "Continue"), exact=True)
        size = target.bounding_box()
        assert size is not None
        assert size["height"] >= 44
        enter_on(desk, target)
        expect(box.get_by_role("button", name=words("ko", "Undo"), exact=True)).to_be_visible()
    clean_in_frame(desk)
    enter_on(desk, button(desk, "Propose the introduction"))
    expect(desk.locator("#both").get_by_role("link")).to_be_visible()
    assert Introduction.objects.get(company=first.company, firm=first.firm).state == "asked"

    television = camp.page("matching", viewport=TELEVISION)
    at(television, day, "board")
    assert television.locator(".board-tables > li").count() == TABLES
    assert (
        television.evaluate(
            "[...document.querySelectorAll('.board-tables > li')].at(-1).getBoundingClientRect().bottom"
        )
        < 1080
    )
    narrow_enough(television)
    clean(television)

    english = camp.page("matching", language="en")
    for address in pages_of(day):
        english.goto(address)
        clean_in_frame(english)
