"""The database's own answer, with every selector out of the way."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.db import ProgrammingError, transaction

from incubator.common.dbroles import Role, database_role
from tenants.leases import services
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.models import Building, ExtensionRequest, Floor, Lease, LeaseTransition, Rate, Space
from tests.factories.companies import founder_of
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, RateFactory, moment

pytestmark = pytest.mark.django_db

NOW = moment(2026, 11, 22)


@contextmanager
def as_founder(user):
    with database_role(Role.FOUNDER, user_id=user.pk, company_ids=user.acting.company_ids):
        yield


@pytest.fixture
def camp():
    """(own lease, other's lease, founder of the own company); both with a step and an open request."""
    mine, other = LeaseFactory(), LeaseFactory()
    LeaseFactory(company=mine.company, state=LeaseState.DRAFT)
    for lease in (mine, other):
        RateFactory(space=lease.space)
        ExtensionRequestFactory(lease=lease)
        LeaseTransition.objects.create(lease=lease, to_state="active", at=NOW)
    return mine, other, founder_of(mine.company)


def test_a_founder_reads_the_own_leases_and_all_spaces(camp):
    mine, _other, founder = camp
    with as_founder(founder):
        assert list(Lease.objects.all()) == [mine]
        assert [step.lease_id for step in LeaseTransition.objects.all()] == [mine.pk]
        assert [asked.lease_id for asked in ExtensionRequest.objects.all()] == [mine.pk]
        assert (Space.objects.count(), Rate.objects.count()) == (3, 2)


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.INVESTOR, Role.ADVISER])
def test_nobody_else_reads_anything(camp, role):
    everything = {"user_id": 1, "company_ids": [camp[0].company_id], "firm_ids": [1], "adviser_id": 1}
    for model in (Building, Floor, Space, Rate, Lease, LeaseTransition, ExtensionRequest):
        with pytest.raises(ProgrammingError, match="permission denied"), database_role(role, **everything):
            model.objects.count()


def test_a_founder_asks_and_takes_back_through_the_wall(camp):
    mine, _other, founder = camp
    ExtensionRequest.objects.filter(lease=mine).update(state=ExtensionState.REFUSED, decided_at=NOW)
    with as_founder(founder):
        values = {"until": date(2027, 7, 3), "reason": "후속 투자", "actor": founder, "now": NOW}
        asked = services.request_extension(lease=Lease.objects.get(), **values)
        assert (
            services.withdraw_extension(request=asked, actor=founder, now=NOW).state
            == ExtensionState.WITHDRAWN
        )


def refused(founder, write):
    with pytest.raises(ProgrammingError), transaction.atomic(), as_founder(founder):
        write()


def test_a_founder_writes_nothing_else(camp):
    mine, other, founder = camp
    refused(founder, lambda: Lease.objects.filter(pk=mine.pk).update(state=LeaseState.ENDED))
    refused(founder, lambda: Rate.objects.update(rent_krw_per_m2=0))
    refused(founder, lambda: LeaseTransition.objects.create(lease=mine, to_state="ended", at=NOW))
    refused(
        founder, lambda: ExtensionRequest.objects.filter(lease=mine).update(state="approved", decided_at=NOW)
    )
    refused(founder, lambda: ExtensionRequest.objects.filter(lease=mine).update(until=date(2030, 1, 1)))
    new = {"until": date(2027, 7, 3), "reason": "남의 계약", "asked_at": NOW}
    ExtensionRequest.objects.all().update(state=ExtensionState.REFUSED, decided_at=NOW)
    refused(founder, lambda: ExtensionRequest.objects.create(lease=other, asked_by=founder, **new))
    refused(founder, lambda: ExtensionRequest.objects.create(lease=mine, asked_by=None, **new))
    decided = {"state": ExtensionState.APPROVED, "decided_at": NOW}
    refused(founder, lambda: ExtensionRequest.objects.create(lease=mine, asked_by=founder, **new, **decided))
    with as_founder(founder):
        assert (
            ExtensionRequest.objects.filter(pk__in=other.extension_requests.values("pk")).update(
                state="withdrawn"
            )
            == 0
        )
