"""An investor reads a page, the company sees it, takes its consent back, and the page goes from the investor's screen."""

from playwright.sync_api import Page, expect

from investors.dataroom.models import PageView

from .conftest import Camp

TEN_SECONDS = 10_000


def _next_sign(page: Page) -> int:
    """Let ten seconds pass on the page's own clock; the status of the sign of life that it then gives."""
    with page.expect_response("**/sign/**") as answer:
        page.clock.run_for(TEN_SECONDS)
    return answer.value.status


def test_reading_being_seen_and_the_end_of_it(camp: Camp) -> None:
    document, consent = camp.world.mine.things["room_document"], camp.world.mine.things["disclosure"]
    before = PageView.objects.count()
    reader = camp.page("investor")
    reader.clock.install()
    reader.goto("/invest/documents/")
    reader.get_by_role("link", name=document.title).click()
    sheet = reader.locator("#sheet img")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    assert _next_sign(reader) == 204
    assert PageView.objects.count() > before

    founder = camp.page("owner")
    founder.goto("/portal/data-room/views/")
    expect(founder.locator("#looks")).to_contain_text("investor")
    founder.goto("/portal/data-room/access/")
    details = founder.locator("details.confirm").filter(
        has=founder.locator(f"form[action*='/{consent.pk}/']")
    )
    details.locator("summary").click()
    details.locator("form button").click()
    founder.wait_for_url("**/portal/matches/")

    assert _next_sign(reader) == 404
    expect(reader.locator("#sheet")).to_have_count(0)
    expect(reader.locator("#sheet-over")).to_be_visible()
    answer = reader.goto(f"/invest/documents/{document.pk}/")
    assert answer is not None
    assert answer.status == 404
