"""Pages of a day: what each says, what they cost, and the papers."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from incubator.common.dbroles import acting_as_system
from investors.demoday import services
from investors.demoday.events import meetings_of
from investors.demoday.models import DemoDay, Meeting, Ranking
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import MembershipFactory
from tests.factories.demoday import (
    companies_of,
    computed,
    firms_of,
    planner,
    published,
    rank_all,
    soon,
)
from tests.factories.firms import FirmMemberFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db
MOST = 12


def page(client, name, *args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def text_of(pdf: bytes) -> list[str]:
    return [each.extract_text() for each in PdfReader(BytesIO(pdf)).pages]


def begun(day, **ago):
    """The first slot began some time ago, ten minutes unless told otherwise."""
    start = timezone.localtime() - timedelta(**(ago or {"minutes": 10}))
    DemoDay.objects.filter(pk=day.pk).update(day=start.date(), starts=start.time().replace(tzinfo=None))
    return DemoDay.objects.get(pk=day.pk)


@pytest.fixture
def manager(client):
    return sign_in(client, staff_member("matching"))


def owner_of(company):
    return sign_in(Client(headers={"accept-language": "en"}), MembershipFactory(company=company).user)


def reader_of(firm):
    return sign_in(Client(headers={"accept-language": "en"}), FirmMemberFactory(firm=firm).user)


class TestBothSides:
    def test_a_founder_ranks_and_leaves_it_to_the_scores(self):
        day = soon(
            ranking_closes_at=timezone.now() + timedelta(days=1), day=timezone.localdate() + timedelta(days=3)
        )
        company, (first, second, _third) = companies_of(day)[0], firms_of(day)
        client, url = owner_of(company), reverse("demoday:day", args=[day.pk])
        refused = client.post(url, {f"rank-{first.pk}": "1", f"rank-{second.pk}": "1"}).content.decode()
        assert "notice" in refused
        assert f'name="rank-{second.pk}" value="1"' in refused
        assert client.post(url, {f"rank-{first.pk}": "1", f"veto-{second.pk}": "1"}).status_code == 302
        assert list(Ranking.objects.values_list("firm_id", "rank", "veto")) == [
            (first.pk, 1, False),
            (second.pk, None, True),
        ]
        client.post(url, {"clear": "1"})
        assert not Ranking.objects.exists()

    def test_each_reads_its_own_timetable_and_takes_it_along(self):
        day = soon()
        rank_all(day)
        plan = published(day, now=timezone.now())
        company, firm = companies_of(day)[0], firms_of(day)[0]
        mine = Meeting.objects.get(plan=plan, company=company, firm=firm)
        for client, place, other, strangers in (
            (owner_of(company), "demoday", firm.name, companies_of(day)[1:]),
            (reader_of(firm), "demoday_invest", company.name, firms_of(day)[1:]),
        ):
            texts = [page(client, f"{place}:{name}", day.pk) for name in ("day", "calendar", "table")]
            texts += text_of(client.get(reverse(f"{place}:sheet", args=[day.pk])).content)
            assert all(other in text for text in texts)
            assert not [each for each in strangers for text in texts if each.name in text]
            assert client.post(reverse(f"{place}:sheet", args=[day.pk])).status_code == 405
        with acting_as_system():
            owner, reader = company.memberships.get().user, firm.members.get().user
            for user, other in ((owner, firm), (reader, company)):
                events = meetings_of(user, timezone.now())
                assert len(events) == 3
                assert [each.uid for each in events if other.name in each.summary] == [
                    f"demoday-{day.pk}-{company.pk}-{firm.pk}@startup-camp"
                ]
        assert mine.table

    def test_what_their_pages_cost_does_not_grow(self):
        found = []
        for size in (1, 3):
            day = soon(companies=size, firms=size)
            client, reader = owner_of(companies_of(day)[0]), reader_of(firms_of(day)[0])
            costs = [cost(client, reverse("demoday:day", args=[day.pk]))]
            rank_all(day)
            published(day, now=timezone.now())
            costs += [cost(client, reverse(f"demoday:{name}", args=[day.pk])) for name in ("day", "sheet")]
            costs += [
                cost(reader, reverse(f"demoday_invest:{name}", args=[day.pk])) for name in ("day", "sheet")
            ]
            found.append(costs)
        assert found[0] == found[1]
        assert max(found[0]) <= MOST


PAGES = ("participants", "wishes", "plan", "repair", "desk", "board", "cards", "sheets")


class TestManagers:
    def test_what_the_pages_cost_does_not_grow(self, manager):
        found = []
        for size in (1, 3):
            day = soon(companies=size, firms=size)
            rank_all(day)
            plan = published(day, now=timezone.now())
            day = begun(day, hours=3)
            for meeting in plan.meetings.filter(slot=plan.meetings.order_by("slot").first().slot)[:1]:
                for side in ("company", "firm"):
                    services.record_verdict(
                        meeting=meeting, side=side, value="continue", actor=planner(), now=timezone.now()
                    )
            side = {"participants": ["company"]}
            addresses = [
                *(
                    reverse(f"admin:demoday_demoday_{name}", args=[day.pk, *side.get(name, [])])
                    for name in PAGES
                ),
                reverse("admin:demoday_plan_change", args=[plan.pk]),
                reverse("admin:demoday_demoday_wish", args=[day.pk, "firm", firms_of(day)[0].pk]),
            ]
            found.append([cost(manager, address) for address in addresses])
        assert found[0] == found[1]
        assert max(found[0]) <= MOST, found

    def test_the_list_of_who_takes_part(self, manager):
        day = soon(ranking=False)
        one, other, *_rest = companies_of(day)
        url = reverse("admin:demoday_demoday_participants", args=[day.pk, "company"])
        asked = {
            f"on-{one.pk}": "1",
            f"absent-{one.pk}": "1-2, 5",
            f"on-{other.pk}": "1",
            f"minimum-{other.pk}": "2",
        }
        assert manager.post(url, asked).status_code == 302
        rows = {each.company_id: (each.absent, each.minimum) for each in day.companies.all()}
        assert rows == {one.pk: ([1, 2, 5], 0), other.pk: ([], 2)}
        refused = manager.post(url, {**asked, f"absent-{one.pk}": "1-9"}).content.decode()
        assert 'value="1-9"' in refused
        assert "✕" in refused

    def test_compute_look_hold_publish(self, manager, django_capture_on_commit_callbacks):
        day = soon()
        rank_all(day)
        with django_capture_on_commit_callbacks(execute=True):
            manager.post(reverse("admin:demoday_demoday_compute", args=[day.pk]))
        plan = day.plans.get()
        shown = page(manager, "admin:demoday_plan_change", plan.pk)
        assert all(each.name in shown for each in (*companies_of(day), *firms_of(day)))
        first = plan.meetings.first()
        manager.post(reverse("admin:demoday_plan_hold", args=[plan.pk]), {"meeting": first.pk, "act": "hold"})
        first.refresh_from_db()
        assert first.locked
        again = computed(day, now=timezone.now())
        assert again.meetings.get(company=first.company, firm=first.firm).slot == first.slot
        manager.post(reverse("admin:demoday_plan_publish", args=[again.pk]))
        again.refresh_from_db()
        assert again.state == "published"

    def test_cards_and_sheets(self, manager):
        day = soon(companies=2, firms=2, tables=2)
        rank_all(day)
        plan = published(day, now=timezone.now())
        cards = manager.get(reverse("admin:demoday_demoday_cards", args=[day.pk])).content
        reader = PdfReader(BytesIO(cards))
        assert len(reader.pages) == 2
        width, height = (float(side) / 72 * 25.4 for side in reader.pages[0].mediabox[2:])
        assert (round(width), round(height)) == (148, 210)
        for table, text in enumerate(text_of(cards), 1):
            for each in plan.meetings.filter(table=table).select_related("company"):
                assert each.company.name in text
        sheets = text_of(manager.get(reverse("admin:demoday_demoday_sheets", args=[day.pk])).content)
        assert len(sheets) == 4

    def test_one_tap_each(self, manager):
        day = soon(companies=1, firms=1)
        rank_all(day)
        meeting = published(day, now=timezone.now()).meetings.get()
        day = begun(day, hours=3)
        url = reverse("admin:demoday_demoday_act", args=[day.pk])

        def tap(act):
            return manager.post(url, {"meeting": meeting.pk, "act": act})

        tap("call:firm")
        meeting.refresh_from_db()
        assert meeting.called == "firm"
        tap("state:arrived")
        for act in (
            "verdict:company:continue",
            "verdict:firm:pass:early",
            "undo:firm",
            "verdict:firm:continue",
        ):
            assert tap(act).status_code == 302
        meeting.refresh_from_db()
        assert (meeting.called, meeting.state) == ("", "over")
        tap("introduce")
        assert meeting.company.introductions.get().firm == meeting.firm
        for act in ("", "verdict", "verdict:office:continue", "state:cancelled", "verdict:firm:pass"):
            assert tap(act).status_code == 302
        meeting.refresh_from_db()
        assert meeting.state == "over"
