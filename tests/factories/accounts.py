"""People, their staff groups, and the role they act in."""

from collections.abc import Iterable
from typing import Any

import factory
from django.test import Client
from factory.django import DjangoModelFactory

from incubator.accounts.acting import Acting
from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import StaffMembership, User

PASSWORD = "ordinary-Words-42"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class UserFactory(DjangoModelFactory):
    """A person without any role. Signs in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@test.example")
    name = factory.Sequence(lambda n: f"사람 {n}")
    language = "ko"
    password = factory.django.Password(PASSWORD)


class StaffMembershipFactory(DjangoModelFactory):
    class Meta:
        model = StaffMembership

    user = factory.SubFactory(UserFactory, is_staff=True)
    group = StaffGroup.DIRECTOR


def staff_member(*groups: str, **values: Any) -> User:
    """A programme manager of these staff groups (the director without any)."""
    user = UserFactory(is_staff=True, **values)
    for group in groups or (StaffGroup.DIRECTOR,):
        StaffMembershipFactory(user=user, group=group)
    return user


def acting(
    user: User,
    kind: str,
    scope_id: int | None = None,
    level: str = "",
    groups: Iterable[str] = (),
    label: str = "",
) -> User:
    """The person, in this role for whatever asks `acting_of`. No grant is made: a page needs a real one."""
    user.acting = Acting(kind, user.pk, scope_id, level, label, frozenset(groups))
    return user


def acting_staff(*groups: str) -> User:
    """A manager of these groups (the director without any), acting as staff."""
    return acting(staff_member(*groups), Kind.STAFF, groups=groups or (StaffGroup.DIRECTOR,))


def sign_in(client: Client, user: User) -> Client:
    """Sign the person in, as the sign-in page would."""
    client.force_login(user, backend=BACKEND)
    return client
