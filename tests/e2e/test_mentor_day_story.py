"""A mentor day in Korean, by the keyboard alone: planned, its wishes entered, computed, stopped, computed again, published,
repaired when an adviser cancels, printed. The same pages in English are looked at by axe."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from incubator.jobs import services as jobs
from incubator.jobs.models import Job
from tenants.mentordays.models import Arrangement, MentorDay

from .conftest import Camp, SignIn
from .keyboard import button, clean, clean_in_frame, enter_on, tick, write
from .test_stories import words


def at(name: str, *args: object) -> str:
    return reverse(f"mentordays_office:{name}", args=args)


def plan(page: Page) -> MentorDay:
    page.goto(reverse("admin:mentordays_mentorday_add"))
    day = timezone.localdate() + timedelta(days=20)
    for name, text in (
        ("title", "겨울 멘토데이"),
        ("day", f"{day:%Y-%m-%d}"),
        ("starts", "10:00"),
        ("slot_count", "4"),
        ("breaks", "2"),
    ):
        write(page, f"[name={name}]", text)
    enter_on(page, page.locator("[name=_save]").first)
    page.wait_for_url("**/admin/mentor-days/**")
    return MentorDay.objects.get(title="겨울 멘토데이")


def invite(page: Page, day: MentorDay) -> None:
    enter_on(
        page,
        page.locator(
            f"#content-main a[href='{at('invite', day.pk)}'], a[href='{at('invite', day.pk)}']"
        ).first,
    )
    page.locator("[name=advisers]").first.wait_for()
    clean_in_frame(page)
    for name in ("advisers", "companies"):
        for number in range(2):
            tick(page, f"[name={name}] >> nth={number}")
    write(page, "[name=tables]", "탁자 가\n탁자 나")
    enter_on(page, button(page, "They take part"))
    expect(page.get_by_text(words("ko", "They take part."), exact=True)).to_be_visible()
    clean_in_frame(page)
    assert (day.invited_advisers.count(), day.invited_companies.count(), day.tables.count()) == (2, 2, 2)


def collect(page: Page, day: MentorDay) -> None:
    page.goto(at("wishes", day.pk))
    until = timezone.localtime() + timedelta(days=2)
    # What a date's parts are typed as depends on the browser; the rest of the story is pressed.
    page.locator("[name=until_0]").fill(f"{until:%Y-%m-%d}")
    page.locator("[name=until_1]").fill("18:00")
    enter_on(page, button(page, "Ask both sides for their wishes"))
    expect(
        page.get_by_text(words("ko", "Both sides can put each other in order now."), exact=True)
    ).to_be_visible()
    clean_in_frame(page)
    for guest in day.invited_companies.all():
        page.goto(at("on_behalf", day.pk, "company", guest.company_id))
        for place, invited in enumerate(day.invited_advisers.all(), start=1):
            write(page, f"[name=rank_{invited.adviser_id}]", str(place))
        clean_in_frame(page)
        enter_on(page, button(page, "Keep these wishes"))
        page.wait_for_url(f"**{at('wishes', day.pk)}")
    enter_on(page, button(page, "Collect no more, now"))
    page.wait_for_url(f"**{at('timetable', day.pk)}")


def compute(page: Page, day: MentorDay) -> Arrangement:
    """Once it is stopped before a worker begins, once it is watched to its end."""
    enter_on(page, button(page, "Compute the timetable"))
    expect(page.locator("section[id^=job-] progress")).to_be_visible()
    clean_in_frame(page)
    enter_on(page, button(page, "Stop it; nothing will be written"))
    expect(page.get_by_text(words("ko", "Nothing was written."), exact=True)).to_be_visible()
    assert not Arrangement.objects.filter(day=day).exists()
    page.goto(at("timetable", day.pk))
    enter_on(page, button(page, "Compute the timetable"))
    expect(page.locator("section[id^=job-] progress")).to_be_visible()
    jobs.run_job(job_id=Job.objects.latest("pk").pk, clock=timezone.now)
    enter_on(page, page.get_by_role("link", name=words("ko", "See the result"), exact=True))
    page.wait_for_url("**/versions/**")
    return Arrangement.objects.get(day=day)


def test_from_the_plan_to_the_repair(camp: Camp, enter: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    # The worker is this test: what it does between two looks of the page is seen there.
    monkeypatch.setattr(jobs.tasks.run, "delay", lambda job_id: None)
    page = enter("consulting", "ko")
    page.wait_for_url("**/admin/")
    day = plan(page)
    invite(page, day)
    collect(page, day)
    draft = compute(page, day)
    expect(page.locator(".office-grid")).to_contain_text(camp.world.mine.company.name)
    expect(page.locator(".office-head h2")).to_contain_text("4")
    clean_in_frame(page)
    enter_on(page, button(page, "Publish this timetable"))
    said = words("ko", "The timetable is published. Those whom it concerns are told.")
    expect(page.get_by_text(said, exact=True)).to_be_visible()

    page.goto(at("repair", day.pk))
    clean_in_frame(page)
    gone = camp.world.mine.adviser
    tick(page, f"[name=advisers][value='{gone.pk}']")
    write(page, "[name=note]", "독감")
    enter_on(page, button(page, "See what would move"))
    page.wait_for_url("**/versions/**")
    expect(page.locator("#moves-title")).to_contain_text("2")
    clean_in_frame(page)
    assert Arrangement.objects.get(day=day, state="published") == draft
    # Both companies lose a meeting, and the adviser is the third.
    enter_on(page, page.locator("form[action$='/publish/'] button"))
    said = words("ko", "The repair holds. Those whom it touches are told.")
    expect(page.get_by_text(said, exact=True)).to_be_visible()
    assert Arrangement.objects.get(day=day, state="published").parent == draft
    paper = page.request.get(at("sheets", day.pk))
    assert paper.headers["content-type"] == "application/pdf"

    founder = camp.page("owner")
    founder.goto(reverse("mentordays:day", args=[day.pk]))
    clean(founder)
    expect(founder.locator("#meetings")).to_contain_text(gone.name)
    expect(founder.locator("#meetings")).to_contain_text(words("ko", "cancelled"))


def test_the_office_pages_in_english(camp: Camp, enter: SignIn) -> None:
    day = camp.world.mine.things["mentor_day"]
    page = enter("consulting", "en")
    page.wait_for_url("**/admin/")
    for name, title in (
        ("day", "2 companies, 2 advisers, 2 tables, 2 slots"),
        ("wishes", "Wishes are collected no more"),
        ("timetable", "2 of 2 wishes are met"),
        ("repair", "Who or what drops out?"),
        ("now", "Next at"),
        ("call_off", "Call the day off?"),
    ):
        page.goto(at(name, day.pk))
        expect(page.locator(".office-head h2")).to_contain_text(title)
        clean_in_frame(page)
