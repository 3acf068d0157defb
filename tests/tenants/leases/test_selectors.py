"""What is counted, and who sees what."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from incubator.accounts.acting import PUBLIC
from incubator.accounts.enums import Kind
from incubator.common.periods import days
from tenants.leases import selectors
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.models import ExtensionRequest, Lease, LeaseTransition
from tests.factories.accounts import UserFactory, acting, acting_staff
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, RateFactory, SpaceFactory, moment

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def test_each_role_sees_its_own():
    mine, other = LeaseFactory(), LeaseFactory()
    asked = ExtensionRequestFactory(lease=mine)
    ExtensionRequestFactory(lease=other)
    draft = LeaseFactory(company=mine.company, state=LeaseState.DRAFT)
    for lease in (mine, other):
        LeaseTransition.objects.create(lease=lease, to_state="active", at=moment(2026, 1, 4))
    founder = founder_of(mine.company)
    assert list(selectors.leases_for(founder)) == [mine]
    assert list(selectors.extension_requests_for(founder)) == [asked]
    assert [step.lease for step in selectors.transitions_for(founder)] == [mine]
    assert selectors.spaces_for(founder).count() == 3
    staff = acting_staff("consulting")
    assert set(selectors.leases_for(staff)) == {mine, other, draft}
    assert selectors.extension_requests_for(staff).count() == 2
    public = UserFactory()
    public.acting = PUBLIC
    for stranger in (acting(UserFactory(), Kind.INVESTOR, 1), acting(UserFactory(), Kind.ADVISER, 1), public):
        for selector in (
            selectors.buildings_for,
            selectors.floors_for,
            selectors.spaces_for,
            selectors.rates_for,
            selectors.leases_for,
            selectors.transitions_for,
            selectors.extension_requests_for,
        ):
            assert selector(stranger).count() == 0


def test_leases_that_end_soon_the_first_to_end_first():
    def until(last, **values):
        return LeaseFactory(period=days(date(2026, 1, 1), last), **values)

    until(date(2026, 11, 21))
    later, sooner = until(date(2027, 1, 21)), until(TODAY)
    until(date(2027, 1, 22))
    until(date(2026, 12, 1), state=LeaseState.ENDED)
    assert list(selectors.ending_soon(acting_staff(), within_days=60, today=TODAY)) == [sooner, later]
    assert list(selectors.ending_soon(founder_of(later.company), within_days=60, today=TODAY)) == [later]


def test_occupancy_counts_area_of_what_is_let_today():
    def space(area, **values):
        return SpaceFactory(area_m2=Decimal(area), **values)

    LeaseFactory(space=space("40.00"), period=days(TODAY, TODAY))
    LeaseFactory(space=space("20.00"), state=LeaseState.SIGNED, period=days(TODAY, TODAY))
    LeaseFactory(space=space("10.00"), state=LeaseState.TERMINATED, period=days(date(2026, 1, 1), TODAY))
    LeaseFactory(space=space("9.00"), state=LeaseState.OFFERED, period=days(TODAY, TODAY))
    LeaseFactory(space=space("8.00"), period=days(date(2026, 1, 1), date(2026, 11, 21)))
    LeaseFactory(
        space=space("7.00"), period=days(date(2026, 11, 23), date(2026, 12, 31)), state=LeaseState.SIGNED
    )
    space("6.00")
    space("99.00", active=False)
    found = selectors.occupancy(TODAY)
    assert (found.spaces, found.spaces_let) == (7, 3)
    assert (found.area_m2, found.area_let_m2) == (Decimal("100.00"), Decimal("70.00"))
    assert found.share == Decimal("0.7")


def test_an_empty_camp_is_not_let():
    assert selectors.occupancy(TODAY).share == 0


def test_waived_amounts_of_many_leases_take_one_query_more():
    counts = []
    for _more in (1, 2):
        for _each in range(_more):
            RateFactory(space=LeaseFactory().space)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            amounts = selectors.waived_for(Lease.objects.all(), date(2026, 2, 1), date(2026, 2, 28))
        counts.append(len(captured))
    assert counts == [2, 2]
    assert [(amount.rent_krw, amount.fee_krw) for amount in amounts.values()] == [(270_600, 112_200)] * 3


def test_drafts_offers_and_what_never_began_waive_nothing():
    space = RateFactory().space
    LeaseFactory(space=space, state=LeaseState.DRAFT)
    LeaseFactory(space=space, state=LeaseState.OFFERED)
    LeaseFactory(space=space, state=LeaseState.TERMINATED, period=DateRange(empty=True))
    amounts = selectors.waived_for(Lease.objects.all(), date.min, TODAY)
    assert {amount.total_krw for amount in amounts.values()} == {0}


def test_the_command_gives_each_lease_of_the_window():
    lease = LeaseFactory(period=days(date(2026, 1, 4), date(2027, 1, 3)))
    RateFactory(space=lease.space)
    LeaseFactory(period=days(date(2025, 1, 1), date(2025, 12, 31)), state=LeaseState.ENDED)
    LeaseFactory(state=LeaseState.OFFERED)
    out = StringIO()
    call_command("waived", "--from", "2026-02-01", "--to", "2026-02-28", "--json", stdout=out)
    assert json.loads(out.getvalue()) == [
        {
            "business_number": lease.company.business_number,
            "building": lease.space.building.name,
            "space": lease.space.code,
            "first_day": "2026-01-04",
            "last_day": "2027-01-03",
            "rent_krw": 270_600,
            "fee_krw": 112_200,
        }
    ]
    out = StringIO()
    call_command("waived", "--from", "2026-02-01", "--to", "2026-02-28", stdout=out)
    assert out.getvalue().splitlines()[-1] == "leases 1, rent 270,600, fee 112,200"


def test_the_command_names_days_without_a_rate():
    lease = LeaseFactory()
    RateFactory(space=lease.space, period=DateRange(date(2026, 2, 11), None))
    errors = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(
            "waived", "--from", "2026-02-01", "--to", "2026-02-28", "--json", stdout=StringIO(), stderr=errors
        )
    assert caught.value.returncode == 1
    assert "2026-02-01 – 2026-02-10" in errors.getvalue()


@pytest.mark.parametrize(
    ("first", "last"), [("2027-02-29", "2027-03-01"), ("soon", "2027-03-01"), ("2026-02-02", "2026-02-01")]
)
def test_the_command_refuses_wrong_days(first, last):
    with pytest.raises(CommandError) as caught:
        call_command("waived", "--from", first, "--to", last)
    assert caught.value.returncode == 2


def test_the_overview_orders_and_adds_up():
    company = CompanyFactory()
    later = LeaseFactory(company=company, period=days(date(2026, 11, 1), date(2027, 10, 31)))
    sooner = LeaseFactory(company=company, period=days(date(2026, 1, 4), date(2027, 1, 3)))
    coming = LeaseFactory(
        company=company, period=days(date(2026, 12, 1), date(2026, 12, 31)), state=LeaseState.SIGNED
    )
    past = LeaseFactory(
        company=company, period=days(date(2025, 1, 1), date(2025, 12, 31)), state=LeaseState.ENDED
    )
    LeaseFactory(company=company, state=LeaseState.DRAFT)
    for lease in (later, sooner, coming, past):
        RateFactory(space=lease.space)
    ExtensionRequestFactory(lease=sooner, state=ExtensionState.WITHDRAWN, decided_at=moment(2026, 11, 1))
    with CaptureQueriesContext(connection) as captured:
        overview = selectors.founder_overview(founder_of(company), TODAY)
    assert (
        len([query for query in captured if "leases_" in query["sql"] and query["sql"].startswith("SELECT")])
        == 4
    )
    assert [card.lease for card in overview.live] == [sooner, later, coming]
    assert [card.lease for card in overview.past] == [past]
    assert [card.days_left for card in overview.live] == [42, 343, 39]
    assert overview.total_krw == sum(card.waived.total_krw for card in overview.cards)
    assert overview.total_krw == sum(month.total_krw for month in overview.months)
    november = overview.months[0]
    assert (november.month, november.days) == (date(2026, 11, 1), 44)


def card_of(lease, today=TODAY):
    return selectors.lease_card(acting_staff(), lease, today)


def test_when_an_extension_can_be_asked_for():
    lease = LeaseFactory()  # until 2027-01-03
    assert (card_of(lease).ask_by, card_of(lease).longest) == (date(2026, 12, 3), date(2028, 1, 3))
    assert card_of(lease, date(2026, 12, 3)).may_ask is True
    assert card_of(lease, date(2026, 12, 4)).may_ask is False
    assert card_of(LeaseFactory(period=days(date(2025, 2, 1), date(2027, 1, 31)))).may_ask is False
    assert card_of(LeaseFactory(state=LeaseState.OFFERED)).may_ask is False
    ExtensionRequestFactory(lease=lease)
    assert card_of(lease).may_ask is False
    ExtensionRequest.objects.update(state=ExtensionState.REFUSED, decided_at=moment(2026, 11, 22))
    assert card_of(lease).may_ask is True
