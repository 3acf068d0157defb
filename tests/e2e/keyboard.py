"""Walking through pages by the keyboard alone, and what must hold on each of them."""

from playwright.sync_api import Locator, Page

from .test_accessibility import FRAME_RULES, violations
from .test_stories import words


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    target.wait_for()
    for _press in range(600):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def write(page: Page, selector: str, text: str) -> None:
    reach(page, page.locator(selector).first)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)


def tick(page: Page, selector: str) -> None:
    reach(page, page.locator(selector).first)
    page.keyboard.press("Space")


def choose(page: Page, selector: str, steps: int = 1) -> None:
    """The option so many further down."""
    reach(page, page.locator(selector).first)
    for _step in range(steps):
        page.keyboard.press("ArrowDown")


def place_of(page: Page, selector: str, value: object) -> int:
    """How many presses from the first option the one with this value is."""
    page.locator(selector).wait_for()
    values = page.locator(f"{selector} option").evaluate_all("options => options.map(each => each.value)")
    return values.index(str(value))


def enter_on(page: Page, target: Locator) -> None:
    reach(page, target)
    page.keyboard.press("Enter")


def button(page: Page, text: str) -> Locator:
    return page.get_by_role("button", name=words("ko", text), exact=True).first


def clean(page: Page) -> None:
    assert violations(page) == []


def clean_in_frame(page: Page) -> None:
    """As `clean`, on a page of the admin, whose frame is not ours."""
    assert violations(page, disabled=tuple(FRAME_RULES)) == []


def narrow_enough(page: Page) -> None:
    wide, room = page.evaluate("[document.scrollingElement.scrollWidth, window.innerWidth]")
    assert wide <= room
