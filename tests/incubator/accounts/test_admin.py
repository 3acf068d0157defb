"""Managers' pages on people, invitations, tokens and the access log."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.utils import timezone

from incubator.accounts.acting import roles_of
from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.errors import LastDirector, OwnAccount
from incubator.accounts.models import ApiToken, Invitation, StaffMembership, User
from incubator.accounts.services import (
    change_person,
    deactivate_person,
    prepare_invitation,
    reactivate_person,
)
from incubator.audit.models import AccessEvent
from incubator.common.errors import NotAllowed
from incubator.common.models import CampSettings
from tests.factories.accounts import UserFactory, acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, MembershipFactory
from tests.queries import cost

pytestmark = pytest.mark.django_db

PEOPLE, INVITATIONS, TOKENS = (
    "/admin/accounts/user/",
    "/admin/accounts/invitation/",
    "/admin/accounts/apitoken/",
)
NOW = timezone.now()


@pytest.fixture
def director():
    return staff_member()


@pytest.fixture
def office(director):
    return sign_in(Client(), director)


def act(client, path, action, *things):
    return client.post(path, {"action": action, "_selected_action": [thing.pk for thing in things]})


@pytest.mark.parametrize(
    "path",
    [
        PEOPLE,
        INVITATIONS,
        f"{INVITATIONS}add/",
        TOKENS,
        f"{TOKENS}add/",
        "/admin/audit/accessevent/",
        "/admin/common/campsettings/",
        "/admin/common/campsettings/1/change/",
    ],
)
def test_the_pages_answer(office, path):
    CampSettings.objects.get_or_create(pk=1)
    assert office.get(path).status_code == 200


def test_lists_cost_the_same_with_three_rows_as_with_one(office):
    def more(count):
        for n in range(count):
            member = MembershipFactory()
            prepare_invitation(
                email=f"a{member.pk}@b.example",
                name="가",
                kind=Kind.FOUNDER,
                scope_id=member.company_id,
                level="owner",
                actor=None,
                now=NOW,
            )
            ApiToken.objects.create(user=member.user, name=f"t{n}", role="x", token_hash=f"{member.pk}")
            AccessEvent.objects.create(user=member.user, acting_as="staff", subject_type="company", task="x")

    paths = (PEOPLE, INVITATIONS, TOKENS, "/admin/audit/accessevent/")
    more(1)
    one = [cost(office, path) for path in paths]
    more(3)
    assert [cost(office, path) for path in paths] == one
    assert max(one) <= 12


# --- people


def test_the_director_changes_what_a_manager_may_do(office, director):
    person = staff_member(StaffGroup.LEASES, name="김하늘")
    path = f"{PEOPLE}{person.pk}/change/"
    page = office.get(path)
    assert page.status_code == 200
    assert "md5$" not in page.content.decode()

    answer = office.post(path, {"name": "김하늘", "language": "en", "staff_groups": ["credits", "matching"]})
    assert answer.status_code == 302
    person = User.objects.get(pk=person.pk)
    assert person.language == "en"
    assert roles_of(person)[0].groups == {"credits", "matching"}

    office.post(path, {"name": "김하늘", "language": "en"})
    person = User.objects.get(pk=person.pk)
    assert (person.is_staff, roles_of(person)) == (False, [])


def test_the_last_director_stays_and_what_was_typed_is_kept(office, director):
    answer = office.post(f"{PEOPLE}{director.pk}/change/", {"name": "새 이름", "language": "ko"})
    assert answer.status_code == 200
    assert 'value="새 이름"' in answer.content.decode()
    assert answer.context["adminform"].form.errors == {"staff_groups": [str(LastDirector())]}
    director.refresh_from_db()
    assert director.name != "새 이름"
    assert StaffMembership.objects.filter(user=director).count() == 1
    assert LogEntry.objects.count() == 0


def test_other_managers_read_people_and_change_none():
    person = UserFactory(name="그대로")
    client = sign_in(Client(), staff_member(StaffGroup.LEASES))
    path = f"{PEOPLE}{person.pk}/change/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"name": "다른 이름", "language": "ko"}).status_code == 403
    assert act(client, PEOPLE, "deactivate", person).status_code == 403
    person.refresh_from_db()
    assert (person.name, person.is_active) == ("그대로", True)


def test_nobody_adds_or_deletes_people(office):
    person = UserFactory()
    assert office.get(f"{PEOPLE}add/").status_code == 403
    assert office.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"}).status_code == 403


def test_closing_an_account_ends_its_session(office):
    member = MembershipFactory()
    theirs = sign_in(Client(), member.user)
    assert theirs.get("/portal/company/").status_code == 200

    act(office, PEOPLE, "deactivate", member.user)
    assert theirs.get("/portal/company/").status_code == 302

    act(office, PEOPLE, "reactivate", member.user)
    member.user.refresh_from_db()
    assert member.user.is_active is True


def test_who_cannot_be_closed(office, director):
    act(office, PEOPLE, "deactivate", UserFactory(), director)
    assert User.objects.filter(is_active=False).count() == 0  # all or nothing

    with pytest.raises(OwnAccount):
        deactivate_person(user=director, actor=director, now=NOW)
    with pytest.raises(LastDirector):
        deactivate_person(user=director, actor=None, now=NOW)
    second = staff_member()
    deactivate_person(user=second, actor=director, now=NOW)
    with pytest.raises(LastDirector):
        change_person(user=director, name="x", language="ko", staff_groups=[], actor=director, now=NOW)


def test_only_the_director_manages_people():
    person = UserFactory()
    for actor in (acting_staff(StaffGroup.LEASES), acting_staff(StaffGroup.AUDITOR), person):
        with pytest.raises(NotAllowed):
            deactivate_person(user=person, actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            reactivate_person(user=person, actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            change_person(
                user=person, name="x", language="ko", staff_groups=["director"], actor=actor, now=NOW
            )


def test_looking_at_a_person_is_on_record(office, director):
    person = UserFactory()
    office.get(f"{PEOPLE}{person.pk}/change/")
    event = AccessEvent.objects.get(subject_type="person")
    assert (event.user, event.subject_ids, event.ip) == (director, [person.pk], "127.0.0.1")


# --- invitations


def test_inviting_by_page(office, django_capture_on_commit_callbacks):
    company = CompanyFactory(name="한빛에이아이")
    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(
            f"{INVITATIONS}add/",
            {
                "email": "a@b.example",
                "name": "가온",
                "place": f"founder:{company.pk}",
                "leading": "on",
                "language": "ko",
            },
        )
    assert answer.status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.scope_label, invitation.level) == ("한빛에이아이", "owner")
    assert mail.outbox[0].to == ["a@b.example"]
    assert LogEntry.objects.get().object_id == str(invitation.pk)
    assert office.get(f"{INVITATIONS}{invitation.pk}/change/").status_code == 200


def test_a_refused_invitation_keeps_what_was_typed_and_leaves_no_entry():
    client = sign_in(Client(), staff_member(StaffGroup.LEASES))
    answer = client.post(
        f"{INVITATIONS}add/",
        {"email": "a@b.example", "name": "가온누리", "place": "staff:director", "language": "ko"},
    )
    assert answer.status_code == 200
    assert 'value="가온누리"' in answer.content.decode()
    assert list(answer.context["adminform"].form.errors) == ["__all__"]
    assert (Invitation.objects.count(), LogEntry.objects.count()) == (0, 0)


def test_mailing_and_revoking_many(office, django_capture_on_commit_callbacks):
    prepared = [
        prepare_invitation(
            email=f"p{n}@b.example",
            name="가",
            kind=Kind.STAFF,
            level=StaffGroup.LEASES,
            actor=None,
            now=NOW,
        )
        for n in range(2)
    ]
    with django_capture_on_commit_callbacks(execute=True):
        act(office, INVITATIONS, "send", *prepared)
    assert sorted(message.to[0] for message in mail.outbox) == ["p0@b.example", "p1@b.example"]

    act(office, INVITATIONS, "revoke", *prepared)
    assert Invitation.objects.filter(revoked_at=None).count() == 0
    act(office, INVITATIONS, "revoke", *prepared)  # closed already: said, not a failure


@pytest.mark.parametrize("state", ["prepared", "open", "expired", "accepted", "revoked"])
def test_filtering_by_state(office, state):
    assert office.get(f"{INVITATIONS}?state={state}").status_code == 200


# --- tokens


def test_a_tokens_secret_is_shown_once(office):
    member = MembershipFactory()
    values = {
        "user": member.user_id,
        "name": "연동",
        "role": f"founder:{member.company_id}",
        "may_write": "on",
    }
    shown = office.post(f"{TOKENS}add/", values, follow=True).content.decode()
    token = ApiToken.objects.get()
    assert token.scopes == ["read", "write"]
    assert f"{token.prefix}" in shown
    secret = shown.split("camp_")[1].split("<")[0].strip()
    assert (
        Client(headers={"authorization": f"Bearer camp_{secret}"}).get("/api/v1/companies/").status_code
        == 200
    )
    assert secret not in office.get(f"{TOKENS}{token.pk}/change/").content.decode()

    act(office, TOKENS, "revoke", token)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_role_that_the_person_does_not_hold_is_refused_at_its_field(office):
    member = MembershipFactory()
    answer = office.post(f"{TOKENS}add/", {"user": member.user_id, "name": "연동", "role": "staff"})
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, ["role"])
    assert ApiToken.objects.count() == 0


# --- settings


def test_only_the_director_changes_the_camps_settings(office):
    CampSettings.objects.get_or_create(pk=1)
    path = "/admin/common/campsettings/1/change/"
    values = {
        "name": "AI창업캠프",
        "name_en": "Camp",
        "operator_name_ko": "사업단",
        "operator_name_en": "Agency",
        "consulting_hours_per_quarter": 20,
        "minimum_introductions": 3,
    }
    assert sign_in(Client(), staff_member(StaffGroup.LEASES)).post(path, values).status_code == 403
    assert office.post(path, values).status_code == 302
    assert CampSettings.objects.get().consulting_hours_per_quarter == 20
    assert office.get("/admin/common/campsettings/add/").status_code == 403
