"""A company that has been accepted lives in the camp and leaves it: what founder and manager do, by the keyboard alone."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from incubator.common.dbroles import acting_as_system
from incubator.common.periods import days
from tenants.companies.models import Company, Residency
from tenants.leases.models import ExtensionRequest, Handover, Lease
from tenants.leases.services import advance_leases, open_due_handovers
from tenants.papers.models import Paper

from .conftest import PHONE, Camp, SignIn
from .keyboard import button, clean, clean_in_frame, enter_on, narrow_enough, reach, tick, write
from .test_stories import words

OWNER = "김하나"
SECRET = "돌봄로봇-2026"


def live_and_leave(camp: Camp, enter: SignIn, company: Company) -> None:
    """From the offered lease, which begins today, to the certificate that anyone can verify."""
    lease = Lease.objects.get(company=company)
    founder = _accept_invitation(camp)
    manager = enter("leases", "ko", viewport=PHONE)
    manager.wait_for_url("**/admin/")

    clerk = camp.people.users["leases"]
    assert clerk
    _sign(founder, manager, lease, clerk.name)
    _extend(founder, manager, lease)
    _pass_time_until_the_last_day(company, lease)
    _hand_over(founder, manager, lease)
    _graduate(manager, company)
    _verify(camp, founder, company)


def _accept_invitation(camp: Camp) -> Page:
    links = (re.search(r"http://[^/\s]+(/\S*invit\S+)", str(each.body)) for each in reversed(mail.outbox))
    # The letter of acceptance comes after the invitation.
    link = next(filter(None, links))
    founder = camp.page()
    founder.goto(link[1])
    clean(founder)
    write(founder, "[name=name]", OWNER)
    write(founder, "[name=password]", SECRET)
    enter_on(founder, button(founder, "Accept the invitation"))
    founder.wait_for_url("**/portal/")
    return founder


def _sign(founder: Page, manager: Page, lease: Lease, clerk: str) -> None:
    founder.goto(reverse("leases:contract"))
    expect(founder.locator("h1")).to_have_text(words("ko", "Read the contract and sign it."))
    clean(founder)
    write(founder, "[name=typed_name]", OWNER)
    tick(founder, "[name=agreed]")
    enter_on(founder, button(founder, "Sign the contract"))
    expect(founder.locator("#messages .notice")).to_have_count(1)
    clean(founder)

    lease.refresh_from_db()
    assert lease.state == "offered"
    change = reverse("admin:leases_lease_change", args=[lease.pk])
    manager.goto("/admin/")
    narrow_enough(manager)
    enter_on(manager, manager.locator(f".office-inbox a[href='{change}']"))
    _verb(manager, "leases_lease_countersign", lease.pk, "Sign for the camp", typed_name=clerk)
    with acting_as_system():
        advance_leases(actor=None, now=timezone.now())
    lease.refresh_from_db()
    assert (lease.state, lease.contracts.get().signatures.count()) == ("active", 2)


def _verb(manager: Page, name: str, object_id: int, press: str, *, typed_name: str = "") -> None:
    """One of the manager's verbs on a phone: reached, filled, pressed, done."""
    manager.goto(reverse(f"admin:{name}", args=[object_id]))
    narrow_enough(manager)
    clean_in_frame(manager)
    if typed_name:
        write(manager, "[name=typed_name]", typed_name)
    verb = urlsplit(manager.url).path
    enter_on(manager, button(manager, press))
    manager.wait_for_url(lambda url: urlsplit(url).path != verb)


def _extend(founder: Page, manager: Page, lease: Lease) -> None:
    last = lease.last_day
    assert last
    until = last + timedelta(days=30)
    founder.goto(reverse("leases:extension", args=[lease.pk]))
    clean(founder)
    write(founder, "[name=until]", f"{until:%Y%m%d}")
    write(founder, "[name=reason]", "실증이 봄까지 이어집니다.")
    enter_on(founder, button(founder, "Send the request"))
    founder.wait_for_url("**/portal/lease/")
    asked = ExtensionRequest.objects.get(lease=lease, state="open")
    _verb(manager, "leases_extensionrequest_approve", asked.pk, "Extend the lease")
    lease.refresh_from_db()
    assert lease.last_day == until
    founder.reload()
    clean(founder)


def _pass_time_until_the_last_day(company: Company, lease: Lease) -> None:
    """Nobody waits for a year in a test: what was agreed is moved so that its last day is today."""
    today = timezone.localdate()
    Lease.objects.filter(pk=lease.pk).update(period=days(today - timedelta(days=330), today))
    Residency.objects.filter(company=company).update(period=days(today - timedelta(days=330), None))
    with acting_as_system():
        open_due_handovers(actor=None, now=timezone.now())


def _hand_over(founder: Page, manager: Page, lease: Lease) -> None:
    handover = Handover.objects.get(lease=lease)
    founder.goto(reverse("leases:handover"))
    clean(founder)
    _tick_all(founder)
    sheet = reverse("admin:leases_handover_sheet", args=[handover.pk])
    manager.goto(sheet)
    narrow_enough(manager)
    clean(manager)
    _tick_all(manager)
    assert not handover.items.filter(state="open").exists()


def _tick_all(page: Page) -> None:
    """Each press is saved at once and leads back to its item."""
    done = page.locator("button[name=state][value=done]")
    count = done.count()
    assert count
    for left in range(count, 0, -1):
        reach(page, done.first)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(done).to_have_count(left - 1)


def _graduate(manager: Page, company: Company) -> None:
    residency = Residency.objects.get(company=company)
    if residency.state == "admitted":
        _verb(manager, "companies_residency_move_in", residency.pk, "Move in")
    _verb(manager, "companies_residency_graduate", residency.pk, "Graduate the company")
    residency.refresh_from_db()
    assert residency.state == "graduated"


def _verify(camp: Camp, founder: Page, company: Company) -> None:
    paper = Paper.objects.get(company=company, kind="graduation")
    founder.goto(reverse("papers:home"))
    expect(founder.locator("#papers")).to_contain_text(paper.code_shown)
    clean(founder)
    anyone = camp.page()
    anyone.goto("/verify/")
    clean(anyone)
    write(anyone, "[name=code]", paper.code_shown.lower())
    enter_on(anyone, button(anyone, "Check the paper"))
    expect(anyone.locator("h1")).to_have_text(words("ko", "A paper with this code was issued, and it holds."))
    expect(anyone.locator("main")).to_contain_text(company.name)
    clean(anyone)
