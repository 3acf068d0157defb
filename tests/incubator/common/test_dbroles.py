"""The door itself: roles, what they see, and that they end with their block."""

import pytest
from django.apps import apps
from django.db import DatabaseError, InternalError, connection, transaction

from incubator.common.dbroles import Role, acting_as_system, current_role, database_role
from incubator.common.errors import DomainError, refusing
from incubator.common.models import CampSettings

pytestmark = pytest.mark.django_db

OURS = ("incubator.", "tenants.", "investors.")


def _current() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('camp.companies', true)")
        return cursor.fetchone()


def test_every_table_of_ours_has_row_level_security() -> None:
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith(OURS) and model._meta.managed
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relrowsecurity"
        )
        open_tables = {name for (name,) in cursor.fetchall()}
    assert tables & open_tables == set()


def test_no_role_but_staff_reads_another_projects_tables() -> None:
    """Third-party tables carry no policies, so only sign-in may touch the few it needs."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, grantee FROM information_schema.role_table_grants
               WHERE grantee IN ('camp_founder', 'camp_investor', 'camp_adviser', 'camp_public')
                 AND table_name ~ '^(auth_|django_|account_|mfa_|pghistory_)'"""
        )
        found = {(table, role.removeprefix("camp_")) for table, role in cursor.fetchall()}
    sign_in = {
        (table, "public")
        for table in (
            "django_session",
            "account_emailaddress",
            "account_emailconfirmation",
            "mfa_authenticator",
        )
    }
    content_types = {("django_content_type", role) for role in ("public", "founder", "investor", "adviser")}
    assert found == sign_in | content_types


def test_the_role_ends_with_its_block() -> None:
    before = _current()
    with database_role(Role.FOUNDER, company_ids=[7, 9]):
        assert _current() == ("camp_founder", "7,9")
        with acting_as_system():
            assert _current() == ("camp_staff", "")
            assert current_role() == Role.STAFF
        assert _current() == ("camp_founder", "7,9")
        assert current_role() == Role.FOUNDER
    assert current_role() is None
    assert _current() == (before[0], "")


def test_the_role_ends_when_its_block_fails() -> None:
    before = _current()
    with pytest.raises(DomainError), database_role(Role.FOUNDER, company_ids=[7]):
        raise DomainError
    assert _current()[0] == before[0]


def test_a_read_only_role_cannot_write_and_ends() -> None:
    with (
        pytest.raises(InternalError, match="read-only"),
        database_role(Role.INVESTOR, read_only=True),
        transaction.atomic(),
    ):
        CampSettings.objects.filter(pk=1).update(name="x")
    CampSettings.objects.filter(pk=1).update(name="y")
    assert CampSettings.objects.get(pk=1).name == "y"


def test_the_public_role_reads_no_company() -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        database_role(Role.PUBLIC),
        transaction.atomic(),
    ):
        apps.get_model("companies", "Company").objects.count()


def test_an_unlisted_violation_goes_through() -> None:
    class Refused(DomainError):
        pass

    with pytest.raises(DatabaseError), refusing({"something_else": Refused}):
        CampSettings.objects.bulk_create([CampSettings(pk=2)])
    with pytest.raises(Refused), refusing({"camp_settings_one_row": Refused}):
        CampSettings.objects.bulk_create([CampSettings(pk=2)])
