"""Bearer tokens: whose they are, what they may, and when they stop."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.errors import TokenRevoked, UnknownRole
from incubator.accounts.models import ApiToken
from incubator.accounts.services import issue_token, revoke_token
from incubator.common.errors import NotAllowed
from tests.factories.accounts import UserFactory, acting_staff, sign_in
from tests.factories.companies import CompanyFactory, MembershipFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/companies/"


@pytest.fixture
def member():
    CompanyFactory(name="남의 회사")
    return MembershipFactory(company=CompanyFactory(name="우리 회사"))


def token_of(membership, scopes=("read",), **values):
    return issue_token(
        user=membership.user,
        name="test",
        role=f"founder:{membership.company_id}",
        scopes=scopes,
        expires_at=values.pop("expires_at", None),
        actor=None,
        now=timezone.now(),
    )


def bearing(secret) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"})


def patch(client, company, **values):
    return client.patch(f"{LIST}{company.pk}/", json.dumps(values), content_type="application/json")


def test_a_token_acts_as_its_person_in_its_role(member):
    _, secret = token_of(member)
    names = [row["name"] for row in bearing(secret).get(LIST).json()["results"]]
    assert names == ["우리 회사"]


def test_only_the_hash_is_kept(member):
    token, secret = token_of(member)
    assert secret.startswith("camp_")
    assert secret not in json.dumps(list(ApiToken.objects.values()), default=str)
    assert token.prefix == secret[:8]


@pytest.mark.parametrize("secret", ["camp_unknown", "", "x" * 5000, "가나다"])
def test_an_unknown_token_is_401_in_words(secret):
    response = Client(headers={"authorization": f"Bearer {secret}".encode().decode("latin-1")}).get(LIST)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == 'Bearer realm="camp"'


def test_without_a_token_it_is_401():
    response = Client().get(LIST)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_an_expired_token_stops(member):
    _, secret = token_of(member, expires_at=timezone.now() - timedelta(seconds=1))
    assert bearing(secret).get(LIST).status_code == 401


def test_a_revoked_token_stops(member):
    token, secret = token_of(member)
    revoke_token(token=token, actor=None, now=timezone.now())
    assert bearing(secret).get(LIST).status_code == 401
    with pytest.raises(TokenRevoked):
        revoke_token(token=token, actor=None, now=timezone.now())


def test_the_token_of_a_closed_account_stops(member):
    _, secret = token_of(member)
    member.user.is_active = False
    member.user.save()
    assert bearing(secret).get(LIST).status_code == 401


def test_a_token_whose_role_is_gone_sees_nothing(member):
    _, secret = token_of(member)
    member.delete()
    assert bearing(secret).get(LIST).status_code == 403


def test_reading_needs_no_scope_and_writing_needs_write(member):
    _, reading = token_of(member, scopes=["read"])
    _, writing = token_of(member, scopes=["read", "write"])

    assert patch(bearing(reading), member.company, employees=9).status_code == 403
    assert patch(bearing(writing), member.company, employees=9).status_code == 200
    member.company.refresh_from_db()
    assert member.company.employees == 9


def test_a_session_needs_its_csrf_token_to_write(member):
    client = sign_in(Client(enforce_csrf_checks=True), member.user)
    assert patch(client, member.company, employees=9).status_code == 403
    member.company.refresh_from_db()
    assert member.company.employees == 7


def test_only_the_director_issues_tokens(member):
    values = {"name": "x", "scopes": [], "expires_at": None, "now": timezone.now()}
    role = f"founder:{member.company_id}"
    for actor in (acting_staff(StaffGroup.LEASES), acting_staff(StaffGroup.AUDITOR), member.user):
        with pytest.raises(NotAllowed):
            issue_token(user=member.user, role=role, actor=actor, **values)
    with pytest.raises(UnknownRole) as refusal:
        issue_token(user=member.user, role="founder:987654", actor=acting_staff(), **values)
    assert str(refusal.value).endswith(f"{role}.")
    with pytest.raises(UnknownRole):
        issue_token(user=UserFactory(), role=Kind.STAFF, actor=acting_staff(), **values)
