"""The managers' first page: gauges, cost, emptiness, and whom it is for."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from incubator.accounts.enums import StaffGroup
from incubator.common.display import GFLOP_PER_PFH
from incubator.reporting import selectors
from tenants.compute import services
from tenants.consulting.enums import BookingState, SlotState
from tenants.leases.enums import LeaseState
from tests.factories import compute
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.consulting import BookingFactory, SlotFactory, cancelled
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory, SpaceFactory
from tests.factories.support import counting, introduce, lasting, make_firm, statements

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
NOW = timezone.make_aware(datetime(2026, 11, 22, 12))


def _lease(area: str, last: int, state: str = LeaseState.ACTIVE) -> None:
    period = DateRange(TODAY - timedelta(days=50), TODAY + timedelta(days=last + 1))
    LeaseFactory(space=SpaceFactory(area_m2=Decimal(area)), period=period, state=state)


def test_occupancy_is_by_area_and_looks_ahead() -> None:
    _lease("60", 75)
    _lease("15", 400)
    _lease("15", 400, LeaseState.OFFERED)
    SpaceFactory(area_m2=Decimal(10))
    SpaceFactory(area_m2=Decimal(500), active=False)
    found = selectors.outlook(TODAY)
    assert (found.spaces, found.spaces_let) == (4, 2)
    assert found.share == Decimal("0.75")
    assert not found.is_below
    assert found.falls_on == TODAY + timedelta(days=76)
    assert found.warning is not None
    assert (found.warning.first, found.warning.sign_on) == (date(2027, 2, 6), date(2027, 5, 5))


def test_under_the_legal_share_is_marked_today() -> None:
    _lease("59", 400)
    SpaceFactory(area_m2=Decimal(41))
    found = selectors.outlook(TODAY)
    assert found.is_below
    assert found.falls_on is None
    assert found.warning is not None
    assert found.warning.first == TODAY - timedelta(days=400)
    SpaceFactory.create_batch(0)
    _lease("2.5", 400)
    assert not selectors.outlook(TODAY).is_below


def test_no_space_is_no_warning() -> None:
    found = selectors.outlook(TODAY)
    assert (found.share, found.is_below, found.falls_on) == (Decimal(0), False, None)


def test_credits_granted_and_used_of_the_pool() -> None:
    pool = compute.make_pool(100 * GFLOP_PER_PFH)
    compute.make_pool(7 * GFLOP_PER_PFH, name="2025", period=DateRange(date(2025, 1, 1), date(2026, 1, 1)))
    company = CompanyFactory(cluster_account="one")
    lot = compute.grant(company, 40 * GFLOP_PER_PFH, pool)
    services.claw_back(allocation=lot, reason="rest", actor=None, now=NOW, amount_gflop=15 * GFLOP_PER_PFH)
    compute.import_rows(compute.sacct_row(1, "one", seconds=3600, units="gres/gpu:h100=4"))
    found = selectors.pool_gauge(acting_staff(), TODAY)
    assert found is not None
    assert (found.capacity, found.granted) == (100 * GFLOP_PER_PFH, 25 * GFLOP_PER_PFH)
    assert found.used == 4 * 67_000 * 3600
    assert found.granted_percent == 25
    assert selectors.pool_gauge(acting_staff(), date(2024, 1, 1)) is None


def test_sessions_of_the_quarter() -> None:
    def slot(month: int, day: int, **values: object) -> object:
        return SlotFactory(period=lasting(timezone.make_aware(datetime(2026, month, day, 10))), **values)

    BookingFactory(slot=slot(10, 1), state=BookingState.HELD)
    BookingFactory(slot=slot(11, 2), state=BookingState.MISSED)
    BookingFactory(slot=slot(12, 31), state=BookingState.BOOKED)
    BookingFactory(slot=slot(9, 30), state=BookingState.HELD)
    cancelled(slot=slot(11, 5))
    slot(11, 6)
    slot(11, 7, state=SlotState.WITHDRAWN, withdrawn_at=NOW, withdrawn_reason="ill")
    found = selectors.session_gauge(acting_staff(), NOW)
    assert (found.offered, found.taken, found.held, found.missed, found.coming) == (5, 3, 1, 1, 1)
    assert found.taken_percent == 60


def test_an_empty_camp_is_told_how_to_begin(client: Client) -> None:
    page = sign_in(client, staff_member()).get("/admin/", headers={"accept-language": "en"})
    text = page.content.decode()
    assert page.status_code == 200
    for sentence in (
        "Nothing waits for a decision.",
        "No space yet.",
        "No pool is in force today.",
        "No slot is open",
    ):
        assert sentence in text


def test_nothing_of_ours_is_inline(client: Client) -> None:
    _lease("60", 20)
    text = sign_in(client, staff_member()).get("/admin/").content.decode()
    ours = text[text.index('class="office"') : text.rindex("</section>")]
    for refused in ("style=", "<style", "<script", "onclick"):
        assert refused not in ours


def test_the_cost_does_not_grow(client: Client) -> None:
    sign_in(client, staff_member())
    now = timezone.now()
    counts = []
    for more in (1, 2, 27):
        for n in range(more):
            today = timezone.localdate(now)
            lease = LeaseFactory(period=DateRange(today - timedelta(days=50), today + timedelta(days=40)))
            ExtensionRequestFactory(lease=lease, asked_at=now)
            introduce(lease.company, make_firm(f"{more} {n}"), now, "consented", answered_at=now)
            BookingFactory(
                slot=SlotFactory(period=lasting(now - timedelta(days=n + more))), company=lease.company
            )
        with counting() as captured:
            page = client.get("/admin/")
        assert page.status_code == 200
        counts.append(len(statements(captured)))
    assert counts[0] <= 12, counts
    assert counts == [counts[0]] * 3


def test_it_shows_each_manager_their_own(client: Client) -> None:
    today = timezone.localdate()
    lease = LeaseFactory(period=DateRange(today - timedelta(days=50), today + timedelta(days=40)))
    person = sign_in(client, staff_member(StaffGroup.LEASES))
    assert lease.company.name in person.get("/admin/").content.decode()
    other = sign_in(Client(), staff_member(StaffGroup.MATCHING))
    assert lease.company.name not in other.get("/admin/").content.decode()


def test_founders_do_not_find_it(client: Client) -> None:
    founder = founder_of(CompanyFactory())
    assert sign_in(client, founder).get("/admin/").status_code == 404
    assert client.get("/admin/reporting/residents.csv").status_code == 404
