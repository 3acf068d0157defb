"""Credits as a founder and a manager see them: what a job would cost, who used what, a statement that proves itself."""

import json
from pathlib import Path

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from incubator.common.display import pfh
from incubator.reporting import compute
from tenants.compute import selectors, statement_proof
from tests.permissions.world import MARK, PLAIN

from .conftest import PHONE, Camp

pytestmark = pytest.mark.parametrize("language", ["ko", "en"])


def words(language: str, text: str) -> str:
    with translation.override(language):
        return gettext(text)


def tab(language: str, text: str) -> str:
    return f"nav.tabs a:text-is('{words(language, text)}')"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_founder_asks_reads_and_proves(language: str, size: str, camp: Camp) -> None:
    options = {"viewport": PHONE} if size == "phone" else {}
    page = camp.page("owner", language=language, **options)
    page.goto("/portal/credits/")
    balance = selectors.balance_of(camp.world.mine.company.pk, timezone.localdate())
    expect(page.locator("h1")).to_contain_text(pfh(balance.left))

    page.locator("[name=gpus]").fill("4")
    page.locator("[name=hours]").fill("72")
    page.locator("#estimate button").click()
    page.wait_for_url("**gpus=4**")
    expect(page.locator("#estimate")).to_contain_text("19.296")
    expect(page.locator("#estimate")).to_contain_text(f"{MARK} 사업")
    # 288 hours at the price of the world.
    expect(page.locator("#estimate")).to_contain_text("1,152,000")

    page.locator(tab(language, "Who used them")).click()
    page.wait_for_url("**/usage/")
    expect(page.locator("#people")).to_contain_text(MARK)
    page.locator(tab(language, "Storage")).click()
    page.wait_for_url("**/storage/")
    expect(page.locator("h1")).to_contain_text("TB")

    page.locator(tab(language, "Statements")).click()
    page.wait_for_url("**/statements/")
    month = f"{timezone.localdate():%Y-%m}"
    page.locator(f"a[href$='/statements/{month}/']").click()
    page.wait_for_url(f"**/statements/{month}/")
    expect(page.locator("#charges")).to_contain_text("H100")
    assert PLAIN not in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    with page.expect_download() as started:
        page.locator(f"main a[href$='{month}.json']").first.click()
    statement = statement_proof.read(Path(started.value.path()).read_bytes())
    assert [name for name, _found in statement_proof.proofs(statement)] == [
        name for name, _prove in statement_proof.PROOFS
    ]
    assert PLAIN not in json.dumps(statement, ensure_ascii=False)


def test_a_manager_reads_the_report(language: str, camp: Camp) -> None:
    page = camp.page("director", language=language)
    page.goto("/admin/reporting/compute/")
    today = timezone.localdate()
    totals = compute.totals(compute.figures(None, today, today.year))
    expect(page.locator(".office-head")).to_contain_text(pfh(totals.used))
    expect(page.locator("section[aria-labelledby=unattributed-title]")).to_contain_text("nobody")
    page.locator("nav.office-sorts a[href*='companies']").click()
    page.wait_for_url("**/companies/**")
    expect(page.locator("table.office-table tbody tr")).to_have_count(2)
    with page.expect_download() as started:
        page.locator("a[href*='companies.csv']").click()
    text = Path(started.value.path()).read_text(encoding="utf-8-sig")
    assert f"{MARK} 기업" in text
