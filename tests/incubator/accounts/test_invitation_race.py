"""Two people hold the address of one invitation and accept it at the same moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone

from incubator.accounts import services
from incubator.accounts.enums import Kind
from incubator.common.errors import DomainError
from tenants.companies.models import Membership
from tenants.companies.services import admit_member
from tests.factories.accounts import UserFactory
from tests.factories.companies import CompanyFactory

pytestmark = pytest.mark.django_db(transaction=True)


def accepted_at_once(monkeypatch) -> Counter:
    """Both wait for each other where the grant is made; whoever waits in vain goes on alone."""
    company = CompanyFactory()
    people = UserFactory.create_batch(2)
    now = timezone.now()
    _, secret = services.invite(
        email="new@person.example",
        name="새 사람",
        kind=Kind.FOUNDER,
        scope_id=company.pk,
        level="owner",
        actor=None,
        now=now,
        base_url="https://camp.example/",
    )
    meeting = Barrier(2)

    def admit(user, company_id, level):
        with suppress(BrokenBarrierError):
            meeting.wait(2)
        return admit_member(user, company_id, level)

    monkeypatch.setitem(services._admissions, Kind.FOUNDER, services._Admission(admit))

    def accept(user) -> str:
        try:
            services.accept_invitation(secret=secret, user=user, now=now)
            return "done"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return Counter(pool.map(accept, people))


def test_one_of_the_two_comes_in(monkeypatch):
    assert accepted_at_once(monkeypatch) == {"done": 1, "invitation_closed": 1}
    assert Membership.objects.count() == 1


def test_without_the_lock_both_would_come_in(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_: queryset)

    assert accepted_at_once(monkeypatch) == {"done": 2}
    assert Membership.objects.count() == 2
