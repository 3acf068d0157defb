"""What the database refuses, whoever writes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from incubator.common.periods import days
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.models import Lease, LeaseTransition
from tests.factories.leases import (
    BuildingFactory,
    ExtensionRequestFactory,
    FloorFactory,
    LeaseFactory,
    RateFactory,
    SpaceFactory,
    moment,
)

pytestmark = pytest.mark.django_db

YEAR = days(date(2026, 1, 1), date(2026, 12, 31))


def refused(make) -> str:
    """The name of the constraint that refuses it."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    return caught.value.__cause__.diag.constraint_name


def test_two_leases_of_a_space_never_share_a_day():
    first = LeaseFactory(period=YEAR)
    last_day_again = days(date(2026, 12, 31), date(2027, 12, 30))
    assert refused(lambda: LeaseFactory(space=first.space, period=last_day_again)) == "leases_one_lease_a_day"
    LeaseFactory(space=first.space, period=days(date(2027, 1, 1), date(2027, 12, 31)))
    LeaseFactory(period=YEAR)


@pytest.mark.parametrize("state", [state for state in LeaseState if state != LeaseState.DRAFT])
def test_every_state_but_a_draft_holds_the_space(state):
    first = LeaseFactory(period=YEAR, state=state)
    assert refused(lambda: LeaseFactory(space=first.space, period=YEAR)) == "leases_one_lease_a_day"


def test_drafts_may_overlap():
    first = LeaseFactory(period=YEAR)
    LeaseFactory(space=first.space, period=YEAR, state=LeaseState.DRAFT)
    LeaseFactory(space=first.space, period=YEAR, state=LeaseState.DRAFT)
    assert Lease.objects.count() == 3


def test_a_lease_has_days_unless_it_was_terminated():
    nothing = DateRange(date(2026, 1, 1), date(2026, 1, 1))
    assert refused(lambda: LeaseFactory(period=nothing)) == "leases_lease_has_days"
    LeaseFactory(period=nothing, state=LeaseState.TERMINATED)


@pytest.mark.parametrize("period", [DateRange(None, date(2026, 1, 1)), DateRange(date(2026, 1, 1), None)])
def test_a_lease_has_a_first_and_a_last_day(period):
    assert refused(lambda: LeaseFactory(period=period)) == "leases_lease_bounded"


def test_a_lease_names_its_basis_and_a_known_state():
    assert refused(lambda: LeaseFactory(legal_basis="")) == "leases_lease_has_basis"
    assert refused(lambda: LeaseFactory(state="lost")) == "leases_lease_state_known"


def test_a_space_has_one_rate_a_day():
    rate = RateFactory(period=DateRange(None, date(2026, 7, 1)))
    later = DateRange(date(2026, 6, 30), None)
    assert refused(lambda: RateFactory(space=rate.space, period=later)) == "leases_one_rate_a_day"
    RateFactory(space=rate.space, period=DateRange(date(2026, 7, 1), None))
    empty = DateRange(date(2026, 6, 1), date(2026, 6, 1))
    assert refused(lambda: RateFactory(space=rate.space, period=empty)) == "leases_rate_has_days"


def test_a_space_stands_on_a_floor_of_its_building():
    floor, elsewhere = FloorFactory(), BuildingFactory()
    assert refused(lambda: SpaceFactory(floor=floor, building=elsewhere)) == "leases_space_floor_of_building"


def test_a_space_has_a_code_of_its_own_an_area_and_seats():
    space = SpaceFactory()
    again = {"floor": space.floor, "code": space.code}
    assert refused(lambda: SpaceFactory(**again)) == "leases_space_code_once"
    assert refused(lambda: SpaceFactory(code="")) == "leases_space_code_not_empty"
    assert refused(lambda: SpaceFactory(area_m2=Decimal("0.00"))) == "leases_space_area_positive"
    assert refused(lambda: SpaceFactory(seats=0)) == "leases_space_seats_positive"
    assert refused(lambda: FloorFactory(level=0)) == "leases_floor_not_zero"


def test_a_lease_has_one_open_extension_request():
    request = ExtensionRequestFactory()
    assert refused(lambda: ExtensionRequestFactory(lease=request.lease)) == "leases_one_open_extension"
    decided = {"state": ExtensionState.REFUSED, "decided_at": moment(2026, 11, 23)}
    ExtensionRequestFactory(lease=request.lease, **decided)
    undated = {"lease": request.lease, "state": ExtensionState.REFUSED}
    assert refused(lambda: ExtensionRequestFactory(**undated)) == "leases_extension_decided_has_moment"


def test_steps_of_a_lease_are_never_rewritten():
    lease = LeaseFactory()
    step = LeaseTransition.objects.create(lease=lease, to_state="active", at=moment(2026, 1, 4))
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        LeaseTransition.objects.filter(pk=step.pk).update(reason="later thought")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        step.delete()
