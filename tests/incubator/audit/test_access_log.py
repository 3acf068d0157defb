"""Who saw whose data: written after the answer, never changed."""

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from django.test import RequestFactory

from incubator.accounts.acting import Acting
from incubator.audit.models import AccessEvent
from incubator.audit.services import note_access, write_access
from incubator.common.dbroles import Role, database_role
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_an_investor():
    request = RequestFactory().get("/invest/companies/")
    request.acting = Acting("investor", UserFactory().pk, 7)
    return request


def test_notes_are_written_at_once_after_the_answer(request_of_an_investor, django_assert_num_queries):
    request = request_of_an_investor
    with django_assert_num_queries(0):
        note_access(request, "company", [3, 1, 3], task="companies")
        note_access(request, "match", [])
        note_access(request, "match", [9])
    with django_assert_num_queries(1):
        write_access(request)
    assert list(
        AccessEvent.objects.order_by("pk").values_list(
            "acting_as", "subject_type", "subject_ids", "task", "ip"
        )
    ) == [
        ("investor:7", "company", [1, 3], "companies", "127.0.0.1"),
        ("investor:7", "match", [9], "/invest/companies/", "127.0.0.1"),
    ]


def test_nothing_seen_costs_nothing(request_of_an_investor, django_assert_num_queries):
    with django_assert_num_queries(0):
        write_access(request_of_an_investor)


def test_a_long_task_is_cut(request_of_an_investor):
    note_access(request_of_an_investor, "company", [1], task="가" * 500)
    write_access(request_of_an_investor)
    assert AccessEvent.objects.get().task == "가" * 200


def test_nobody_changes_or_deletes_what_is_written():
    event = AccessEvent.objects.create(acting_as="staff", subject_type="company", task="x")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        AccessEvent.objects.filter(pk=event.pk).update(task="y")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        AccessEvent.objects.filter(pk=event.pk).delete()


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.FOUNDER, Role.INVESTOR, Role.ADVISER])
def test_only_staff_read_the_log(role):
    with pytest.raises(Exception, match="permission denied"), database_role(role):
        AccessEvent.objects.count()
