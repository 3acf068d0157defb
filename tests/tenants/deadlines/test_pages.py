"""The managers' page of all deadlines, the founders' own, and evidence of duties."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from icalendar import Calendar

from incubator.accounts.enums import StaffGroup
from incubator.common.display import day
from incubator.mailing.models import Mail
from tenants.deadlines import services
from tenants.deadlines.errors import DutyDecided, WaitsAlready
from tenants.deadlines.models import Duty, DutyKind, RegistrationCheck, Reminder, ReminderOff
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.deadlines import lease_until, resident
from tests.factories.files import document, picture
from tests.queries import cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def english(client):
    """A browser that asks for English; what a request makes of that ends with the test."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("ko"):
        yield client


@pytest.fixture
def manager(english):
    return sign_in(english, staff_member(StaffGroup.LEASES, language="en"))


@pytest.fixture
def kind():
    return DutyKind.objects.get(code="insurance")


def founder(client, company):
    person = founder_of(company, language="en")
    sign_in(client, person)
    return person


class TestOffice:
    url = "/admin/clocks/"

    def rows(self, answer):
        return [(clock.company, clock.kind) for clock, _left in answer.context["rows"]]

    def test_what_comes_first_first_and_filters_that_can_be_shared(self, manager, today):
        one, two = resident(name="가온"), resident(name="나래")
        lease_until(one, today + timedelta(days=20), today - timedelta(days=200))
        lease_until(two, today + timedelta(days=200), today - timedelta(days=100))
        found = self.rows(manager.get(self.url))
        assert found[0] == ("가온", "lease_end")
        assert self.rows(manager.get(f"{self.url}?within=30")) == [("가온", "lease_end")]
        assert self.rows(manager.get(f"{self.url}?kind=lease_end")) == [
            ("가온", "lease_end"),
            ("나래", "lease_end"),
        ]
        assert {company for company, _kind in self.rows(manager.get(f"{self.url}?company=나래"))} == {"나래"}
        assert {name for _company, name in self.rows(manager.get(f"{self.url}?who=camp"))} == {"registration"}

    @pytest.mark.parametrize("query", ["kind=x", "within=x", "who=x", "page=x", "page=999", "company=%00"])
    def test_an_address_that_asks_for_nothing_known(self, manager, query):
        resident()
        assert manager.get(f"{self.url}?{query}").status_code in (200, 400)

    def test_it_says_how_many_companies_of_all(self, manager, today):
        companies = [resident() for _n in range(3)]
        lease_until(companies[0], today + timedelta(days=20), today - timedelta(days=200))
        page = manager.get(f"{self.url}?kind=lease_end").content.decode()
        assert "1 of 3 companies" in page

    def test_the_file_says_what_the_page_says(self, manager, today):
        company = resident(name="=가온")
        lease_until(company, today + timedelta(days=20), today - timedelta(days=200))
        answer = manager.get("/admin/clocks/clocks.csv?kind=lease_end")
        header, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert header[:3] == ["Due", "Days left", "Company"]
        assert row[:4] == [f"{today + timedelta(days=20)}", "20", "'=가온", "End of the lease"]
        assert manager.get("/admin/clocks/clocks.xlsx").status_code == 200
        assert manager.get("/admin/clocks/clocks.pdf").status_code == 404

    def test_reminders_now_and_once(self, manager, today):
        company = resident()
        founder_of(company)
        lease_until(company, today + timedelta(days=20), today - timedelta(days=200))
        for _twice in range(2):
            assert manager.post("/admin/clocks/send/").status_code == 302
        assert Reminder.objects.filter(kind="lease_end", superseded=False).count() == 1
        page = manager.get(reverse("admin:deadlines_reminder_changelist")).content.decode()
        assert company.name in page

    def test_an_auditor_looks_and_sends_nothing(self, english, today):
        auditor = sign_in(english, staff_member(StaffGroup.AUDITOR))
        company = resident()
        lease_until(company, today + timedelta(days=20), today - timedelta(days=200))
        assert auditor.get(self.url).context["may_send"] is False
        auditor.post("/admin/clocks/send/")
        assert not Mail.objects.exists()

    @pytest.mark.parametrize("count", [1, 3, 73])
    def test_what_it_costs(self, manager, today, count):
        for n in range(count):
            lease_until(resident(), today + timedelta(days=20 + n), today - timedelta(days=200))
        assert cost(manager, self.url) == 5

    def test_a_look_at_the_register_is_entered_from_its_clock(self, manager, today):
        company = resident()
        url = f"{reverse('admin:deadlines_registrationcheck_add')}?company={company.pk}"
        assert company.name in manager.get(url).content.decode()
        values = {"company": company.pk, "status": "suspended", "checked_on": f"{today}", "note": "홈택스"}
        assert manager.post(url, values).status_code == 302
        assert RegistrationCheck.objects.filter(
            company=company, status="suspended", source="manager"
        ).exists()
        tomorrow = {**values, "checked_on": f"{today + timedelta(days=1)}"}
        assert "This day is still to come." in manager.post(url, tomorrow).content.decode()


