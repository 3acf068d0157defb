"""A founder asks for more credits than one person may grant, two managers agree, and the founder has them."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from incubator.common.display import GFLOP_PER_PFH, pfh
from tenants.compute.models import Allocation, GrantRequest
from tenants.compute.planning import month_after

from .conftest import PHONE, Camp, SignIn
from .test_stories import press, words

pytestmark = pytest.mark.parametrize("language", ["ko", "en"])

PROJECT = "돌봄 로봇 실증"
AMOUNT = 1_500


def ask(page: Page, language: str) -> GrantRequest:
    """From the credits page, through both steps of the form, to the request's own page."""
    page.goto("/portal/credits/")
    page.get_by_role("link", name=words(language, "Ask for credits")).first.click()
    first = month_after(timezone.localdate())
    page.locator("#period [name=first_day]").fill(f"{first:%Y%m%d}")
    page.locator("#period [name=last_day]").fill(f"{month_after(first):%Y.%m}.15")
    press(page, language, "Plan these months")
    expect(page.locator("#request [name^=month_]")).to_have_count(2)
    page.locator("[name=project]").fill(PROJECT)
    page.locator("[name=description]").fill("영상 모델을 학습합니다.")
    page.locator("[name=amount_gflop]").fill(f"{AMOUNT}")
    page.locator("[name=reason]").fill("임상 시험을 준비합니다.")
    for number, planned in enumerate(("500", "999")):
        page.locator("#request [name^=month_]").nth(number).fill(planned)
    press(page, language, "Ask for these credits")
    # One PF·h is missing in the plan: nothing is lost, and what is wrong is said.
    expect(page.locator("main")).to_contain_text("1,499.000 PF·h")
    expect(page.locator("[name=project]")).to_have_value(PROJECT)
    page.locator("#request [name^=month_]").nth(1).fill("1000")
    press(page, language, "Ask for these credits")
    expect(page.locator("#messages .notice")).to_have_count(1)
    expect(page.locator("h1")).to_have_text(words(language, "This request is under review."))
    return GrantRequest.objects.get(project=PROJECT)


def agree(page: Page, language: str, asked: GrantRequest, said: str) -> None:
    """From the inbox to the decision."""
    page.wait_for_url("**/admin/")
    change = reverse("admin:compute_grantrequest_change", args=[asked.pk])
    page.locator(f".office-inbox a[href='{change}']").click()
    expect(page.locator("main, #main").first).to_contain_text(PROJECT)
    page.locator(f"a[href*='{reverse('admin:compute_grantrequest_grant', args=[asked.pk])}']").first.click()
    page.locator("[name=reason]").fill("계획이 좋습니다.")
    expect(page.locator("[name=pool]")).not_to_have_value("")
    press(page, language, "Grant these credits")
    expect(page.get_by_text(words(language, said))).to_be_visible()


def test_two_managers_agree(language: str, camp: Camp, enter: SignIn) -> None:
    founder = enter("owner", language)
    founder.wait_for_url("**/portal/")
    asked = ask(founder, language)
    assert (asked.amount_gflop, asked.state) == (AMOUNT * GFLOP_PER_PFH, "asked")

    first = "You have agreed. A grant of this size needs the agreement of another person."
    agree(enter("credits", language), language, asked, first)
    asked.refresh_from_db()
    assert (asked.state, Allocation.objects.filter(request=asked).exists()) == ("agreed", False)
    founder.reload()
    expect(founder.locator("h1")).to_have_text(words(language, "This request is under review."))

    agree(enter("director", language), language, asked, "The credits are granted.")
    asked.refresh_from_db()
    lot = Allocation.objects.get(request=asked)
    assert (lot.amount_gflop, lot.period, asked.agreed_by_id != asked.decided_by_id) == (
        asked.amount_gflop,
        asked.period,
        True,
    )

    founder.reload()
    expect(founder.locator("h1")).to_contain_text(pfh(lot.amount_gflop))
    expect(founder.locator("#decision")).to_contain_text("계획이 좋습니다.")
    founder.get_by_role("link", name=words(language, "See the grant")).click()
    row = founder.locator("#lots tr", has_text=PROJECT)
    expect(row).to_contain_text(pfh(lot.amount_gflop))


def test_an_exemption_without_javascript_on_a_phone(language: str, camp: Camp, enter: SignIn) -> None:
    notice = camp.world.mine.things["notice"]
    page = enter("member", language, java_script_enabled=False, viewport=PHONE)
    page.wait_for_url("**/portal/")
    page.goto(reverse("compute:requests"))
    page.locator(f"main a[href='{reverse('compute:notice', args=[notice.pk])}']").click()
    page.locator("[name=reason]").fill("다음 달에 학습합니다.")
    press(page, language, "Ask for an exemption")
    expect(page.locator("#messages .notice")).to_have_count(1)
    notice.refresh_from_db()
    assert (notice.state, notice.exemption_reason) == ("exempting", "다음 달에 학습합니다.")
    page.goto(reverse("compute:rules"))
    expect(page.locator("h1")).to_contain_text("50%")
