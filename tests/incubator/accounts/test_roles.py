"""One person, several roles: which is in force where, and switching between them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incubator.accounts.acting import PUBLIC, acting_of, choose, roles_of
from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import User
from investors.firms.models import Firm, FirmMember
from tests.factories.accounts import PASSWORD, StaffMembershipFactory, UserFactory, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def everyone():
    """Owner of one company, member of another, in a firm, and a manager."""
    user = staff_member(StaffGroup.LEASES, StaffGroup.AUDITOR)
    first = MembershipFactory(user=user, company=CompanyFactory(name="가람"), level="owner").company
    second = MembershipFactory(user=user, company=CompanyFactory(name="나래"), level="member").company
    firm = Firm.objects.create(name="충장벤처", slug="chungjang", kind="vc", email="office@firm.example")
    FirmMember.objects.create(firm=firm, user=user)
    return user, first, second, firm


def test_every_grant_is_a_role(everyone, django_assert_num_queries):
    user, first, second, firm = everyone
    roles = roles_of(user)
    with django_assert_num_queries(0):
        assert roles_of(user) == roles
    assert {role.value for role in roles} == {
        "staff",
        f"founder:{first.pk}",
        f"founder:{second.pk}",
        f"investor:{firm.pk}",
    }
    assert next(role for role in roles if role.kind == Kind.STAFF).groups == {
        StaffGroup.LEASES,
        StaffGroup.AUDITOR,
    }


def test_an_inactive_person_has_no_role(everyone):
    user = everyone[0]
    user.is_active = False
    assert roles_of(user) == []
    assert acting_of(user) == PUBLIC


def test_choosing(everyone):
    user, first, second, _ = everyone
    roles = roles_of(user)
    assert choose(roles, kind=Kind.FOUNDER).scope_id == first.pk
    assert choose(roles, kind=Kind.FOUNDER, wanted=f"founder:{second.pk}").scope_id == second.pk
    assert choose(roles, kind=Kind.ADVISER) == PUBLIC
    assert choose(roles, wanted="founder:987654") == roles[0]


def test_switching_changes_the_company_of_the_portal(everyone):
    user, first, second, _ = everyone
    client = sign_in(Client(), user)

    assert client.get("/portal/company/").context["company"] == first
    response = client.post("/role/", {"role": f"founder:{second.pk}"})
    assert response["Location"] == "/portal/"
    assert client.get("/portal/company/").context["company"] == second
    assert client.get("/start/")["Location"] == "/portal/"


def test_every_place_is_open_without_switching(everyone):
    client = sign_in(Client(), everyone[0])
    assert client.get("/portal/company/").status_code == 200
    assert client.get("/admin/companies/company/").status_code == 200
    assert client.get("/advise/").status_code == 404


@pytest.mark.parametrize("role", ["", "staff", "founder:987654", "founder:x", "public"])
def test_a_role_that_is_not_ones_own_does_not_exist(role):
    member = MembershipFactory()
    client = sign_in(Client(), member.user)
    assert client.post("/role/", {"role": role}).status_code == 404
    assert client.get("/portal/company/").context["company"] == member.company


def test_a_grant_taken_away_closes_its_place_at_once():
    member = MembershipFactory()
    client = sign_in(Client(), member.user)
    assert client.get("/portal/company/").status_code == 200
    member.delete()
    assert client.get("/portal/company/").status_code == 404


def test_someone_without_a_role_is_told_so():
    response = sign_in(Client(), UserFactory()).get("/start/")
    assert response.status_code == 200
    assert response.templates[0].name == "accounts/no_role.html"


def test_an_auditor_reads_and_writes_nothing():
    auditor = staff_member(StaffGroup.AUDITOR)
    company = CompanyFactory(name="그대로")
    client = sign_in(Client(), auditor)

    assert client.get(f"/admin/companies/company/{company.pk}/change/").status_code == 200
    response = client.post(f"/admin/companies/company/{company.pk}/change/", {"name": "바뀐 이름"})

    assert response.status_code == 403
    company.refresh_from_db()
    assert company.name == "그대로"


def test_an_auditor_who_is_also_a_manager_writes():
    user = staff_member(StaffGroup.AUDITOR, StaffGroup.LEASES)
    assert acting_of(user).read_only is False
    lone = StaffMembershipFactory(group=StaffGroup.AUDITOR).user
    assert acting_of(lone).read_only is True


def test_sign_in_by_form_and_its_refusals():
    user = UserFactory(email="person@camp.example")
    client = Client()
    wrong = client.post("/accounts/login/", {"login": user.email, "password": "wrong-Password-1"})
    assert wrong.status_code == 200
    right = client.post("/accounts/login/", {"login": "Person@Camp.Example", "password": PASSWORD})
    assert (right.status_code, right["Location"]) == (302, "/start/")


def test_there_is_no_open_sign_up():
    for response in (
        Client().get("/accounts/signup/"),
        Client().post("/accounts/signup/", {"email": "a@b.example", "password1": PASSWORD}),
    ):
        assert response.status_code == 200
        assert "account/signup_closed.html" in [template.name for template in response.templates]
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["/accounts/email/", "/accounts/confirm-email/", "/accounts/social/connections/"]
)
def test_allauths_other_pages_are_not_there(path):
    assert sign_in(Client(), UserFactory()).get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/x-y/",
        "/accounts/inactive/",
    ],
)
def test_sign_in_pages_answer_to_anyone(path):
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/", "/accounts/reauthenticate/"]
)
def test_account_pages_answer_to_their_person(path):
    assert sign_in(Client(), UserFactory()).get(path).status_code in (200, 302)
    assert Client().get(path).status_code == 302


def test_the_password_can_be_changed():
    user = UserFactory()
    client = sign_in(Client(), user)
    response = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "a-New-one-2026", "password2": "a-New-one-2026"},
    )
    assert response.status_code == 302
    user.refresh_from_db()
    assert user.check_password("a-New-one-2026")


def test_the_persons_language_follows_the_switch():
    user = UserFactory(language="ko")
    client = sign_in(Client(headers={"accept-language": "ko"}), user)

    client.post("/language/", {"language": "en", "next": "/"})
    user.refresh_from_db()
    assert user.language == "en"

    client.post("/language/", {"language": "xx", "next": "/"})
    user.refresh_from_db()
    assert user.language == "en"


def test_the_language_of_a_stranger_is_a_cookie_only():
    client = Client()
    client.post("/language/", {"language": "en", "next": "/"})
    assert client.cookies["django_language"].value == "en"


@pytest.mark.parametrize("env", ["test", "production"])
def test_the_outbox_is_for_local_machines_only(settings, env):
    settings.CAMP_ENV = env
    assert Client().get("/outbox/").status_code == 404


def test_the_outbox_shows_mails_newest_first(settings, tmp_path):
    settings.CAMP_ENV = "local"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    from django.core.mail import EmailMessage

    EmailMessage("첫 번째", "본문 하나 https://camp.example/x/", to=["a@b.example"]).send()

    mails = Client().get("/outbox/").context["mails"]
    assert timezone.now() - mails[0]["date"] < timedelta(minutes=10)
    assert [(each["to"], each["subject"], each["body"].strip()) for each in mails] == [
        ("a@b.example", "첫 번째", "본문 하나 https://camp.example/x/")
    ]
