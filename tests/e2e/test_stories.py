"""One whole story of each kind of person, in both languages, through the pages they would use.

Buttons are found by the words a person reads on them: the catalogue's, in the language of the story.
"""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import Page, expect

from incubator.common.display import day
from investors.matching.models import DisclosureGrant, Introduction
from tenants.companies.models import Company
from tenants.consulting.models import Attendance, Booking, SessionReport, Slot
from tenants.leases.models import ExtensionRequest
from tests.factories.companies import MembershipFactory, business_number
from tests.factories.consulting import BookingFactory, SlotFactory
from tests.permissions.world import MARK, PLAIN, SEOUL

from .conftest import PHONE, Camp, SignIn

pytestmark = pytest.mark.parametrize("language", ["ko", "en"])


def words(language: str, text: str) -> str:
    with translation.override(language):
        return gettext(text)


def press(page: Page, language: str, text: str) -> None:
    page.get_by_role("button", name=words(language, text), exact=True).click()


def unfold(page: Page, language: str, text: str) -> None:
    """Open the question that stands before what cannot be undone."""
    page.locator("summary").get_by_text(words(language, text), exact=True).click()


def sign_out(page: Page, language: str) -> None:
    page.locator("details.person summary").click()
    press(page, language, "Sign out")
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    expect(page.locator("details.person")).to_have_count(0)


def book_the_free_slot(page: Page, camp: Camp, topic: str) -> Booking:
    slot = camp.world.mine.things["free_slot"]
    starts = slot.period.lower.astimezone(SEOUL).date()
    page.goto("/portal/consulting/")
    page.locator(f"#week-{starts - timedelta(days=starts.weekday())}").click()
    page.locator(f"a[href='{reverse('consulting:book', args=[slot.pk])}']").click()
    page.locator("[name=topic]").fill(topic)
    page.locator("main form.form button").click()
    page.wait_for_url("**/portal/consulting/**")
    expect(page.locator("#messages .notice")).to_have_count(1)
    return Booking.objects.get(slot=slot)


def test_a_founder(language: str, camp: Camp, enter: SignIn) -> None:
    company, things = camp.world.mine.company, camp.world.mine.things
    page = enter("owner", language)
    page.wait_for_url("**/portal/")
    expect(page.locator("html")).to_have_attribute("lang", language)

    page.locator("nav.side a[href='/portal/lease/']").click()
    heading = {"ko": "입주계약이 42일 남았습니다.", "en": "Your lease ends in 42 days."}[language]
    expect(page.locator("h1")).to_have_text(heading)
    unfold(page, language, "Withdraw the request")
    press(page, language, "Yes, withdraw it")
    expect(page.locator("#messages .notice")).to_have_count(1)
    page.locator(f"main a[href='{reverse('leases:extension', args=[things['lease'].pk])}']").first.click()
    until = timezone.localdate() + timedelta(days=150)
    page.locator("[name=until]").fill(f"{until:%Y%m%d}")
    page.locator("[name=reason]").fill("실증이 봄까지 이어집니다.")
    press(page, language, "Send the request")
    page.wait_for_url("**/portal/lease/")
    with translation.override(language):
        expect(page.locator("main")).to_contain_text(day(until))
    assert ExtensionRequest.objects.get(lease=things["lease"], state="open").until == until

    booking = book_the_free_slot(page, camp, "특허 범위를 여쭙고 싶습니다.")
    assert (booking.company, booking.state) == (company, "booked")
    page.goto(reverse("consulting:booking", args=[booking.pk]))
    unfold(page, language, "Cancel the session")
    page.locator("details.confirm [name=reason]").fill("일정이 바뀌었습니다.")
    press(page, language, "Yes, cancel the session")
    expect(page.locator("#messages .notice")).to_have_count(1)
    booking.refresh_from_db()
    assert (booking.state, booking.cancelled_side) == ("cancelled", "company")

    page.goto("/portal/company/")
    page.get_by_role("link", name=words(language, "Edit the profile")).first.click()
    page.locator("[name=summary]").fill("돌봄 로봇을 만듭니다.")
    press(page, language, "Save the profile")
    page.wait_for_url("**/portal/company/")
    expect(page.locator("main")).to_contain_text("돌봄 로봇을 만듭니다.")

    page.goto("/portal/credits/")
    expect(page.locator("main .figure").first).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"{MARK} 사업")

    page.goto("/portal/matches/")
    unfold(page, language, "Agree to the introduction")
    press(page, language, "I agree to what stands above")
    expect(page.locator("#messages .notice")).to_have_count(1)
    asked = Introduction.objects.get(pk=things["asked"].pk)
    assert asked.state == "consented"
    assert DisclosureGrant.objects.get(introduction=asked).firm == camp.world.mine.firm

    sign_out(page, language)
    page.goto("/portal/")
    expect(page).to_have_url(f"{camp.url}/accounts/login/?next=/portal/")