class TestDuties:
    def form(self, today, **values):
        return {
            "done_on": f"{today}",
            "valid_until": f"{today + timedelta(days=365)}",
            "evidence": document("보험증권.pdf"),
            **values,
        }

    def test_sent_in_by_the_company_confirmed_by_a_manager(self, english, kind, today):
        company = CompanyFactory()
        founder(english, company)
        url = reverse("deadlines:duty", args=[kind.pk])
        assert english.post(url, self.form(today)).status_code == 302
        duty = Duty.objects.get()
        assert (duty.state, duty.evidence_name) == ("submitted", "보험증권.pdf")
        assert "looks at your evidence" in english.get(url).content.decode()
        assert b"".join(english.get(reverse("deadlines:evidence", args=[duty.pk]))).startswith(b"%PDF")
        sign_in(english, staff_member(StaffGroup.LEASES))
        english.post(reverse("admin:deadlines_duty_confirm", args=[duty.pk]), {"reason": ""})
        duty.refresh_from_db()
        assert duty.state == "confirmed"

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"evidence": picture("증권.pdf")}, "the file is a different kind"),
            ({"evidence": ""}, "This field is required."),
            ({"valid_until": "2020-01-01"}, "It cannot end before it was done."),
            ({"done_on": "2999-01-01"}, "This day is still to come."),
            ({"done_on": "2020-01-01", "valid_until": "2020-12-31"}, "This is over already."),
        ],
    )
    def test_what_is_refused_says_why(self, english, kind, today, wrong, said):
        founder(english, CompanyFactory())
        answer = english.post(reverse("deadlines:duty", args=[kind.pk]), self.form(today, **wrong))
        assert said in answer.content.decode()
        assert not Duty.objects.exists()

    def test_one_waits_at_a_time_and_is_decided_once(self, kind, today):
        company = CompanyFactory()
        now, actor = timezone.now(), founder_of(company)
        values = {"company": company, "kind": kind, "done_on": today, "valid_until": today, "now": now}
        duty = services.send_in_duty(**values, evidence=document(), actor=actor)
        with pytest.raises(WaitsAlready):
            services.send_in_duty(**values, evidence=document(), actor=actor)
        manager = acting_staff(StaffGroup.LEASES)
        services.refuse_duty(duty=duty, reason="읽을 수 없습니다.", actor=manager, now=now)
        with pytest.raises(DutyDecided):
            services.confirm_duty(duty=duty, actor=manager, now=now)
        services.send_in_duty(**values, evidence=document(), actor=actor)

    def test_another_companys_evidence_is_not_there(self, english, kind, today):
        company = CompanyFactory()
        duty = services.send_in_duty(
            company=company,
            kind=kind,
            done_on=today,
            valid_until=today,
            evidence=document(),
            actor=founder_of(company),
            now=timezone.now(),
        )
        founder(english, CompanyFactory())
        assert english.get(reverse("deadlines:evidence", args=[duty.pk])).status_code == 404
        assert english.get(reverse("deadlines:duty", args=[10**9])).status_code == 404

    def test_a_manager_enters_what_they_have_seen(self, manager, kind, today):
        company = CompanyFactory()
        values = {
            "company": company.pk,
            "kind": kind.pk,
            "done_on": f"{today}",
            "valid_until": f"{today + timedelta(days=30)}",
            "reason": "",
            "file": document(),
        }
        assert manager.post(reverse("admin:deadlines_duty_add"), values).status_code == 302
        assert Duty.objects.get().state == "confirmed"


