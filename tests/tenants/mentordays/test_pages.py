"""Pages of companies, advisers and the office, each under its own database role."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from incubator.accounts.enums import StaffGroup
from incubator.common.icalendars import events_of
from incubator.jobs import services as jobs
from incubator.jobs.models import Job
from tenants.mentordays import services
from tenants.mentordays.board import who_is_next
from tenants.mentordays.enums import Side
from tenants.mentordays.models import Arrangement, InvitedAdviser, InvitedCompany, MentorDay, Wish
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, ResidencyFactory, founder_of
from tests.factories.consulting import AdviserFactory, adviser_person
from tests.factories.mentordays import CLOSED, NOW, UNTIL, day_of_wishes, drawn_up, invite, plan, published
from tests.queries import cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return sign_in(Client(), staff_member(StaffGroup.CONSULTING))


def ranking_day(companies=2, advisers=2):
    day = plan()
    invite(day, CompanyFactory.create_batch(companies), AdviserFactory.create_batch(advisers))
    return services.collect_wishes(day=day, until=UNTIL, actor=None, now=NOW, notify=False)


def companies_of(day):
    return [each.company for each in InvitedCompany.objects.filter(day=day).order_by("pk")]


def advisers_of(day):
    return [each.adviser for each in InvitedAdviser.objects.filter(day=day).order_by("pk")]


class TestCompany:
    def test_it_puts_advisers_in_order_and_reads_only_what_it_said_itself(self):
        day = ranking_day()
        mine, other = companies_of(day)
        one, two = advisers_of(day)
        services.save_wishes(
            day=day,
            side=Side.ADVISER,
            party_id=one.pk,
            ranks={},
            vetoes=[mine.pk],
            notes={mine.pk: "불편한 사이"},
            actor=None,
            now=NOW,
        )
        client = sign_in(Client(), founder_of(mine))
        url = reverse("mentordays:day", args=[day.pk])
        page = client.get(url).content.decode()
        assert one.name in page
        assert two.name in page
        assert "불편한 사이" not in page
        assert other.name not in page
        answer = client.post(
            url, {f"rank_{two.pk}": "1", f"veto_{one.pk}": "1", f"note_{one.pk}": "경쟁사 자문"}
        )
        assert answer.status_code == 302
        said = Wish.objects.filter(company=mine, side=Side.COMPANY).order_by("rank")
        assert [(each.adviser_id, each.rank, each.note) for each in said] == [
            (two.pk, 1, ""),
            (one.pk, None, "경쟁사 자문"),
        ]
        again = client.get(url).content.decode()
        assert "경쟁사 자문" in again

    def test_what_is_typed_wrong_is_said_and_kept_on_the_page(self):
        day = ranking_day()
        client = sign_in(Client(), founder_of(companies_of(day)[0]))
        one, two = advisers_of(day)
        url = reverse("mentordays:day", args=[day.pk])
        answer = client.post(url, {f"rank_{one.pk}": "1", f"rank_{two.pk}": "1"})
        assert answer.status_code == 422
        assert f'aria-describedby="problem_{two.pk}"' in answer.content.decode()
        assert client.post(url, {f"rank_{one.pk}": "drei"}).status_code == 422
        assert not Wish.objects.exists()

    def test_its_timetable_names_no_other_company(self):
        day = published(companies=3, advisers=2).day
        mine, *others = companies_of(day)
        client = sign_in(Client(), founder_of(mine))
        page = client.get(reverse("mentordays:day", args=[day.pk])).content.decode()
        assert all(adviser.name in page for adviser in advisers_of(day))
        assert not any(other.name in page for other in others)
        sheet = client.get(reverse("mentordays:sheet", args=[day.pk]))
        text = PdfReader(io.BytesIO(sheet.content)).pages[0].extract_text()
        assert mine.name in text
        assert not any(other.name in text for other in others)

    def test_a_stranger_and_a_draft_find_nothing(self):
        day = ranking_day()
        client = sign_in(Client(), founder_of(CompanyFactory()))
        assert client.get(reverse("mentordays:day", args=[day.pk])).status_code == 404
        hidden = plan()
        mine = CompanyFactory()
        invite(hidden, [mine], [AdviserFactory()])
        client = sign_in(Client(), founder_of(mine))
        assert client.get(reverse("mentordays:day", args=[hidden.pk])).status_code == 404

    def test_its_calendar_has_the_meetings_and_keeps_the_cancelled_one(self):
        day = published(companies=2, advisers=2).day
        mine = companies_of(day)[0]
        person = founder_of(mine)
        gone = advisers_of(day)[0]
        draft = services.prepare_repair(day=day, advisers=[gone.pk], actor=None, now=CLOSED)
        services.publish(arrangement=draft, actor=None, now=CLOSED, notify=False)
        events = events_of(person, NOW)
        assert len(events) == 2
        assert [each.cancelled for each in events if gone.name in each.summary] == [True]
        assert {each.sequence for each in events} == {2}


class TestAdviser:
    def test_they_put_companies_in_order_and_read_no_veto(self):
        day = ranking_day()
        mine = advisers_of(day)[0]
        one, two = companies_of(day)
        services.save_wishes(
            day=day,
            side=Side.COMPANY,
            party_id=one.pk,
            ranks={},
            vetoes=[mine.pk],
            notes={mine.pk: "만나기 싫음"},
            actor=None,
            now=NOW,
        )
        client = sign_in(Client(), adviser_person(mine))
        url = reverse("advise_mentordays:day", args=[day.pk])
        page = client.get(url).content.decode()
        assert one.name in page
        assert "만나기 싫음" not in page
        assert client.post(url, {f"rank_{two.pk}": "2", f"rank_{one.pk}": "1"}).status_code == 302
        assert Wish.objects.filter(side=Side.ADVISER, adviser=mine).count() == 2

    def test_afterwards_only_those_who_come_are_named(self):
        day = day_of_wishes(companies=3, advisers=2)
        mine = advisers_of(day)[0]
        stranger = companies_of(day)[0]
        services.save_wishes(
            day=day, side=Side.ADVISER, party_id=mine.pk, ranks={}, vetoes=[stranger.pk], actor=None, now=NOW
        )
        published(day)
        client = sign_in(Client(), adviser_person(mine))
        page = client.get(reverse("advise_mentordays:day", args=[day.pk])).content.decode()
        assert [each.name in page for each in companies_of(day)] == [False, True, True]


class TestOffice:
    def test_a_day_from_its_plan_to_its_sheets(self, office):
        added = office.post(
            reverse("admin:mentordays_mentorday_add"),
            {
                "title": "가을 멘토데이",
                "day": "2027-02-10",
                "starts": "10:00",
                "minutes": "20",
                "slot_count": "4",
                "breaks": "2",
                "break_minutes": "20",
            },
        )
        day = MentorDay.objects.get()
        assert added["Location"] == reverse("mentordays_office:day", args=[day.pk])
        advisers = AdviserFactory.create_batch(2)
        companies = [ResidencyFactory().company for _number in range(2)]
        office.post(
            reverse("mentordays_office:invite", args=[day.pk]),
            {
                "advisers": [each.pk for each in advisers],
                "companies": [each.pk for each in companies],
                "tables": "가\n나",
            },
        )
        assert day.tables.count() == 2
        guest = day.invited_companies.first()
        office.post(
            reverse("mentordays_office:part", args=[day.pk, "company", guest.pk]),
            {"minimum": "1", "maximum": "", "slots": ["1"]},
        )
        until = timezone.localtime(UNTIL)
        asked = {"do": "collect", "until_0": f"{until:%Y-%m-%d}", "until_1": f"{until:%H:%M}"}
        office.post(reverse("mentordays_office:wishes", args=[day.pk]), asked)
        for each in companies:
            spoken = {f"rank_{adviser.pk}": at for at, adviser in enumerate(advisers, start=1)}
            office.post(reverse("mentordays_office:on_behalf", args=[day.pk, "company", each.pk]), spoken)
        office.post(reverse("mentordays_office:wishes", args=[day.pk]), {"do": "close"})
        office.post(reverse("mentordays_office:compute", args=[day.pk]))
        job = Job.objects.get()
        jobs.run_job(job_id=job.pk, clock=timezone.now)
        draft = Arrangement.objects.get()
        assert (draft.met, draft.gap) == (4, 0)
        page = office.get(reverse("mentordays_office:timetable", args=[day.pk])).content.decode()
        assert all(each.name in page for each in (*advisers, *companies))
        meeting = draft.meetings.first()
        office.post(reverse("mentordays_office:lock", args=[draft.pk]), {"lock": meeting.pk})
        assert draft.meetings.filter(locked=True).count() == 1
        office.post(reverse("mentordays_office:publish", args=[draft.pk]))
        assert Arrangement.objects.get().state == "published"
        answer = office.post(
            reverse("mentordays_office:repair", args=[day.pk]), {"advisers": advisers[0].pk, "when": "rest"}
        )
        repaired = Arrangement.objects.latest("number")
        shown = office.get(answer["Location"]).content.decode()
        assert advisers[0].name in shown
        office.post(reverse("mentordays_office:publish", args=[repaired.pk]))
        assert Arrangement.objects.get(state="published") == repaired
        compared = office.get(reverse("mentordays_office:version", args=[repaired.pk]) + "?with=1")
        assert len(compared.context["difference"]) == 2
        paper = office.get(reverse("mentordays_office:sheets", args=[day.pk]))
        assert len(PdfReader(io.BytesIO(paper.content)).pages) == 4

    def test_a_reader_may_not_write(self):
        day = drawn_up(companies=1, advisers=1).day
        auditor = sign_in(Client(), staff_member(StaffGroup.AUDITOR))
        assert auditor.get(reverse("mentordays_office:timetable", args=[day.pk])).status_code == 200
        auditor.post(reverse("mentordays_office:publish", args=[Arrangement.objects.get().pk]))
        assert Arrangement.objects.get().state == "draft"


def costs(office, size):
    """The statements of every page of a day with so many companies and advisers."""
    day = published(companies=size, advisers=size).day
    ranking = ranking_day(size, size)
    founder = sign_in(Client(), founder_of(companies_of(day)[0]))
    asked = sign_in(Client(), founder_of(companies_of(ranking)[0]))
    adviser = sign_in(Client(), adviser_person(advisers_of(day)[0]))
    judge = sign_in(Client(), adviser_person(advisers_of(ranking)[0]))
    found = {
        "founder": cost(founder, reverse("mentordays:day", args=[day.pk])),
        "founder's wishes": cost(asked, reverse("mentordays:day", args=[ranking.pk])),
        "adviser": cost(adviser, reverse("advise_mentordays:day", args=[day.pk])),
        "adviser's wishes": cost(judge, reverse("advise_mentordays:day", args=[ranking.pk])),
    }
    for name in ("day", "wishes", "timetable", "repair", "now", "invite"):
        found[name] = cost(office, reverse(f"mentordays_office:{name}", args=[day.pk]))
    return found


def test_pages_cost_the_same_however_many_take_part(office):
    one, three = costs(office, 1), costs(office, 3)
    assert one == three
    assert {name: spent for name, spent in one.items() if spent > 12} == {}


def test_who_is_next_follows_the_clock():
    arrangement = published(companies=3, advisers=3)
    slots = list(arrangement.day.slots.order_by("number"))
    at = arrangement.meetings.order_by("slot__number").first().slot
    board = who_is_next(arrangement, slots, at.period.lower + timedelta(minutes=5))
    assert (board.current, board.coming) == (at, slots[at.number])
    met = {table.pk: now.pk for table, now, _next in board.tables if now is not None}
    assert met == dict(arrangement.meetings.filter(slot=at).values_list("table", "pk"))