def companies_sheet(number: str) -> bytes:
    head = "기업명,사업자등록번호,대표자,이메일,설립일,분야,단계,임직원수,입주일"
    row = f"새로온기업,{number},김새로,new@company.example,2024. 3. 2.,헬스케어,시드,7,2026-01-05"
    return f"{head}\r\n{row}\r\n".encode("cp949")


def test_a_manager(language: str, camp: Camp, enter: SignIn) -> None:
    asked = camp.world.mine.things["extension"]
    page = enter("director", language)
    page.wait_for_url("**/admin/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    heading = {"ko": "결정을 기다리는 일", "en": "What waits for a decision"}[language]
    expect(page.locator("#inbox-title")).to_have_text(heading)

    page.locator(
        f".office-inbox a[href='{reverse('admin:leases_extensionrequest_change', args=[asked.pk])}']"
    ).click()
    page.get_by_role("link", name=words(language, "Approve"), exact=False).first.click()
    page.wait_for_url("**/approve**")
    page.locator("[name=reason]").fill("실적이 좋습니다.")
    press(page, language, "Extend the lease")
    expect(page.get_by_text(words(language, "The lease is extended."))).to_be_visible()
    asked.refresh_from_db()
    asked.lease.refresh_from_db()
    assert (asked.state, asked.lease.last_day) == ("approved", asked.until)

    number = business_number(77_777)
    page.goto(reverse("admin:companies_company_load_sheet"))
    page.locator("[name=file]").set_input_files(
        {"name": "기업.csv", "mimeType": "text/csv", "buffer": companies_sheet(number)}
    )
    press(page, language, "Show the preview")
    expect(page.locator("section tbody tr")).to_have_count(1)
    expect(page.locator("section tbody")).to_contain_text("새로온기업")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert not Company.objects.filter(name="새로온기업").exists()
    page.locator("form:has([name=confirm]) button").click()
    page.wait_for_url("**/admin/companies/company/**")
    expect(page.locator("main, #main").first).to_contain_text("새로온기업")
    assert Company.objects.get(name="새로온기업").business_number == number

    page.get_by_text(camp.people.users["director"].email).click()
    page.locator("#logout-form button").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.goto("/admin/")
    expect(page).to_have_url(f"{camp.url}/accounts/login/?next=/admin/")


def test_an_investor(language: str, camp: Camp, enter: SignIn) -> None:
    company = camp.world.mine.company
    page = enter("investor", language)
    page.wait_for_url("**/invest/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#matches-title")).to_have_text({"ko": "새 매칭", "en": "New matches"}[language])

    page.locator("nav.side a[href='/invest/companies/']").click()
    expect(page.locator("table tbody tr")).to_have_count(2)
    page.locator("[name=q]").fill(MARK)
    page.locator("form.filters button").click()
    page.wait_for_url("**/invest/companies/?*q=*")
    expect(page.locator("table tbody tr")).to_have_count(1)
    page.get_by_role("link", name=company.name, exact=True).click()
    page.wait_for_url(f"**{reverse('invest:company', args=[company.slug])}")
    expect(page.locator("h1")).to_have_text(company.name)

    *reasons, total = map(Decimal, page.locator("ul.reasons .number").all_inner_texts())
    assert len(reasons) == 2
    assert sum(reasons) == total

    status = page.evaluate("fetch('/invest/', {method: 'POST'}).then(answer => answer.status)")
    assert status == 405
    sign_out(page, language)


