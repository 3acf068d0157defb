"""axe-core finds nothing on any page of the public, the founders, advisers and investors, and nothing of ours in the admin."""

import json
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from incubator.running.environment import PROJECT

from .conftest import DESKTOP, PHONE, Camp
from .walks import PLACES, paths, visit

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
SWAGGER = "#swagger-ui > *"  # the API's documentation is drawn by Swagger UI: only the page around it is ours

# Rules that Unfold's frame breaks around our pages, whatever they hold.
FRAME_RULES = {
    "landmark-one-main": "Unfold's frame puts the content into a div with the id main",
    "region": "Unfold's top bar and sidebar stand outside landmarks",
    "landmark-unique": "Unfold's sidebar and the scroll bar inside it are landmarks of the same name",
}


def violations(page: Page, *, exclude: tuple[str, ...] = (), disabled: tuple[str, ...] = ()) -> list[str]:
    """What axe has to say, a line each: rule, place, reason."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        f"""axe.run(
            {{exclude: {json.dumps([[part] for part in exclude])}.filter(([part]) => document.querySelector(part))}},
            {{resultTypes: ["violations"], rules: {json.dumps({rule: {"enabled": False} for rule in disabled})}}}
        ).then(result => result.violations)"""
    )
    return [
        f"{rule['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def walk(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    wrong = {}
    for address in addresses:
        visit(page, address)
        if found := violations(page, exclude=(SWAGGER,)):
            wrong[address] = found
    return wrong


def test_control_axe_finds_what_is_wrong(quiet_camp: Camp) -> None:
    page = quiet_camp.page("owner")
    visit(page, "/portal/lease/")
    page.evaluate("document.querySelector('main h1').insertAdjacentHTML('afterend', '<input><img src=x>')")
    assert {line.split()[0] for line in violations(page)} == {"image-alt", "label"}


@pytest.mark.parametrize("place", PLACES)
def test_every_page_of_a_place(place: str, quiet_camp: Camp) -> None:
    page = quiet_camp.page(PLACES[place][0])
    addresses = list(paths(place, quiet_camp))
    assert addresses
    assert walk(page, addresses) == {}


@pytest.mark.parametrize(
    ("language", "viewport", "contrast"),
    [("ko", DESKTOP, "high"), ("ko", PHONE, ""), ("en", DESKTOP, ""), ("en", PHONE, "high")],
    ids=["ko-desktop-high", "ko-phone", "en-desktop", "en-phone-high"],
)
def test_the_first_pages_in_other_forms(
    language: str, viewport: dict[str, int], contrast: str, quiet_camp: Camp
) -> None:
    """Language, width and contrast, on the pages that everybody meets."""
    for persona, addresses in (
        (None, ["/", "/accounts/login/"]),
        ("owner", ["/portal/", "/portal/consulting/", "/portal/lease/"]),
        ("adviser", ["/advise/"]),
        ("investor", ["/invest/", "/invest/companies/"]),
    ):
        page = quiet_camp.page(persona, language=language, viewport=viewport, contrast=contrast)
        assert walk(page, addresses) == {}
        page.context.close()


def test_what_opens_on_a_press(quiet_camp: Camp) -> None:
    """Menus and questions are not there for axe until somebody opens them."""
    page = quiet_camp.page("owner")
    for address in (
        "/portal/",
        "/portal/company/",
        "/portal/lease/",
        "/portal/matches/",
        "/portal/matches/wishes/",
    ):
        visit(page, address)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert violations(page) == [], address


@pytest.mark.parametrize(
    "name",
    [
        "admin:index",
        "admin:leases_lease_changelist",
        "admin:companies_company_change",
        "admin:companies_company_load_sheet",
        "admin:leases_extensionrequest_approve",
    ],
)
def test_our_parts_of_the_admin(name: str, quiet_camp: Camp) -> None:
    things = {"companies_company": "companies_company", "leases_extensionrequest": "extension"}
    label = name.removeprefix("admin:").rpartition("_")[0]
    needs_object = name.endswith(("_change", "_approve"))
    kwargs = {"object_id": quiet_camp.world.mine.things[things[label]].pk} if needs_object else {}
    page = quiet_camp.page("director")
    visit(page, reverse(name, kwargs=kwargs))
    assert violations(page, disabled=tuple(FRAME_RULES)) == []
