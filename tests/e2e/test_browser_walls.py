"""What a browser says while it walks the pages: no policy broken, nothing missing, nothing wider than a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Request, Response

from .conftest import PHONE, Camp
from .walks import PLACES, paths, visit

LISTEN = """
window.brokenPolicies = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.brokenPolicies.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


@contextmanager
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser has to say of `page`: errors of the console and of scripts, answers from 400 on, broken policies."""
    said: list[str] = []

    def answer(response: Response) -> None:
        if response.status >= 400:
            said.append(f"{response.status} {response.url}")

    def failed(request: Request) -> None:
        # a page left before its icon has come takes the request back: nobody refused it
        if request.failure != "net::ERR_ABORTED":
            said.append(f"failed: {request.url} {request.failure}")

    page.add_init_script(LISTEN)
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", failed)
    page.on("response", answer)
    yield said


def policy(response: Response) -> dict[str, list[str]]:
    """The directives of an answer's Content-Security-Policy."""
    header = response.headers["content-security-policy"]
    return {name: values for name, *values in (part.split() for part in header.split(";") if part.strip())}


@pytest.mark.parametrize("place", PLACES)
def test_every_page_on_a_phone(place: str, quiet_camp: Camp) -> None:
    page = quiet_camp.page(PLACES[place][0], viewport=PHONE)
    wrong: dict[str, list[str]] = {}
    with complaints(page) as said:
        for address in paths(place, quiet_camp):
            response = visit(page, address)
            assert urlsplit(page.url).path == urlsplit(address).path, "the matrix says 200"
            found = [*said, *page.evaluate("window.brokenPolicies")]
            said.clear()
            found += [
                f"{name} has {value}"
                for name, values in policy(response).items()
                for value in values
                if value in ("'unsafe-inline'", "'unsafe-eval'")
            ]
            wide, room = page.evaluate("[document.scrollingElement.scrollWidth, window.innerWidth]")
            if wide > room:
                found.append(f"{wide} px wide")
            if found:
                wrong[address] = found
    assert wrong == {}


def test_the_admin_evaluates_but_runs_nothing_inline(quiet_camp: Camp) -> None:
    """Unfold's Alpine evaluates its expressions; a script in the page itself still does not run."""
    page = quiet_camp.page("director")
    company = quiet_camp.world.mine.company
    with complaints(page) as said:
        for address in (
            "/admin/",
            reverse("admin:companies_company_changelist"),
            reverse("admin:companies_company_change", args=[company.pk]),
            reverse("admin:companies_company_load_sheet"),
        ):
            directives = policy(visit(page, address))
            assert directives["script-src"] == ["'self'", "'unsafe-eval'"]
            said += page.evaluate("window.brokenPolicies")
    assert said == []


def test_the_walls_of_the_browser_hold(quiet_camp: Camp) -> None:
    """Control: what the walks listen for is heard when it happens."""
    page = quiet_camp.page()
    with complaints(page) as said:
        page.goto("/")
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true;";
                document.body.append(script);
            }"""
        )
        page.wait_for_function("window.brokenPolicies.length > 0")
        assert page.evaluate("window.ran") is None
        assert page.evaluate("fetch('/static/nothing.css').then(answer => answer.status)") == 404
    assert any(each.startswith("404 ") for each in said)
    assert any("Content Security Policy" in each for each in said)
