"""Loading in the admin: what is shown before anything is written, what a confirmation may do, and who may."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incubator import urls
from incubator.accounts.enums import StaffGroup
from incubator.accounts.models import StaffMembership, User
from incubator.common.admin import CampAdminSite, ServiceModelAdmin
from incubator.common.sheets import Column, email, files, read_sheet, text
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.sheets.loader import Loader
from incubator.common.sheets.preview import Preview, readable
from incubator.common.sheets.uploads import UploadGone, confirmed_upload, forget_old_uploads, keep

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class PeopleLoader(Loader[User]):
    subject = _("people")
    columns = (
        Column("name", ("이름", "Name"), text(80)),
        Column("email", ("이메일", "E-mail"), email()),
    )
    key = ("email",)
    compared = {"name": "name"}

    def prepare(self, rows):
        self.known = {
            user.email: user for user in User.objects.filter(email__in=[row["email"] for row in rows])
        }

    def find(self, row):
        return self.known.get(row["email"])

    def create(self, row, *, actor, now):
        User.objects.create(email=row["email"], name=row["name"])

    def change(self, existing, row, changes, *, actor, now):
        existing.name = row["name"]
        existing.save()


class PeopleAdmin(SheetUploadMixin, ServiceModelAdmin):
    loader_class = PeopleLoader
    write_groups = (StaffGroup.LEASES,)


site = CampAdminSite(name="sheets_test")
site.register(User, PeopleAdmin)
urlpatterns = [path("admin/sheets-test/", site.urls), *urls.urlpatterns]

LIST = "/admin/sheets-test/accounts/user/"
LOAD = f"{LIST}load/"


@pytest.fixture
def manager(client):
    return signed_in(client, StaffGroup.LEASES)


def signed_in(client, group):
    user = User.objects.create_user(
        "manager@camp.example", "camp-demo", name="매니저", is_staff=True, language="en"
    )
    StaffMembership.objects.create(user=user, group=group)
    client.force_login(user)
    return user


def upload(client, *lines, heading="이름,이메일", name="people.csv"):
    data = "\r\n".join([heading, *lines]).encode("cp949")
    return client.post(LOAD, {"file": SimpleUploadedFile(name, data)}, headers={"accept-language": "en"})


def token_of(response):
    found = re.search(r'name="confirm" value="([^"]+)"', response.content.decode())
    return found[1] if found else None


def confirm(client, token):
    return client.post(LOAD, {"confirm": token}, headers={"accept-language": "en"})


def loaded():
    return sorted(User.objects.exclude(email="manager@camp.example").values_list("email", "name"))


def kept_files(user):
    try:
        return default_storage.listdir(f"sheets/{user.pk}")[1]
    except FileNotFoundError:
        return []


@pytest.fixture(autouse=True)
def empty_storage():
    """The storage of the suite lives as long as its process; each test starts with an empty one."""
    storages._storages.pop("default", None)
    default_storage._wrapped = storages["default"]


def test_the_list_has_a_button_to_the_page(client, manager):
    assert f'href="{LOAD}"' in client.get(LIST).content.decode()
    page = client.get(LOAD, headers={"accept-language": "en"}).content.decode()
    assert 'type="file" name="file"' in page
    assert "이름 (Name)" in page


def test_a_preview_shows_each_fate_and_writes_nothing(client, manager):
    User.objects.create(email="a@camp.example", name="가")
    User.objects.create(email="b@camp.example", name="나")
    response = upload(client, "가,a@camp.example", "다,b@camp.example", "<b>라,c@camp.example")
    page = response.content.decode()
    assert response.status_code == 200
    assert "3 rows: 1 new, 1 changed, 1 unchanged, 0 rejected." in page
    assert "<del>나</del>" in page
    assert "&lt;b&gt;라 · c@camp.example" in page
    assert "Write 2 rows" in page
    assert loaded() == [("a@camp.example", "가"), ("b@camp.example", "나")]
    assert len(kept_files(manager)) == 1


def test_a_confirmation_writes_what_was_shown(client, manager, django_capture_on_commit_callbacks):
    token = token_of(upload(client, "가,a@camp.example", "나,b@camp.example"))
    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(client, token)
    assert (response.status_code, response.url) == (302, LIST)
    assert loaded() == [("a@camp.example", "가"), ("b@camp.example", "나")]
    assert kept_files(manager) == []
    assert "2 rows were written." in client.get(LIST, headers={"accept-language": "en"}).content.decode()


def test_a_confirmation_works_once(client, manager, django_capture_on_commit_callbacks):
    token = token_of(upload(client, "가,a@camp.example"))
    with django_capture_on_commit_callbacks(execute=True):
        confirm(client, token)
    response = confirm(client, token)
    assert (response.status_code, response.url) == (302, LOAD)
    page = client.get(LOAD, headers={"accept-language": "en"}).content.decode()
    assert "This preview is no longer valid." in page


def test_rejected_rows_are_named_and_cannot_be_confirmed(client, manager):
    response = upload(client, "가,a@camp.example", "나,b@camp")
    page = response.content.decode()
    assert "2 rows: 1 new, 0 changed, 0 unchanged, 1 rejected." in page
    assert "이메일 “b@camp”: This is not an e-mail address." in page
    assert token_of(response) is None
    assert kept_files(manager) == []
    assert loaded() == []


def test_a_file_that_brings_nothing_new_has_nothing_to_confirm(client, manager):
    User.objects.create(email="a@camp.example", name="가")
    response = upload(client, "가,a@camp.example")
    assert "There is nothing to write." in response.content.decode()
    assert token_of(response) is None


def test_when_the_data_has_moved_on_a_new_preview_is_shown(client, manager):
    token = token_of(upload(client, "가,a@camp.example"))
    User.objects.create(email="a@camp.example", name="누군가")
    response = confirm(client, token)
    page = response.content.decode()
    assert "The data changed since the preview" in page
    assert "<del>누군가</del>" in page
    assert loaded() == [("a@camp.example", "누군가")]
    assert confirm(client, token_of(response)).status_code == 302
    assert loaded() == [("a@camp.example", "가")]


@pytest.mark.parametrize("token", ["", "x", "eyJ9:bad:token"])
def test_a_forged_confirmation_is_refused(client, manager, token):
    response = confirm(client, token)
    assert (response.status_code, response.url) == (302, LOAD)
    assert loaded() == []


def test_a_confirmation_belongs_to_its_person_its_loader_and_its_hour(manager, monkeypatch):
    other = User.objects.create(email="other@camp.example", name="다른 이")
    token = keep(user=manager, loader="people", name="a.csv", content=b"x", now=timezone.now()).token()
    assert confirmed_upload(token, user=manager, loader="people").open().read() == b"x"
    with pytest.raises(UploadGone):
        confirmed_upload(token, user=other, loader="people")
    with pytest.raises(UploadGone):
        confirmed_upload(token, user=manager, loader="companies")
    late = timezone.now().timestamp() + 3601
    monkeypatch.setattr("django.core.signing.time.time", lambda: late)
    with pytest.raises(UploadGone):
        confirmed_upload(token, user=manager, loader="people")


def test_a_kept_file_that_was_exchanged_is_refused(manager):
    kept = keep(user=manager, loader="people", name="a.csv", content=b"x", now=timezone.now())
    default_storage.delete(kept.path)
    with pytest.raises(UploadGone):
        kept.open()
    default_storage.save(kept.path, ContentFile(b"y"))
    with pytest.raises(UploadGone):
        kept.open()


def test_old_uploads_are_forgotten(manager):
    now = timezone.now()
    kept = keep(user=manager, loader="people", name="a.csv", content=b"x", now=now)
    assert forget_old_uploads(now=now + timedelta(minutes=59)) == 0
    assert forget_old_uploads(now=now + timedelta(minutes=61)) == 1
    assert not default_storage.exists(kept.path)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("people.csv", b"\x89PNG\r\n\x1a\n0000", "This is not a spreadsheet."),
        ("people.xlsx", b"%PDF-1.7", "This is not a spreadsheet."),
        ("people.csv", "이름\r\n가".encode(), "These columns are missing: 이메일."),
        ("people.csv", b"", "This file is empty."),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_at_the_field(client, manager, name, data, words):
    response = client.post(LOAD, {"file": SimpleUploadedFile(name, data)}, headers={"accept-language": "en"})
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert 'aria-describedby="id_file_helptext id_file_error"' in page
    assert kept_files(manager) == []


def test_no_file_at_all(client, manager):
    response = client.post(LOAD, {}, headers={"accept-language": "en"})
    assert "Choose a file." in response.content.decode()


def test_a_file_that_is_too_large_is_refused(client, manager, monkeypatch):
    monkeypatch.setattr("incubator.common.sheets.admin.MOST_BYTES", 10)
    response = upload(client, "가,a@camp.example")
    assert "This file is too large" in response.content.decode()
    assert files.MOST_BYTES == 20 * 1024 * 1024


@pytest.mark.parametrize("group", [StaffGroup.AUDITOR, StaffGroup.MATCHING])
def test_who_may_not_add_may_not_load(client, group):
    signed_in(client, group)
    assert LOAD not in client.get(LIST).content.decode()
    assert client.get(LOAD).status_code == 403
    assert upload(client, "가,a@camp.example").status_code == 403
    assert loaded() == []


def test_a_director_may(client):
    signed_in(client, StaffGroup.DIRECTOR)
    assert client.get(LOAD).status_code == 200


def test_a_stranger_finds_nothing(client):
    assert client.get(LOAD).status_code == 302
    user = User.objects.create_user("founder@camp.example", "camp-demo", name="창업자")
    client.force_login(user)
    assert client.get(LOAD).status_code == 404


def test_values_are_shown_in_the_readers_form():
    assert readable(None) == "–"
    assert readable(("가", "나")) == "가, 나"
    assert readable("leases", StaffGroup) == str(StaffGroup.LEASES.label)
    assert readable("unknown", StaffGroup) == "unknown"
    assert readable(1234567) == "1,234,567"


def test_a_long_preview_keeps_what_matters(monkeypatch):
    monkeypatch.setattr("incubator.common.sheets.preview.MOST_SHOWN", 2)
    data = "이름,이메일\n가,a@camp.example\n나,b@camp.example\n다,c@camp".encode()
    loader = PeopleLoader()
    plan = loader.plan(
        read_sheet(BytesIO(data), "people.csv", loader.columns), actor=None, today=timezone.localdate()
    )
    preview = Preview(loader, plan)
    assert (preview.is_shortened, preview.total, [row.line for row in preview.rows]) == (True, 3, [2, 4])