def test_an_adviser(language: str, camp: Camp, enter: SignIn) -> None:
    adviser, company = camp.world.mine.adviser, camp.world.mine.company
    now = timezone.now()
    begun = BookingFactory(
        slot=SlotFactory(adviser=adviser, starts=now - timedelta(days=2)),
        company=company,
        attendee=camp.world.mine.things["membership"].user,
        booked_at=now - timedelta(days=5),
    )
    page = enter("adviser", language)
    page.wait_for_url("**/advise/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#waiting h2")).to_have_text(
        {"ko": "기록이나 상담일지를 기다리는 컨설팅", "en": "Waiting for your record or report"}[language]
    )

    page.locator(f"main a[href='{reverse('advise:open')}']").click()
    chosen = timezone.localdate() + timedelta(days=12)
    page.locator("[name=day]").fill(f"{chosen:%Y.%m.%d}")
    page.locator("[name=starts]").fill("14:00")
    page.locator("[name=ends]").fill("16:00")
    page.locator("[name=minutes]").select_option("60")
    page.locator("[name=online_url]").fill("https://meet.example/room")
    press(page, language, "Offer these times")
    page.wait_for_url("**/advise/")
    expect(page.locator("#messages .notice")).to_have_count(1)
    opened = [
        slot
        for slot in Slot.objects.filter(adviser=adviser)
        if slot.starts.astimezone(SEOUL).date() == chosen
    ]
    assert len(opened) == 2

    page.locator(f"#waiting a[href='{reverse('advise:booking', args=[begun.pk])}']").click()
    page.locator("[name=came][value=both]").check()
    press(page, language, "Record who came")
    page.locator(f"a[href='{reverse('advise:report', args=[begun.pk])}']").click()
    page.locator("[name=advice]").fill("청구항을 둘로 나누십시오.")
    page.locator("[name=steps-0-text]").fill("초안을 함께 봅니다.")
    press(page, language, "Keep the report")
    page.wait_for_url(f"**{reverse('advise:booking', args=[begun.pk])}")
    expect(page.locator("#messages .notice")).to_have_count(1)
    attendance = Attendance.objects.get(booking=begun)
    assert (attendance.adviser_came, attendance.company_came) == (True, True)
    report = SessionReport.objects.get(booking=begun)
    assert report.advice == "청구항을 둘로 나누십시오."
    assert [(step.text, step.owner) for step in report.steps.all()] == [("초안을 함께 봅니다.", "company")]
    sign_out(page, language)


def test_the_language_changes_in_place(language: str, camp: Camp) -> None:
    other = {"ko": "en", "en": "ko"}[language]
    page = camp.page("owner", language=language)
    page.goto("/portal/credits/jobs/?page=1")
    address = page.url
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator(f".top-tools > .row button[name=language][value={other}]").click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page).to_have_url(address)
    page.goto("/portal/")
    expect(page.locator("html")).to_have_attribute("lang", other)


def test_a_person_of_two_companies_changes_sides(language: str, camp: Camp) -> None:
    theirs = camp.world.theirs.company
    MembershipFactory(user=camp.people.users["owner"], company=theirs, level="owner")
    page = camp.page("owner", language=language)
    for role, shown, hidden in ((theirs, PLAIN, MARK), (camp.world.mine.company, MARK, PLAIN)):
        page.goto("/portal/company/")
        page.locator("details.person summary").click()
        page.locator(f"button[name=role][value='founder:{role.pk}']").click()
        page.wait_for_url("**/portal/")
        page.goto("/portal/company/")
        expect(page.locator("h1")).to_have_text(role.name)
        expect(page.locator("main")).to_contain_text(f"{shown} 소개")
        expect(page.locator("main")).not_to_contain_text(hidden)


def test_a_founder_without_javascript_on_a_phone(language: str, camp: Camp, enter: SignIn) -> None:
    page = enter("owner", language, java_script_enabled=False, viewport=PHONE)
    page.wait_for_url("**/portal/")
    booking = book_the_free_slot(page, camp, "자바스크립트 없이 예약합니다.")
    assert (booking.company, booking.topic) == (camp.world.mine.company, "자바스크립트 없이 예약합니다.")
    page.goto(reverse("consulting:booking", args=[booking.pk]))
    unfold(page, language, "Cancel the session")
    page.locator("details.confirm [name=reason]").fill("일정이 바뀌었습니다.")
    press(page, language, "Yes, cancel the session")
    expect(page.locator("#messages .notice")).to_have_count(1)
    booking.refresh_from_db()
    assert booking.state == "cancelled"
