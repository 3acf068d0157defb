"""A whole stay in Korean, by the keyboard alone: applied, screened, reviewed, accepted, signed, begun, extended, handed over,
graduated, verified. The manager works on a phone once the company lives here. Axe finds nothing on the way."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from incubator.accounts.models import Invitation
from tenants.companies.models import Company
from tenants.intake.models import Applicant, Application, Call, Review
from tenants.leases.models import Lease
from tests.factories.companies import business_number
from tests.factories.intake import make_call
from tests.factories.leases import RateFactory

from .conftest import PHONE, Camp, SignIn
from .keyboard import (
    button,
    choose,
    clean,
    clean_in_frame,
    enter_on,
    narrow_enough,
    place_of,
    reach,
    tick,
    write,
)
from .tenancy import live_and_leave
from .test_stories import words

NAME = "돌봄로봇 연구소"
PLAN = "사업 계획"


@pytest.fixture
def call(camp: Camp) -> Call:
    """The call of the world, which its reviewer reviews; closed to the other call of the world's reviewers."""
    found: Call = camp.world.mine.things["call"]
    return found


def apply(page: Page, call: Call) -> None:
    page.goto("/")
    enter_on(page, page.locator(f"a[href='{reverse('intake:call', args=[call.slug])}']"))
    page.wait_for_url("**/apply/**")
    write(page, "[name=email]", "hello@dolbom.example")
    enter_on(page, button(page, "Send me the link"))
    expect(page.locator("h1")).to_have_text(words("ko", "Look into your mail"))
    link = re.search(r"http://\S+(/apply/link/\S+)", str(mail.outbox[-1].body))
    assert link
    page.goto(link[1])
    clean(page)
    asked = {question.text: question.field for question in call.questions.all()}
    for name, text in (
        ("name", NAME),
        ("representative", "김하나"),
        ("contact_email", "hello@dolbom.example"),
        ("business_number", business_number(90_001)),
        ("founded_on", "2025.3.1"),
    ):
        write(page, f"[name={name}]", text)
    choose(page, "[name=stage]", 2)
    choose(page, "[name=region]")
    tick(page, "[name=sectors]")
    write(page, "[name=summary]", "요양시설의 돌봄을 로봇이 돕습니다.")
    write(page, f"[name={asked['대표자 경력']}]", "연구원 십 년")
    # What is typed is kept without a press on anything.
    expect(page.locator("#progress")).not_to_contain_text(words("ko", "What you do"))
    expect(page.locator("#progress")).not_to_contain_text("대표자 경력")
    page.reload()
    expect(page.locator("[name=name]")).to_have_value(NAME)


def finish(page: Page, call: Call) -> None:
    asked = {question.text: question.field for question in call.questions.all()}
    plan_file = page.locator(f"[name={asked['사업 계획서']}]")
    plan_file.set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}
    )
    enter_on(page, button(page, "Submit the application"))
    # The plan and the consent are missing: it is said, and nothing that was typed is lost.
    expect(page.locator(".form-errors")).to_contain_text(PLAN)
    expect(page.locator("[name=summary]")).to_have_value("요양시설의 돌봄을 로봇이 돕습니다.")
    expect(page.get_by_role("link", name="plan.pdf")).to_be_visible()
    clean(page)
    write(page, f"[name={asked[PLAN]}]", "다섯 곳에서 실증합니다.")
    tick(page, "[name=consent]")
    enter_on(page, button(page, "Submit the application"))
    expect(page.locator("h1")).to_have_text(words("ko", "Your application is submitted."))
    clean(page)


def verb(page: Page, name: str, object_id: int) -> None:
    page.goto(reverse(f"admin:intake_{name}", args=[object_id]))
    clean_in_frame(page)


def next_state(page: Page, call: Call, state: str) -> None:
    verb(page, "call_move", call.pk)
    if page.locator("[name=state]").input_value() != state:
        choose(page, "[name=state]")
    enter_on(page, button(page, "Go on"))
    expect(page.get_by_text(words("ko", "The call has a new state."), exact=True)).to_be_visible()
    call.refresh_from_db()
    assert call.state == state


