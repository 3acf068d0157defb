"""The public page's numbers, and the export of the residents."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.cache import caches
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from incubator.common.dbroles import Role, database_role
from incubator.common.display import GFLOP_PER_PFH
from incubator.reporting.selectors import front_figures
from tenants.companies.enums import ResidencyState
from tenants.compute import services
from tests.factories import compute
from tests.factories.accounts import sign_in, staff_member
from tests.factories.companies import CompanyFactory, ResidencyFactory, founder_of
from tests.factories.consulting import AdviserFactory
from tests.factories.leases import LeaseFactory, SpaceFactory
from tests.factories.support import counting, make_firm, statements, supported

pytestmark = pytest.mark.django_db


def test_they_add_up_under_the_public_role() -> None:
    today = timezone.localdate()
    around = DateRange(today - timedelta(days=9), today + timedelta(days=9))
    past = DateRange(today - timedelta(days=30), today - timedelta(days=9))
    ResidencyFactory.create_batch(3, period=DateRange(today, None))
    ResidencyFactory(period=past, state=ResidencyState.GRADUATED)
    ResidencyFactory(period=DateRange(today, None), state=ResidencyState.ADMITTED)
    LeaseFactory(space=SpaceFactory(area_m2=Decimal(75)), period=around)
    SpaceFactory(area_m2=Decimal(25))
    AdviserFactory.create_batch(2)
    AdviserFactory(active=False)
    make_firm("one")
    make_firm("two", active=False)
    pool, old = (
        compute.make_pool(name=name, period=period) for name, period in (("now", around), ("old", past))
    )
    for of, period, amount in ((pool, around, 5), (pool, around, 7), (old, past, 11)):
        lot = compute.grant(CompanyFactory(), amount * GFLOP_PER_PFH, of, period=period)
    services.claw_back(allocation=lot, reason="rest", actor=None, now=timezone.now())
    lot = pool.allocations.first()
    services.claw_back(
        allocation=lot, reason="rest", actor=None, now=timezone.now(), amount_gflop=2 * GFLOP_PER_PFH
    )
    with database_role(Role.PUBLIC):
        found = front_figures()
    assert found == {
        "residents": 3,
        "spaces": 2,
        "let_percent": Decimal(75),
        "compute_pf": Decimal("88.5"),
        "storage_pb": 107,
        "credits_granted_gflop": 10 * GFLOP_PER_PFH,
        "advisers": 2,
        "firms": 1,
    }


def test_an_empty_camp_counts_nothing(client: Client) -> None:
    found = front_figures()
    assert [
        found[name]
        for name in ("residents", "spaces", "let_percent", "advisers", "firms", "credits_granted_gflop")
    ] == [0] * 6
    assert client.get("/").status_code == 200


def test_the_front_page_costs_little_and_less_the_second_time(client: Client, settings: object) -> None:
    settings.CACHES = {  # type: ignore[attr-defined]
        **settings.CACHES,  # type: ignore[attr-defined]
        "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "figures"},
    }
    caches["local"].clear()
    sign_in(client, founder_of(CompanyFactory()))
    counts = []
    for _ in range(2):
        with counting() as captured:
            assert client.get("/").status_code == 200
        # The system's role is taken and given back: three statements more than the request's own.
        counts.append(len(statements(captured, switches=1)))
    caches["local"].clear()
    assert counts[0] + 3 <= 12
    assert counts[1] <= counts[0] - 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_residents_as_a_file(client: Client, kind: str) -> None:
    now = timezone.now()
    supported("A", now)
    CompanyFactory(name="=cmd()")
    sign_in(client, staff_member())
    counts = []
    for _ in range(2):
        with counting() as captured:
            page = client.get(f"/admin/reporting/residents.{kind}", headers={"accept-language": "en"})
        counts.append(len(statements(captured)))
        CompanyFactory.create_batch(3)
    assert page.status_code == 200
    assert counts[0] == counts[1] <= 12
    if kind == "csv":
        rows = list(csv.reader(page.content.decode("utf-8-sig").splitlines()))
        assert rows[1][0] == "'=cmd()"
    else:
        rows = [list(row) for row in load_workbook(BytesIO(page.content)).active.values]
        assert rows[1][0] == "=cmd()"
        assert load_workbook(BytesIO(page.content)).active["A2"].data_type == "s"
    [ours] = [row for row in rows if row[0] == "기업A"]
    assert ours[4].endswith("호A")
    assert [Decimal(str(value)) for value in ours[6:]] == [100, Decimal("0.268"), Decimal("99.732"), 0, 1, 2]
    assert client.get("/admin/reporting/residents.pdf").status_code == 404
