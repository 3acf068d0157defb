"""The only way in: invited, mailed, accepted once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from incubator.accounts.acting import SYSTEM, roles_of
from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.errors import AddressTaken, InvitationClosed, UnknownScope
from incubator.accounts.models import Invitation, StaffMembership, User
from incubator.accounts.services import (
    accept_invitation,
    find_invitation,
    invite,
    prepare_invitation,
    revoke_invitation,
    send_invitation,
)
from incubator.accounts.tasks import mail_invitations
from incubator.common.errors import Invalid, NotAllowed
from tenants.companies.models import Membership
from tests.factories.accounts import PASSWORD, UserFactory, acting, acting_staff, sign_in
from tests.factories.companies import CompanyFactory, founder_of

pytestmark = pytest.mark.django_db

BASE = "https://camp.example/"
NEW_PASSWORD = "quite-Another-77"


def invited(actor=None, **values):
    given = {
        "email": "New@Person.example ",
        "name": "새 사람",
        "kind": Kind.STAFF,
        "level": StaffGroup.LEASES,
        "actor": actor,
        "now": timezone.now(),
        "base_url": BASE,
        **values,
    }
    return invite(**given)


def test_a_new_person_gets_an_account_and_the_role(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, secret = invited()

    person = accept_invitation(
        secret=secret, user=None, name="박새봄", password=NEW_PASSWORD, now=timezone.now()
    )

    assert (person.email, person.name, person.is_staff) == ("new@person.example", "박새봄", True)
    assert [role.groups for role in roles_of(person)] == [{StaffGroup.LEASES}]
    invitation.refresh_from_db()
    assert invitation.accepted_by == person
    assert invitation.sent_at is not None


def test_the_mail_carries_the_address_in_the_invited_persons_language(django_capture_on_commit_callbacks):
    company = CompanyFactory(name="한빛에이아이")
    with django_capture_on_commit_callbacks(execute=True):
        _, secret = invited(kind=Kind.FOUNDER, scope_id=company.pk, level="owner", language="en")

    (message,) = mail.outbox
    assert message.to == ["new@person.example"]
    assert message.subject == "[AI Startup Camp] Invitation to 한빛에이아이"
    assert f"https://camp.example/invitation/{secret}/" in message.body


def test_a_mail_server_that_is_down_leaves_the_invitation_unsent(
    django_capture_on_commit_callbacks, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with django_capture_on_commit_callbacks(execute=True):
        invitation, _ = invited()

    invitation.refresh_from_db()
    assert invitation.sent_at is None
    assert invitation.is_open(timezone.now())


def test_accepting_twice_is_refused():
    _, secret = invited()
    accept_invitation(secret=secret, user=None, name="", password=NEW_PASSWORD, now=timezone.now())

    with pytest.raises(InvitationClosed):
        accept_invitation(secret=secret, user=None, name="", password=NEW_PASSWORD, now=timezone.now())

    assert User.objects.filter(email="new@person.example").count() == 1


@pytest.mark.parametrize("days", [14, 15])
def test_an_invitation_ends_after_fourteen_days(days):
    now = timezone.now()
    _, secret = invited(now=now)

    assert find_invitation(secret, now=now + timedelta(days=14, seconds=-1)).email == "new@person.example"
    with pytest.raises(InvitationClosed):
        find_invitation(secret, now=now + timedelta(days=days))


def test_a_revoked_invitation_does_not_open():
    invitation, secret = invited()
    revoke_invitation(invitation=invitation, actor=None, now=timezone.now())

    with pytest.raises(InvitationClosed):
        accept_invitation(secret=secret, user=None, name="", password=NEW_PASSWORD, now=timezone.now())
    with pytest.raises(InvitationClosed):
        revoke_invitation(invitation=invitation, actor=None, now=timezone.now())


def test_sending_again_ends_the_address_that_was_mailed_before():
    invitation, first = invited()
    second = send_invitation(invitation=invitation, actor=None, now=timezone.now(), base_url=BASE)

    assert find_invitation(second, now=timezone.now()) == invitation
    with pytest.raises(InvitationClosed):
        find_invitation(first, now=timezone.now())


def test_a_prepared_invitation_is_mailed_once_however_often_the_task_runs(
    django_capture_on_commit_callbacks,
):
    invitation = prepare_invitation(
        email="a@b.example",
        name="가",
        kind=Kind.STAFF,
        level=StaffGroup.LEASES,
        actor=None,
        now=timezone.now(),
    )
    assert mail.outbox == []

    asked_at = timezone.now().isoformat()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            mail_invitations([invitation.pk], BASE, asked_at)

    assert [message.to for message in mail.outbox] == [["a@b.example"]]


def test_a_known_address_must_sign_in_first():
    UserFactory(email="new@person.example")
    _, secret = invited()

    with pytest.raises(AddressTaken):
        accept_invitation(secret=secret, user=None, name="", password=NEW_PASSWORD, now=timezone.now())


def test_a_signed_in_person_keeps_name_and_password_and_gains_the_role():
    company = CompanyFactory()
    person = UserFactory(name="원래 이름")
    _, secret = invited(kind=Kind.FOUNDER, scope_id=company.pk, level="owner", email=person.email)

    accept_invitation(secret=secret, user=person, now=timezone.now())

    person.refresh_from_db()
    assert person.name == "원래 이름"
    assert person.check_password(PASSWORD)
    assert list(Membership.objects.values_list("company", "user", "level")) == [
        (company.pk, person.pk, "owner")
    ]


@pytest.mark.parametrize("password", ["short1", "12345678", "password"])
def test_a_weak_password_is_refused_at_its_field(password):
    _, secret = invited()

    with pytest.raises(Invalid) as refusal:
        accept_invitation(secret=secret, user=None, name="", password=password, now=timezone.now())

    assert refusal.value.field == "password"
    assert not User.objects.filter(email="new@person.example").exists()


def test_an_invitation_to_what_does_not_exist_is_refused():
    with pytest.raises(UnknownScope):
        invited(kind=Kind.FOUNDER, scope_id=987654, level="owner")
    with pytest.raises(UnknownScope) as refusal:
        invited(level="emperor")
    assert refusal.value.field == "level"


def test_the_invitation_names_what_it_is_for():
    company = CompanyFactory(name="한빛에이아이")
    invitation, _ = invited(kind=Kind.FOUNDER, scope_id=company.pk, level="owner")
    assert invitation.scope_label == "한빛에이아이"


def test_who_may_invite_whom():
    company, other = CompanyFactory(), CompanyFactory()
    owner, member = founder_of(company), founder_of(company, level="member")
    founders = {"kind": Kind.FOUNDER, "scope_id": company.pk, "level": "member"}

    invited(actor=acting_staff(StaffGroup.CREDITS), **founders)
    invited(actor=acting_staff(), kind=Kind.STAFF, level=StaffGroup.LEASES)
    invited(actor=owner, **founders)

    for actor, values in (
        (acting_staff(StaffGroup.CREDITS), {"kind": Kind.STAFF, "level": StaffGroup.LEASES}),
        (acting_staff(StaffGroup.AUDITOR), founders),
        (member, founders),
        (owner, {**founders, "scope_id": other.pk}),
        (owner, {"kind": Kind.STAFF, "level": StaffGroup.DIRECTOR}),
        (acting(UserFactory(), Kind.INVESTOR, 1), founders),
    ):
        with pytest.raises(NotAllowed):
            invited(actor=actor, **values)
    assert Invitation.objects.count() == 3


def test_the_system_invites_as_nobody():
    invitation, _ = invited(actor=None)
    assert invitation.invited_by is None
    assert SYSTEM.in_group()


def test_the_page_makes_the_account_and_signs_in():
    _, secret = invited()
    client = Client()

    page = client.get(f"/invitation/{secret}/")
    assert page.status_code == 200
    response = client.post(f"/invitation/{secret}/", {"name": "박새봄", "password": NEW_PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/start/")
    assert client.get("/start/")["Location"] == "/admin/"
    assert StaffMembership.objects.get().user.name == "박새봄"


def test_the_page_says_what_is_wrong_and_keeps_the_name():
    _, secret = invited()
    response = Client().post(f"/invitation/{secret}/", {"name": "박새봄", "password": "password"})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["password"]
    assert 'value="박새봄"' in response.content.decode()


def test_a_closed_invitation_is_gone_in_words():
    response = Client().get("/invitation/no-such-secret/")
    assert response.status_code == 410


def test_a_known_address_is_asked_to_sign_in():
    UserFactory(email="new@person.example")
    _, secret = invited()

    response = Client().get(f"/invitation/{secret}/")

    assert response.context["known"] is True
    assert f"/accounts/login/?next=%2Finvitation%2F{secret}%2F" in response.content.decode()


def test_a_signed_in_person_accepts_by_one_button():
    company = CompanyFactory()
    person = UserFactory()
    _, secret = invited(kind=Kind.FOUNDER, scope_id=company.pk, level="member", email=person.email)
    client = sign_in(Client(), person)

    response = client.post(f"/invitation/{secret}/", {})

    assert response["Location"] == "/start/"
    assert client.get("/start/")["Location"] == "/portal/"