def test_from_the_application_to_the_certificate(camp: Camp, enter: SignIn, call: Call) -> None:
    visitor = camp.page()
    apply(visitor, call)
    finish(visitor, call)
    application = Application.objects.get(applicant__name=NAME)

    Call.objects.filter(pk=call.pk).update(closes_at=timezone.now())
    manager = enter("leases", "ko")
    manager.wait_for_url("**/admin/")
    change = reverse("admin:intake_application_change", args=[application.pk])
    enter_on(manager, manager.locator(f".office-inbox a[href='{change}']"))
    expect(manager.get_by_text("돌봄을 로봇이").first).to_be_visible()
    enter_on(
        manager,
        manager.locator(f"a[href*='{reverse('admin:intake_application_screen', args=[application.pk])}']"),
    )
    enter_on(manager, button(manager, "Record the result"))
    expect(manager.get_by_text(words("ko", "The result is recorded."), exact=True)).to_be_visible()
    next_state(manager, call, "screening")
    verb(manager, "call_assign", call.pk)
    enter_on(manager, button(manager, "Assign now"))
    expect(manager.get_by_text(words("ko", "The assignment is made."), exact=True)).to_be_visible()
    next_state(manager, call, "review")

    review = Review.objects.get(application=application)
    reviewer = enter("reviewer", "ko")
    reviewer.wait_for_url("**/review/")
    clean(reviewer)
    enter_on(reviewer, reviewer.locator(f"a[href='{reverse('review:review', args=[review.pk])}']"))
    expect(reviewer.locator("h1")).to_contain_text(f"#{application.number}")
    expect(reviewer.locator("main")).not_to_contain_text(NAME)
    expect(reviewer.locator("main")).not_to_contain_text("연구원 십 년")
    clean(reviewer)
    for criterion in call.criteria.all():
        reach(reviewer, reviewer.locator(f"[name={criterion.field}]").first)
        for _step in range(3):
            reviewer.keyboard.press("ArrowDown")
    write(reviewer, "[name=comment]", "계획이 분명합니다.")
    enter_on(reviewer, button(reviewer, "Submit the review"))
    expect(reviewer.locator("#messages .notice")).to_have_count(1)
    assert list(review.scores.values_list("value", flat=True)) == [4, 4]

    # The rooms of the world have tenants of their own.
    room = RateFactory().space
    verb(manager, "call_ranking", call.pk)
    expect(manager.locator("table")).to_contain_text("75.00")
    accept = reverse("admin:intake_application_accept", args=[application.pk])
    enter_on(manager, manager.locator(f"table a[href='{accept}']"))
    first = timezone.localdate()
    title = words("ko", "Accept %(who)s") % {"who": application.applicant}
    expect(manager.get_by_text(title, exact=True).first).to_be_visible()
    clean_in_frame(manager)
    choose(manager, "[name=space]", place_of(manager, "[name=space]", room.pk))
    write(manager, "[name=first_day]", f"{first:%Y%m%d}")
    write(manager, "[name=last_day]", f"{first + timedelta(days=300):%Y-%m-%d}")
    write(manager, "[name=legal_basis]", "창업지원 무상임대")
    enter_on(manager, button(manager, "Accept, and offer the lease"))
    manager.wait_for_url(lambda url: urlsplit(url).path == change)

    company = Company.objects.get(name=NAME)
    assert Lease.objects.get(company=company).state == "offered"
    assert Invitation.objects.filter(scope_id=company.pk, email="hello@dolbom.example").count() == 1
    visitor.goto("/apply/mine/")
    expect(visitor.locator("h1")).to_have_text(words("ko", "Congratulations: you are accepted."))
    clean(visitor)
    application.refresh_from_db()
    assert application.state == "accepted"

    live_and_leave(camp, enter, company)


def test_without_javascript_on_a_phone_in_english(camp: Camp) -> None:
    """The same form, saved and withdrawn by presses on buttons alone."""
    call = make_call()
    page = camp.page(language="en", java_script_enabled=False, viewport=PHONE)
    page.goto(reverse("intake:call", args=[call.slug]))
    page.locator("[name=email]").fill("phone@dolbom.example")
    page.get_by_role("button", name="Send me the link").click()
    link = re.search(r"http://\S+(/apply/link/\S+)", str(mail.outbox[-1].body))
    assert link
    page.goto(link[1])
    page.locator("[name=name]").fill(NAME)
    page.get_by_role("button", name="Save the draft", exact=True).last.click()
    expect(page.locator("#messages .notice")).to_have_count(1)
    expect(page.locator("[name=name]")).to_have_value(NAME)
    assert Applicant.objects.get(email="phone@dolbom.example").draft["name"] == NAME
    page.locator("summary").get_by_text("Withdraw the application").click()
    page.get_by_role("button", name="Yes, withdraw it").click()
    expect(page.locator("h1")).to_have_text("You withdrew this application.")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_pages_fit_a_phone(camp: Camp, language: str, call: Call) -> None:
    from tests.factories.intake import begin, secret_of

    application, _bearer = begin(call, "fits@dolbom.example")
    page = camp.page(language=language, viewport=PHONE)
    page.goto(reverse("intake:enter", args=[secret_of(application)]))
    narrow_enough(page)
    for path in ("/apply/", reverse("intake:call", args=[call.slug])):
        page.goto(path)
        narrow_enough(page)
    reviewer = camp.page("reviewer", language=language, viewport=PHONE)
    for path in ("/review/", reverse("review:review", args=[camp.world.mine.things["review"].pk])):
        reviewer.goto(path)
        narrow_enough(reviewer)
