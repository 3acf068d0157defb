"""Thirty-two managers grant out of one pool that has room for ten."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from threading import Barrier

import pytest
from django.db import connection, connections
from django.db.models import Sum

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from tenants.compute import services
from tenants.compute.checking import check_ledger
from tenants.compute.models import Allocation, CreditAccount, Transfer, UsageImport, UsageRecord
from tests.factories.companies import CompanyFactory
from tests.factories.compute import CLUSTER, NOW, grant, make_cluster, make_pool, sacct, sacct_row, seed_rates

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 32
ROOM = 10
AMOUNT = 1_000


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


@contextmanager
def without_the_check() -> Iterator[None]:
    """The database as it would be without the wall; it stands again afterwards, over an empty ledger."""
    wall = next(
        found for found in CreditAccount._meta.constraints if found.name == "compute_account_not_overdrawn"
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(CreditAccount, wall)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE compute_creditaccount CASCADE")
        with connection.schema_editor() as editor:
            editor.add_constraint(CreditAccount, wall)


def granting() -> list[Callable[[], object]]:
    pool, companies = make_pool(ROOM * AMOUNT), CompanyFactory.create_batch(THREADS)
    return [lambda company=company: grant(company, AMOUNT, pool) for company in companies]


def test_of_32_grants_exactly_the_10_that_fit_are_given():
    assert all_at_once(granting()) == {"done": ROOM, "pool_exhausted": THREADS - ROOM}
    assert Allocation.objects.count() == ROOM
    assert CreditAccount.objects.get(kind="pool").balance_gflop == 0
    assert check_ledger().broken == {}


def test_without_the_check_more_are_given():
    with without_the_check():
        assert all_at_once(granting())["done"] > ROOM
        assert CreditAccount.objects.get(kind="pool").balance_gflop < 0


def test_one_key_at_once_gives_one_grant():
    pool, company = make_pool(), CompanyFactory()
    outcome = all_at_once([lambda: grant(company, AMOUNT, pool, key="same")] * 8)
    assert outcome == {"done": 8}
    assert (Allocation.objects.count(), Transfer.objects.filter(kind="grant").count()) == (1, 1)


def test_claw_backs_at_once_never_take_more_than_is_left():
    lot = grant(CompanyFactory(), 5 * AMOUNT, make_pool())
    attempt = {"reason": "unused", "actor": None, "now": NOW, "amount_gflop": AMOUNT}
    outcome = all_at_once(
        [lambda: services.claw_back(allocation=Allocation.objects.get(pk=lot.pk), **attempt)] * 8
    )
    assert outcome == {"done": 5, "not_enough_credits": 3}
    lot.refresh_from_db()
    assert (lot.taken_back_gflop, lot.state, lot.account.balance_gflop) == (5 * AMOUNT, "closed", 0)
    assert check_ledger().broken == {}


def test_a_transfer_reversed_at_once_is_reversed_once():
    lot = grant(CompanyFactory(), AMOUNT, make_pool())
    transfer = Transfer.objects.get(credit=lot.account)
    attempt = {"transfer": transfer, "reason": "by mistake", "actor": None, "now": NOW}
    outcome = all_at_once([lambda: services.reverse_transfer(**attempt)] * 8)
    assert outcome == {"done": 1, "already_reversed": 7}


def test_the_same_file_at_once_is_charged_once_while_grants_go_on():
    seed_rates()
    make_cluster()
    company = CompanyFactory(cluster_account="gj901")
    pool = make_pool()
    grant(company, 1_000_000, pool)
    text = sacct(*(sacct_row(job, "gj901") for job in range(50)), sacct_row(99, "nobody"))

    def reading() -> UsageImport:
        return services.import_usage(BytesIO(text), cluster=CLUSTER, actor=None, now=NOW)

    assert all_at_once([reading] * 4 + [lambda: grant(company, AMOUNT, pool)] * 4) == {"done": 8}
    done = UsageImport.objects.aggregate(new=Sum("new"), unchanged=Sum("unchanged"))
    assert done == {"new": 51, "unchanged": 3 * 51}
    assert UsageRecord.objects.count() == 51
    found = check_ledger()
    assert (found.broken, found.charged, found.suspense) == ({}, {"gj901": 50 * 8_000}, 8_000)
