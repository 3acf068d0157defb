"""Two who sign one contract at the same moment, and swaps that cross."""

from collections import Counter
from datetime import date

import pytest
from django.db import connection

from tenants.leases import services
from tenants.leases.models import Lease, LeaseSignature
from tests.concurrency.test_leases import all_at_once
from tests.factories.accounts import acting_staff
from tests.factories.companies import founder_of
from tests.factories.contracts import countersigned, offered, signed
from tests.factories.leases import LeaseFactory, moment

pytestmark = pytest.mark.django_db(transaction=True)

NOW = moment(2026, 11, 22)
OWNERS = 6
CONSTRAINT = "leases_one_signature_a_side"


def signing(contract):
    owners = [founder_of(contract.lease.company) for _ in range(OWNERS)]
    return [lambda owner=owner: signed(contract, owner) for owner in owners]


def test_of_all_owners_who_sign_at_once_one_signs_and_the_others_hear_of_it():
    contract = offered()
    assert all_at_once(signing(contract)) == {"done": 1, "already_signed": OWNERS - 1}
    assert LeaseSignature.objects.count() == 1
    assert Counter(contract.lease.transitions.values_list("step", flat=True))["company"] == 1


def test_without_the_constraint_all_of_them_sign():
    contract = offered()
    wall = next(found for found in LeaseSignature._meta.constraints if found.name == CONSTRAINT)
    with connection.schema_editor() as editor:
        editor.remove_constraint(LeaseSignature, wall)
    try:
        assert all_at_once(signing(contract)) == {"done": OWNERS}
        assert LeaseSignature.objects.count() == OWNERS
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leases_leasesignature")
        with connection.schema_editor() as editor:
            editor.add_constraint(LeaseSignature, wall)


def test_two_managers_countersign_at_once_and_the_lease_is_signed_once():
    contract = offered()
    signed(contract)
    managers = [acting_staff("leases") for _ in range(4)]
    outcome = all_at_once([lambda each=each: countersigned(contract, each) for each in managers])
    assert outcome == {"done": 1, "already_signed": 3}
    assert Counter(contract.lease.transitions.values_list("step", flat=True))["countersign"] == 1


def test_an_offer_that_changes_while_it_is_signed_is_signed_as_it_was_or_not_at_all():
    contract = offered()
    lease = contract.lease
    owner = founder_of(lease.company)
    change = {"space": lease.space, "first_day": date(2026, 12, 1), "last_day": date(2027, 12, 31)}
    outcome = all_at_once(
        [
            lambda: signed(contract, owner),
            lambda: services.revise_lease(lease=lease, **change, actor=None, now=NOW),
        ]
    )
    assert outcome in (Counter(done=2), Counter(done=1, offer_changed=1))
    manager = acting_staff("leases")
    # Either way nobody countersigns what was signed of the old offer.
    assert all_at_once([lambda: countersigned(contract, manager)]) == {"offer_changed": 1}


def test_swaps_that_cross_take_each_lease_along_once():
    one, two, three = LeaseFactory.create_batch(3)
    day = date(2026, 11, 22)
    pairs = [(one, two), (two, one), (two, three), (three, one)]
    outcome = all_at_once(
        [
            lambda left=left, right=right: services.swap_companies(
                lease=left, other=right, first_day=day, actor=None, now=NOW
            )
            for left, right in pairs
        ]
    )
    # The first to come takes two of the three leases; every other pair holds one of them.
    assert outcome == {"done": 1, "wrong_state": 3}
    active = Lease.objects.filter(state="active")
    assert active.count() == 3
    assert active.values("space").distinct().count() == 3