class TestFounder:
    def test_the_own_deadlines_with_their_links(self, english, today):
        company, other = resident(), resident(name="남의회사")
        lease_until(company, today + timedelta(days=40), today - timedelta(days=200))
        lease_until(other, today + timedelta(days=30), today - timedelta(days=200))
        founder(english, company)
        page = english.get(reverse("deadlines:home")).content.decode()
        assert "End of the lease" in page
        assert reverse("leases:home") in page
        assert "남의회사" not in page
        assert day(today + timedelta(days=30)) not in page

    def test_a_duty_that_ends_soon_is_on_the_first_screen(self, english, today):
        company = resident()
        founder(english, company)
        assert reverse("deadlines:duty", args=[1]) not in english.get("/portal/").content.decode()
        kind = DutyKind.objects.create(code="new", name="새 의무", name_en="New duty", grace_days=1)
        page = english.get("/portal/").content.decode()
        assert "New duty" in page
        assert reverse("deadlines:duty", args=[kind.pk]) in page

    def test_the_calendar_has_every_deadline_once(self, english, today):
        company = resident()
        lease_until(company, today + timedelta(days=40), today - timedelta(days=200))
        founder(english, company)
        content = english.get(reverse("deadlines:calendar")).content
        events = Calendar.from_ical(content).walk("VEVENT")
        assert len({event["uid"] for event in events}) == len(events) >= 2
        starts = {event["dtstart"].dt for event in events}
        assert today + timedelta(days=40) in starts

    def test_what_was_sent_to_the_own_company_and_to_nobody_else(self, english, today):
        company, other = resident(), resident()
        person, stranger = founder_of(company, name="우리 사람"), founder_of(other, name="남의 사람")
        for each in (company, other):
            lease_until(each, today + timedelta(days=40), today - timedelta(days=200))
        staff_member(StaffGroup.LEASES, name="담당자")
        services.remind(actor=None, now=timezone.now())
        sign_in(english, person)
        page = english.get(reverse("deadlines:reminders")).content.decode()
        assert "우리 사람" in page
        assert stranger.name not in page
        assert "담당자" not in page

    def test_switches(self, english):
        founder(english, resident())
        url = reverse("deadlines:switch")
        english.post(url, {"kind": "report", "object_id": "0", "to": "off"})
        assert ReminderOff.objects.get().kind == "report"
        english.post(url, {"kind": "report", "object_id": "0", "to": "on"})
        for wrong in (
            {"kind": "lease_end"},
            {"kind": "duty", "object_id": "x"},
            {"kind": "duty", "object_id": "9" * 40},
        ):
            assert english.post(url, {"to": "off", **wrong}).status_code == 302
        assert not ReminderOff.objects.exists()

    @pytest.mark.parametrize("count", [1, 3])
    def test_what_the_pages_cost(self, english, kind, today, count):
        company = resident()
        for n in range(count):
            lease_until(company, today + timedelta(days=40 + n), today - timedelta(days=200))
        founder(english, company)
        services.remind(actor=None, now=timezone.now())
        costs = {
            name: cost(english, reverse(f"deadlines:{name}", args=args))
            for name, args in (("home", []), ("duty", [kind.pk]), ("reminders", []), ("calendar", []))
        }
        assert costs == {"home": 5, "duty": 6, "reminders": 8, "calendar": 5}
