"""Two managers who put other weights in force at the same moment."""

import pytest
from django.db import connection

from investors.matching.models import WeightSet
from investors.matching.services import use_weights
from investors.matching.weight_sets import active_weights
from tests.factories.accounts import acting_staff
from tests.factories.matching import NOW

from .test_grants import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
INDEX = "matching_one_active_weights"


def attempts(first):
    instead_of = active_weights().version
    managers = [(number, acting_staff("matching")) for number in range(first, first + 5)]
    return [
        lambda number=number, who=who: use_weights(
            numbers={"region": number}, note="시험", instead_of=instead_of, actor=who, now=NOW
        )
        for number, who in managers
    ]


def test_one_of_many_is_put_in_force_and_the_others_look_again():
    assert all_at_once(attempts(1)) == {"done": 1, "weights_changed_meanwhile": 4}
    assert WeightSet.objects.filter(active=True).count() == 1
    assert all_at_once(attempts(11)) == {"done": 1, "weights_changed_meanwhile": 4}
    assert WeightSet.objects.filter(active=True).count() == 1


def test_control_without_the_constraints_several_would_be_in_force():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [INDEX])
        (definition,) = cursor.fetchone()
        cursor.execute(f"DROP INDEX {INDEX}")
        cursor.execute("ALTER TABLE matching_weightset DROP CONSTRAINT matching_weightset_version_key")
        cursor.execute("TRUNCATE matching_weightset")
    try:
        assert all_at_once(attempts(1))["done"] > 1
        assert WeightSet.objects.filter(active=True).count() > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE matching_weightset")
            cursor.execute(definition)
            cursor.execute(
                "ALTER TABLE matching_weightset ADD CONSTRAINT matching_weightset_version_key UNIQUE (version)"
            )
