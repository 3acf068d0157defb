"""The stories of consulting: refused, waiting, offered a freed time; moved by the adviser, held, reported.

The founder's is walked once by the keyboard alone, in Korean; the English one with the pointer.
"""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from incubator.accounts.enums import Kind
from tenants.consulting.models import Booking, Slot
from tenants.consulting.services import book_slot, cancel_booking
from tests.factories.accounts import acting
from tests.factories.consulting import AdviserFactory, BookingFactory, SlotFactory
from tests.permissions.world import SEOUL, Side

from .conftest import PHONE, Camp, SignIn
from .keyboard import clean, enter_on, narrow_enough, write
from .test_stories import press, words

QUESTION = "미국 특허의 우선권 기간을 여쭙니다."


@pytest.fixture
def slot(camp: Camp) -> Slot:
    """The one time of an adviser next week, in the afternoon."""
    day = timezone.now().astimezone(SEOUL) + timedelta(days=8)
    made: Slot = SlotFactory(
        adviser=AdviserFactory(name="배기다림 변리사"),
        starts=day.replace(hour=14, minute=0, second=0, microsecond=0),
    )
    return made


def taken_by(side: Side, slot: Slot) -> Booking:
    """Booked by the company of a side, through the service that its page calls."""
    person = side.things["membership"].user
    return book_slot(
        slot=slot,
        company=side.company,
        attendee=person,
        topic=f"{side.mark} 질문",
        actor=acting(person, Kind.FOUNDER, side.company.pk, "owner"),
        now=timezone.now(),
    )


def week_of(slot: Slot) -> str:
    return f"/portal/consulting/?adviser={slot.adviser_id}&week={slot.starts.astimezone(SEOUL).date()}"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_refused_waiting_offered(language: str, camp: Camp, enter: SignIn, slot: Slot) -> None:
    theirs = camp.world.theirs
    page = enter("owner", language)
    page.wait_for_url("**/portal/")

    def act(text: str) -> None:
        found = page.get_by_role("button", name=words(language, text), exact=True).first
        if language == "ko":
            enter_on(page, found)
        else:
            found.click()

    page.goto(week_of(slot))
    clean(page)
    choice = page.locator(f"a[href*='{reverse('consulting:book', args=[slot.pk])}']").first
    enter_on(page, choice)
    write(page, "[name=topic]", QUESTION)
    other = taken_by(theirs, slot)
    act("Book this session")
    expect(page.locator("main")).to_contain_text(words(language, "This time is booked."))
    expect(page.locator("main")).not_to_contain_text(theirs.mark)
    clean(page)

    # The week looks full before anyone clicks.
    page.goto(week_of(slot))
    expect(page.locator("#slots")).to_contain_text(words(language, "Every time of this week is booked."))
    expect(choice).to_have_count(0)
    act("Wait for a time in this week")
    expect(page.locator("#waiting")).to_contain_text(slot.adviser.name)
    clean(page)

    mail.outbox.clear()
    cancel_booking(
        booking=other,
        reason=f"{theirs.mark} 사정",
        actor=acting(theirs.things["membership"].user, Kind.FOUNDER, theirs.company.pk, "owner"),
        now=timezone.now(),
    )
    told = [letter for letter in mail.outbox if camp.people.users["owner"].email in letter.to]
    assert len(told) == 1
    assert theirs.mark not in told[0].subject + str(told[0].body)

    page.goto("/portal/consulting/")
    held = page.locator(".notice", has_text=slot.adviser.name)
    expect(held).to_be_visible()
    enter_on(page, held.get_by_role("link", name=words(language, "Book it")))
    expect(page.locator("h1")).to_contain_text(slot.adviser.name)
    clean(page)
    write(page, "[name=topic]", QUESTION)
    act("Book this session")
    page.wait_for_url("**/portal/consulting/bookings/**")
    expect(page.locator("main")).to_contain_text(QUESTION)
    expect(page.locator("main")).not_to_contain_text(theirs.mark)
    booked = Booking.objects.live().get(slot__adviser=slot.adviser)
    assert (booked.company, booked.starts, booked.topic) == (camp.world.mine.company, slot.starts, QUESTION)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_moved_by_the_adviser_held_and_reported(language: str, camp: Camp, enter: SignIn, slot: Slot) -> None:
    """The adviser works on a phone between two meetings; the founder reads what was said."""
    mine = camp.world.mine
    Slot.objects.filter(pk=slot.pk).update(adviser=mine.adviser)
    slot.refresh_from_db()
    later: Slot = SlotFactory(adviser=mine.adviser, starts=slot.starts + timedelta(hours=2))
    booking = taken_by(mine, slot)
    page = enter("adviser", language, viewport=PHONE)
    page.wait_for_url("**/advise/")
    page.goto(reverse("advise:booking", args=[booking.pk]))
    page.get_by_role("link", name=words(language, "Move to another free time")).click()
    clean(page)
    narrow_enough(page)
    mail.outbox.clear()
    page.locator(f"[name=time][value='{later.pk}']").check()
    page.locator("[name=reason]").fill("재판 일정이 겹쳤습니다.")
    press(page, language, "Move the session")
    page.wait_for_url("**/advise/bookings/**")
    booking.refresh_from_db()
    moved = booking.moved_to
    assert (moved.starts, moved.company, booking.ended_as) == (later.starts, mine.company, "moved")
    assert any("재판 일정이 겹쳤습니다." in str(letter.body) for letter in mail.outbox)

    held = BookingFactory(
        slot=SlotFactory(adviser=mine.adviser, starts=timezone.now() - timedelta(days=2)),
        company=mine.company,
        attendee=mine.things["membership"].user,
    )
    page.goto(reverse("advise:report", args=[held.pk]))
    clean(page)
    narrow_enough(page)
    page.locator("[name=advice]").fill("우선권 주장은 열두 달 안에 하십시오.")
    page.locator("[name=steps-0-text]").fill("미국 출원 초안")
    press(page, language, "Keep the report")
    page.wait_for_url(f"**{reverse('advise:booking', args=[held.pk])}")

    founder = enter("owner", language)
    founder.wait_for_url("**/portal/")
    founder.goto(reverse("consulting:ledger"))
    expect(founder.locator("main")).to_contain_text("우선권 주장은 열두 달 안에 하십시오.")
    expect(founder.locator("main")).to_contain_text("미국 출원 초안")
    clean(founder)
    founder.goto(reverse("consulting:booking", args=[moved.pk]))
    expect(founder.locator("main")).to_contain_text("재판 일정이 겹쳤습니다.")
