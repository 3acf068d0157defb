"""The founders' pages and the managers' queue."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from incubator.accounts.enums import StaffGroup
from tenants.helpdesk import services
from tenants.helpdesk.models import HelpRequest, RequestPhoto
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.files import document, picture
from tests.factories.helpdesk import category, reported
from tests.factories.leases import LeaseFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db
INTERNAL = "우리끼리만"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(autouse=True)
def english(client):
    """A browser that asks for English; what a request makes of that ends with the test."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("ko"):
        yield client


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def founder(client, company):
    person = founder_of(company, language="en")
    sign_in(client, person)
    return person


def form(**values):
    return {
        "key": "page",
        "category": category().pk,
        "title": "누수",
        "text": "물이 샙니다.",
        "urgency": "normal",
        "place": "",
        **values,
    }


class TestFounder:
    def test_a_report_with_photographs(self, client, founder, company):
        LeaseFactory(company=company)
        answer = client.post(reverse("helpdesk:new"), form(photos=[picture(), picture(colour="red")]))
        asked = HelpRequest.objects.get()
        assert answer.headers["location"] == reverse("helpdesk:request", args=[asked.pk])
        page = client.get(answer.headers["location"]).content.decode()
        for photo in RequestPhoto.objects.all():
            url = reverse("helpdesk:photo", args=[photo.pk])
            assert url in page
            image = client.get(url)
            assert (image.status_code, image.headers["content-type"]) == (200, "image/webp")

    @pytest.mark.parametrize(
        "wrong", [{"photos": [document("photo.png")]}, {"category": 0}, {"title": ""}, {"urgency": "x"}]
    )
    def test_what_was_typed_stays_after_a_refusal(self, client, founder, wrong):
        answer = client.post(reverse("helpdesk:new"), form(text="아주 긴 이야기", **wrong))
        assert answer.status_code == 200
        assert "아주 긴 이야기" in answer.content.decode()
        assert 'class="error"' in answer.content.decode()
        assert not HelpRequest.objects.exists()

    def test_the_founder_says_that_it_is_solved(self, client, founder, company, now):
        asked = reported(company, now, actor=founder)
        services.solve(request=asked, text="고쳤습니다.", actor=None, now=now)
        assert "Is it solved?" in client.get(reverse("helpdesk:request", args=[asked.pk])).content.decode()
        client.post(reverse("helpdesk:solved", args=[asked.pk]), {"solved-satisfaction": "5"})
        asked.refresh_from_db()
        assert (asked.state, asked.satisfaction) == ("closed", 5)

    def test_the_founder_says_that_it_is_not(self, client, founder, company, now):
        asked = reported(company, now, actor=founder)
        services.solve(request=asked, text="고쳤습니다.", actor=None, now=now)
        url = reverse("helpdesk:unsolved", args=[asked.pk])
        assert 'class="error"' in client.post(url, {"unsolved-text": ""}).content.decode()
        client.post(url, {"unsolved-text": "또 샙니다.", "unsolved-photos": [picture()]})
        asked.refresh_from_db()
        assert (asked.state, asked.reopened, RequestPhoto.objects.count()) == ("reopened", 1, 1)

    def test_another_companys_request_and_photographs_are_not_there(self, client, founder, now):
        asked = reported(now=now, photos=[picture()])
        photo = RequestPhoto.objects.get()
        for name, pk in (("request", asked.pk), ("photo", photo.pk)):
            assert client.get(reverse(f"helpdesk:{name}", args=[pk])).status_code == 404
        for name in ("comment", "solved", "unsolved", "withdraw"):
            assert client.post(reverse(f"helpdesk:{name}", args=[asked.pk])).status_code == 404

    def test_nothing_internal_reaches_the_company_in_any_way(self, client, founder, company, now):
        asked = reported(company, now, actor=founder)
        services.note(request=asked, text=INTERNAL, actor=None, now=now)
        services.answer(request=asked, text="확인하겠습니다.", actor=None, now=now)
        pages = [
            reverse("helpdesk:home"),
            reverse("helpdesk:request", args=[asked.pk]),
            reverse("portal:home"),
            reverse("api:request-list"),
            reverse("api:request-detail", args=[asked.pk]),
        ]
        for url in pages:
            answer = client.get(url)
            assert answer.status_code == 200
            assert INTERNAL not in answer.content.decode()
        assert "확인하겠습니다." in client.get(pages[1]).content.decode()

    def test_a_machine_reports_and_reads_it_back(self, client, founder):
        answer = client.post(
            reverse("api:request-list"),
            {"category": "network", "title": "느림", "text": "매일 15시"},
            content_type="application/json",
        )
        assert answer.status_code == 201
        told = client.get(answer.headers["location"]).json()
        assert (told["category"], told["state"]) == ("network", "received")

    @pytest.mark.parametrize("count", [1, 3])
    def test_what_the_pages_cost(self, client, founder, company, now, count):
        for _n in range(count):
            asked = reported(company, now, actor=founder, photos=[picture()])
            services.answer(request=asked, text="확인하겠습니다.", actor=None, now=now)
        costs = {
            name: cost(client, reverse(f"helpdesk:{name}", args=args))
            for name, args in (("home", []), ("new", []), ("request", [asked.pk]))
        }
        assert costs == {"home": 8, "new": 6, "request": 7}


