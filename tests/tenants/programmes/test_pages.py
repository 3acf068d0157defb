"""The pages of founders, teachers and the office, what each costs, and what it keeps to itself."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from incubator.common.dbroles import Role, database_role
from tenants.programmes import services
from tenants.programmes.models import Attendance, Certificate, Material, Programme, SignUp
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import AdviserFactory, MeetingRoomFactory, adviser_person
from tests.factories.programmes import SignUpFactory, attend, programme
from tests.queries import cost

pytestmark = pytest.mark.django_db

TEXT = "발표 자료".encode()


def now():
    return timezone.now()


def soon(**values):
    """Open now, with a meeting in three days."""
    window = {"opens_at": now() - timedelta(days=1), "closes_at": now() + timedelta(days=2)}
    return programme(now() + timedelta(days=3), **{**window, **values})


def past(*days, **values):
    """Over, with meetings so many days ago."""
    window = {"opens_at": now() - timedelta(days=30), "closes_at": now() - timedelta(days=20)}
    return programme(*(now() - timedelta(days=each) for each in days), **{**window, **values})


@pytest.fixture
def company():
    return CompanyFactory()


@pytest.fixture
def founder(company):
    return founder_of(company)


@pytest.fixture
def as_founder(founder):
    return sign_in(Client(), founder)


def hand_out(found, name="자료.txt"):
    file = SimpleUploadedFile(name, TEXT)
    return services.add_material(programme=found, file=file, actor=acting_staff("consulting"), now=now())


class TestFounder:
    def test_signs_up_waits_and_leaves(self, as_founder, founder):
        found = soon(seats=1)
        page = reverse("programmes:programme", args=[found.pk])
        assert found.title in as_founder.get(reverse("programmes:home")).content.decode()
        as_founder.post(reverse("programmes:sign_up", args=[found.pk]), {"person": founder.pk})
        made = SignUp.objects.get()
        assert (made.state, made.person) == ("signed", founder)
        refused = as_founder.post(reverse("programmes:sign_up", args=[found.pk]), {"person": founder.pk})
        assert refused.status_code == 422
        leave = reverse("programmes:leave", args=[made.pk])
        assert as_founder.post(leave, {"reason": ""}).status_code == 422
        assert as_founder.post(leave, {"reason": "출장"}).status_code == 302
        assert SignUp.objects.get().state == "left"
        assert as_founder.get(page).status_code == 200

    def test_others_persons_and_sign_ups_do_not_exist(self, as_founder):
        found = soon(seats=3)
        theirs = SignUpFactory(programme=found)
        assert (
            theirs.person.name
            not in as_founder.get(reverse("programmes:programme", args=[found.pk])).content.decode()
        )
        answer = as_founder.post(reverse("programmes:sign_up", args=[found.pk]), {"person": theirs.person.pk})
        assert answer.status_code == 422
        for name in ("leave", "certificate"):
            assert as_founder.post(reverse(f"programmes:{name}", args=[theirs.pk])).status_code == 404

    def test_materials_and_online_addresses_are_for_who_has_a_seat(self, as_founder, company, founder):
        found = soon(seats=1)
        file = hand_out(found)
        url = "https://meet.example/secret"
        meeting = found.meetings.get()
        services.change_meeting(
            meeting=meeting,
            starts=meeting.starts,
            ends=meeting.ends,
            place="online",
            online_url=url,
            actor=acting_staff("consulting"),
            now=now(),
        )
        page = reverse("programmes:programme", args=[found.pk])
        path = reverse("programmes:material", args=[file.pk])

        def seen():
            text = as_founder.get(page).content.decode()
            return url in text, file.name in text, as_founder.get(path).status_code

        assert seen() == (False, False, 404)
        mine = SignUpFactory(programme=found, company=company, person=founder, state="waiting")
        assert seen() == (False, False, 404)
        SignUp.objects.filter(pk=mine.pk).update(state="signed")
        assert seen() == (True, True, 200)
        assert b"".join(as_founder.get(path).streaming_content) == TEXT

    def test_the_certificate_is_one_press_away_and_stays_the_same(self, as_founder, company, founder):
        mine = SignUpFactory(programme=past(9, 2, state="over"), company=company, person=founder)
        path = reverse("programmes:certificate", args=[mine.pk])
        as_founder.post(path)
        assert not Certificate.objects.exists()
        attend(mine, "present", "late")
        first, again = as_founder.post(path), as_founder.post(path)
        assert first.url == again.url == reverse("papers:file", args=[Certificate.objects.get().paper_id])
        assert as_founder.get(first.url)["Content-Type"] == "application/pdf"

    def test_pages_cost_the_same_with_one_row_and_three(self, as_founder, company, founder):
        def one_more():
            SignUpFactory(programme=soon(seats=3), company=company, person=founder)
            found = past(9, 2, state="over", seats=3)
            mine = SignUpFactory(programme=found, company=company, person=founder)
            attend(mine, "present", "present")
            return found

        found = one_more()
        pages = [reverse("programmes:home"), reverse("programmes:programme", args=[found.pk])]
        one = [cost(as_founder, page) for page in pages]
        for _ in range(2):
            one_more()
            colleague = SignUpFactory(programme=found, company=company, person=founder_of(company))
            attend(colleague, "present", "absent")
            hand_out(found)
        assert [cost(as_founder, page) for page in pages] == one
        assert max(one) <= 12


class TestTeacher:
    @pytest.fixture
    def adviser(self):
        return AdviserFactory()

    @pytest.fixture
    def as_teacher(self, adviser):
        return sign_in(Client(), adviser_person(adviser))

    def test_takes_attendance_with_one_tap_each(self, as_teacher, adviser):
        found = past(1, adviser=adviser, state="running", seats=3)
        one, two = SignUpFactory(programme=found), SignUpFactory(programme=found)
        meeting = found.meetings.get()
        record = reverse("teach:record", args=[meeting.pk])
        answer = as_teacher.post(record, {"person": one.pk, "presence": "late"})
        assert answer.url.endswith(f"#person-{one.pk}")
        as_teacher.post(record, {"person": one.pk, "presence": "excused"})
        as_teacher.post(record, {"person": one.pk, "presence": "elsewhere"})
        assert as_teacher.post(record, {"person": "x", "presence": "late"}).status_code == 404
        as_teacher.post(reverse("teach:rest", args=[meeting.pk]))
        assert dict(Attendance.objects.values_list("sign_up_id", "presence")) == {
            one.pk: "excused",
            two.pk: "present",
        }
        assert as_teacher.get(reverse("teach:meeting", args=[meeting.pk])).status_code == 200

    def test_not_before_the_meeting_and_not_of_others(self, as_teacher, adviser):
        found = soon(adviser=adviser)
        mine = SignUpFactory(programme=found)
        record = reverse("teach:record", args=[found.meetings.get().pk])
        as_teacher.post(record, {"person": mine.pk, "presence": "present"})
        others = past(1)
        theirs = SignUpFactory(programme=others)
        path = reverse("teach:record", args=[others.meetings.get().pk])
        assert as_teacher.post(path, {"person": theirs.pk, "presence": "present"}).status_code == 404
        assert not Attendance.objects.exists()

    def test_hands_files_out_and_takes_them_back(self, as_teacher, adviser):
        found = soon(adviser=adviser)
        add = reverse("teach:add_material", args=[found.pk])
        page = {"file": SimpleUploadedFile("page.html", b"<script>alert(1)</script>")}
        assert as_teacher.post(add, page).status_code == 422
        as_teacher.post(add, {"file": SimpleUploadedFile("자료.txt", TEXT)})
        file = Material.objects.get()
        assert (file.name, file.added_by.adviser) == ("자료.txt", adviser)
        assert as_teacher.get(reverse("teach:material", args=[file.pk])).status_code == 200
        as_teacher.post(reverse("teach:remove_material", args=[file.pk]))
        assert as_teacher.get(reverse("teach:material", args=[file.pk])).status_code == 404

    def test_pages_cost_the_same_with_one_row_and_three(self, as_teacher, adviser):
        found = past(1, adviser=adviser, state="running", seats=9)

        def one_more():
            attend(SignUpFactory(programme=found), "present")
            soon(adviser=adviser)
            hand_out(found)

        one_more()
        pages = [
            reverse("teach:home"),
            reverse("teach:programme", args=[found.pk]),
            reverse("teach:meeting", args=[found.meetings.get().pk]),
        ]
        one = [cost(as_teacher, page) for page in pages]
        one_more()
        one_more()
        assert [cost(as_teacher, page) for page in pages] == one
        assert max(one) <= 12


class TestOffice:
    @pytest.fixture
    def as_manager(self):
        return sign_in(Client(), staff_member("consulting"))

    def test_plans_publishes_and_calls_off(self, as_manager):
        adviser, room = AdviserFactory(), MeetingRoomFactory()
        day = timezone.localdate() + timedelta(days=9)
        window = {"opens_at": now(), "closes_at": now() + timedelta(days=5)}
        values = {
            "title": "특허 특강",
            "description": "세 번",
            "kind": "series",
            "topic": "patents",
            "language": "ko",
            "adviser": adviser.pk,
            "seats": 10,
            "attendance_needed": 80,
        }
        for name, moment in window.items():
            local = timezone.localtime(moment)
            values |= {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}
        meeting = {
            "starts_0": f"{day}",
            "starts_1": "14:00",
            "ends_0": f"{day}",
            "ends_1": "16:00",
            "place": "room",
            "room": room.pk,
        }
        inline = {"meetings-TOTAL_FORMS": 1, "meetings-INITIAL_FORMS": 0}
        inline |= {f"meetings-0-{name}": value for name, value in meeting.items()}
        add = reverse("admin:programmes_programme_add")
        assert as_manager.post(add, {**values, **inline}).status_code == 302
        found = Programme.objects.get()
        assert found.meetings.get().hold.room == room
        # A second one at the same time in the same room is refused, with what was typed still there.
        again = as_manager.post(add, {**values, **inline, "title": "같은 때"})
        assert again.status_code == 200
        assert "같은 때" in again.content.decode()
        assert Programme.objects.count() == 1
        as_manager.post(reverse("admin:programmes_programme_publish", args=[found.pk]))
        as_manager.post(
            reverse("admin:programmes_programme_call_off", args=[found.pk]), {"reason": "강사 사정"}
        )
        found.refresh_from_db()
        assert (found.state, found.meetings.get().is_off) == ("off", True)

    def test_the_attendance_sheet_says_who_came_and_keeps_formulas_text(self, as_manager):
        found = past(9, 2, state="over", seats=3)
        company = CompanyFactory(name="=1+1")
        mine = SignUpFactory(programme=found, company=company, person=founder_of(company))
        attend(mine, "present", "absent")
        answer = as_manager.get(reverse("admin:programmes_programme_sheet", args=[found.pk]))
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
        assert [cell.value for cell in sheet[2]][4:7] == [1, 2, 50]


class TestApi:
    def test_lists_signs_up_and_leaves(self, as_founder, founder):
        found, draft = soon(seats=1), soon(state="draft")
        listed = as_founder.get(reverse("api:programme-list")).json()["results"]
        assert [each["id"] for each in listed] == [found.pk]
        assert draft.pk not in [each["id"] for each in listed]
        new = as_founder.post(
            reverse("api:sign-up-list"), {"programme": found.pk}, content_type="application/json"
        )
        assert (new.status_code, new.json()["state"]) == (201, "signed")
        full = as_founder.post(
            reverse("api:sign-up-list"),
            {"programme": found.pk, "person": SignUpFactory(programme=soon()).person.pk},
            content_type="application/json",
        )
        assert full.json()["code"] == "person_not_member"
        left = as_founder.post(
            reverse("api:sign-up-leave", args=[new.json()["id"]]),
            {"reason": "출장"},
            content_type="application/json",
        )
        assert left.json()["state"] == "left"


def test_behind_her_wall_a_founder_sees_her_companys_rows_alone(company, founder):
    found = past(3, state="running", seats=3)
    mine = SignUpFactory(programme=found, company=company, person=founder, state="waiting")
    theirs = SignUpFactory(programme=found)
    attend(theirs, "present")
    hand_out(found)
    past(3, state="draft")
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company.pk]):
        assert [each.pk for each in SignUp.objects.all()] == [mine.pk]
        assert list(Programme.objects.values_list("pk", flat=True)) == [found.pk]
        assert not Attendance.objects.exists()
        assert not Material.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege('programmes_signup', 'INSERT')")
            assert cursor.fetchone() == (False,)
