"""Thirty-two managers let one space at the same moment."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from threading import Barrier

import pytest
from django.db import connection, connections

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from tenants.leases import services
from tenants.leases.enums import LeaseState
from tenants.leases.models import Lease, LeaseTransition
from tests.factories.companies import CompanyFactory
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, SpaceFactory, moment

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 32
NOW = moment(2026, 11, 22)


def all_at_once(attempts: list[Callable[[], object]]) -> Counter:
    """How the attempts ended, each in a connection of its own: "done", or the code of its refusal."""
    start = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> str:
        try:
            with acting_as_system():
                start.wait(60)
                attempt()
            return "done"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return Counter(pool.map(run, attempts))


def letting(space, companies) -> list[Callable[[], object]]:
    return [
        lambda company=company: services.lease_space(
            company=company,
            space=space,
            first_day=date(2026, 11, 1),
            last_day=date(2027, 10, 31),
            legal_basis="창업지원 무상임대",
            actor=None,
            now=NOW,
        )
        for company in companies
    ]


@contextmanager
def without_the_constraint() -> Iterator[None]:
    """The database as it would be without the wall; it stands again afterwards, over an empty table."""
    wall = next(found for found in Lease._meta.constraints if found.name == "leases_one_lease_a_day")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Lease, wall)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leases_lease CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(Lease, wall)


def test_of_32_who_let_one_space_exactly_one_wins():
    space, companies = SpaceFactory(), CompanyFactory.create_batch(THREADS)
    assert all_at_once(letting(space, companies)) == {"done": 1, "space_taken": THREADS - 1}
    assert Lease.objects.filter(space=space).count() == 1
    assert LeaseTransition.objects.count() == 1


def test_without_the_constraint_more_than_one_wins():
    space, companies = SpaceFactory(), CompanyFactory.create_batch(THREADS)
    with without_the_constraint():
        assert all_at_once(letting(space, companies))["done"] > 1
        assert Lease.objects.filter(space=space).count() > 1


def test_an_extension_and_a_new_lease_of_the_same_days_exclude_each_other():
    request = ExtensionRequestFactory(lease__state=LeaseState.ACTIVE)
    newcomer = CompanyFactory()
    extension = [lambda: services.approve_extension(request=request, actor=None, now=NOW)]
    lease = {
        "company": newcomer,
        "space": request.lease.space,
        "first_day": date(2027, 1, 4),
        "last_day": date(2027, 12, 31),
        "legal_basis": "창업지원 무상임대",
    }
    outcome = all_at_once([*extension, lambda: services.lease_space(**lease, actor=None, now=NOW)])
    assert outcome in (Counter(done=1, space_taken=1), Counter(done=1, space_promised=1))


def test_a_lease_is_signed_once():
    lease = LeaseFactory(state=LeaseState.OFFERED)
    sign = [lambda: services.sign_lease(lease=lease, reason="서면", actor=None, now=NOW)] * 8
    assert all_at_once(sign) == {"done": 1, "wrong_state": 7}
    assert LeaseTransition.objects.count() == 1


def test_the_daily_run_twice_at_once_takes_each_step_once():
    LeaseFactory.create_batch(5, state=LeaseState.SIGNED)
    run = [lambda: services.advance_leases(actor=None, now=NOW)] * 4
    assert all_at_once(run) == {"done": 4}
    assert LeaseTransition.objects.count() == 5