class TestOffice:
    @pytest.fixture
    def manager(self, client):
        person = staff_member(StaffGroup.LEASES, language="en")
        sign_in(client, person)
        return person

    def change(self, asked, step=""):
        name = f"helpdesk_helprequest_{step}" if step else "helpdesk_helprequest_change"
        return reverse(f"admin:{name}", args=[asked.pk])

    def test_the_queue_by_turn_and_day(self, client, manager, now):
        late = reported(now=now - timedelta(days=40), title="오래된 일")
        fresh = reported(now=now, title="새 일")
        solved = reported(now=now - timedelta(days=50), title="끝난 일")
        services.solve(request=solved, text="고쳤습니다.", actor=None, now=now)
        services.assign(request=fresh, owner=manager, actor=None, now=now)
        url = reverse("admin:helpdesk_helprequest_changelist")
        shown = {
            query: [each.pk for each in client.get(f"{url}?{query}").context["cl"].result_list]
            for query in ("", "queue=mine", "queue=overdue", "queue=nobody", "queue=turn")
        }
        assert shown == {
            "": [late.pk, fresh.pk, solved.pk],
            "queue=mine": [fresh.pk],
            "queue=overdue": [late.pk],
            "queue=nobody": [late.pk],
            "queue=turn": [late.pk, fresh.pk],
        }

    def test_every_step_by_its_page(self, client, manager, now):
        asked = reported(now=now, photos=[picture()])
        client.post(self.change(asked, "take"), {"text": ""})
        client.post(self.change(asked, "note"), {"text": INTERNAL})
        client.post(self.change(asked, "answer"), {"text": "확인하겠습니다."})
        client.post(self.change(asked, "ask_back"), {"text": "언제요?"})
        client.post(self.change(asked, "assign"), {"owner": manager.pk})
        client.post(self.change(asked, "new_due"), {"due_on": f"{now + timedelta(days=30):%Y-%m-%d}"})
        client.post(self.change(asked, "solve"), {"text": "고쳤습니다."})
        asked.refresh_from_db()
        assert (asked.state, asked.owner) == ("solved", manager)
        page = client.get(self.change(asked)).content.decode()
        assert INTERNAL in page
        assert (
            client.get(reverse("helpdesk_office:photo", args=[RequestPhoto.objects.get().pk])).status_code
            == 200
        )

    def test_a_refusal_keeps_what_was_typed(self, client, manager, now):
        asked = reported(now=now)
        answer = client.post(self.change(asked, "decline"), {"text": "  "})
        assert answer.status_code == 200
        asked.refresh_from_db()
        assert asked.state == "received"

    @pytest.mark.parametrize("count", [1, 3])
    def test_what_the_pages_cost(self, client, manager, now, count):
        for _n in range(count):
            asked = reported(now=now, photos=[picture()])
            services.answer(request=asked, text="확인하겠습니다.", actor=None, now=now)
        list_cost = cost(client, reverse("admin:helpdesk_helprequest_changelist"))
        page_cost = cost(client, self.change(asked))
        numbers_cost = cost(client, reverse("reporting:helpdesk"))
        assert list_cost <= 12
        assert page_cost <= 12
        assert numbers_cost <= 12
        assert (list_cost, page_cost, numbers_cost) == (7, 7, 5)


def test_the_numbers(client, now):
    sign_in(client, staff_member(StaffGroup.LEASES))
    start = now.replace(month=1, day=5, hour=3)
    for hours, mark in ((2, 5), (4, 4), (60, None)):
        asked = reported(now=start)
        services.answer(request=asked, text="네", actor=None, now=start + timedelta(hours=hours))
        services.solve(request=asked, text="됨", actor=None, now=start + timedelta(hours=2 * hours))
        if mark:
            services.confirm_solved(
                request=asked, satisfaction=mark, actor=asked.reporter, now=start + timedelta(days=6)
            )
        else:
            services.say_unsolved(
                request=asked, text="아니요", actor=asked.reporter, now=start + timedelta(days=6)
            )
    answer = client.get(reverse("reporting:helpdesk_download", kwargs={"kind": "csv"}))
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[1].split(",")[1:] == [
        "3",
        "1",
        "1" if now > start + timedelta(days=20) else "0",
        "4.0",
        "6.0",
        "33.3",
        "4.50",
    ]
    assert rows[2].split(",")[1:] == rows[1].split(",")[1:]
