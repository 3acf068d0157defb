"""The statement of support: sums, windows, the file, and other companies' rows."""

import csv
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incubator.common.display import GFLOP_PER_PFH
from tenants.leases import selectors as leases
from tenants.portal.statement import statement_of
from tests.factories.accounts import sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.compute import grant
from tests.factories.leases import LeaseFactory, SpaceFactory
from tests.factories.support import Supported, supported

pytestmark = pytest.mark.django_db
USED = 4 * 67_000 * 3600


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def home(now: datetime) -> Supported:
    return supported("A", now)


def test_everything_ever_adds_up(home: Supported, now: datetime) -> None:
    today = timezone.localdate(now)
    found = statement_of(home.founder, home.company.pk, first=None, last=today)
    assert found is not None
    amounts = leases.waived_for([home.lease], home.lease.first_day, today)[home.lease.pk]
    assert (found.rent_krw, found.fee_krw) == (amounts.rent_krw, amounts.fee_krw)
    assert found.total_krw == amounts.total_krw
    assert found.first == home.lease.first_day
    assert found.granted_gflop == 100 * GFLOP_PER_PFH
    assert found.used_gflop == USED
    assert found.minutes == 90
    assert [each.firm.name for each in found.introductions] == ["투자사A 2"]


def test_a_window_counts_its_own_days(home: Supported, now: datetime) -> None:
    today = timezone.localdate(now)
    first = today - timedelta(days=15)
    found = statement_of(home.founder, home.company.pk, first=first, last=today)
    assert found is not None
    amounts = leases.waived_for([home.lease], first, today)[home.lease.pk]
    assert amounts.days == 16
    assert found.total_krw == amounts.total_krw
    assert [(line.first, line.last) for line in found.lines] == [(first, today)]
    assert (found.granted_gflop, found.used_gflop, found.minutes, len(found.introductions)) == (0, USED, 0, 0)
    before = statement_of(home.founder, home.company.pk, first=None, last=first - timedelta(days=1))
    assert before is not None
    assert (before.used_gflop, before.minutes, len(before.introductions)) == (0, 90, 1)


def test_credits_taken_back_were_no_support(home: Supported, now: datetime) -> None:
    from tenants.compute import services

    services.claw_back(
        allocation=home.company.allocations.get(),
        reason="rest",
        actor=None,
        now=now,
        amount_gflop=GFLOP_PER_PFH,
    )
    found = statement_of(home.founder, home.company.pk, first=None, last=timezone.localdate(now))
    assert found is not None
    assert found.granted_gflop == 99 * GFLOP_PER_PFH


def test_days_without_a_rate_have_no_sum(home: Supported, now: datetime) -> None:
    today = timezone.localdate(now)
    LeaseFactory(company=home.company, space=SpaceFactory(), period=home.lease.period)
    found = statement_of(home.founder, home.company.pk, first=None, last=today)
    assert found is not None
    assert found.total_krw is None
    assert len(found.lines) == 2


def test_the_file_is_readable_by_a_spreadsheet_and_adds_up(
    client: Client, home: Supported, now: datetime
) -> None:
    grant(
        home.company,
        GFLOP_PER_PFH,
        home.company.allocations.get().pool,
        programme="=HYPERLINK(1)",
        period=home.company.allocations.get().period,
        now=now,
    )
    page = sign_in(client, home.founder).get(
        "/portal/statement/?format=csv", headers={"accept-language": "en"}
    )
    assert page["Content-Type"] == "text/csv; charset=utf-8"
    assert page.content.startswith(b"\xef\xbb\xbf")
    assert ".csv" in page["Content-Disposition"]
    rows = list(csv.DictReader(page.content.decode("utf-8-sig").splitlines()))
    won = [int(row["How much"]) for row in rows if row["Unit"] == "won" and row["Support"] != "Total"]
    total = [int(row["How much"]) for row in rows if row["Unit"] == "won" and row["Support"] == "Total"]
    assert sum(won) == total[0] > 0
    assert [row["What"] for row in rows if row["Support"] == "Credits granted"] == [
        "지원사업A",
        "'=HYPERLINK(1)",
    ]
    assert [row["How much"] for row in rows if row["Support"] == "Total" and row["Unit"] == "PF·h"] == [
        "101.000",
        "0.268",
    ]


@pytest.mark.parametrize(
    "query", ["from=20261301", "from=x", "from=2026-11-22&to=2026-11-01", "to=%00", "from=99999"]
)
def test_bad_days_are_said_and_kept(client: Client, home: Supported, query: str) -> None:
    page = sign_in(client, home.founder).get(f"/portal/statement/?{query}&format=csv")
    if "%00" in query:
        assert page.status_code == 400
        return
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()


@pytest.mark.parametrize("query", ["from=0001-01-01", "from=99990101", "to=00010101", "to=9999-12-31"])
def test_days_at_the_ends_of_the_calendar_break_nothing(client: Client, home: Supported, query: str) -> None:
    page = sign_in(client, home.founder).get(f"/portal/statement/?{query}")
    assert page.status_code == 200


def test_a_company_without_support_is_told_what_will_be_here(client: Client) -> None:
    page = sign_in(client, founder_of(CompanyFactory())).get(
        "/portal/statement/", headers={"accept-language": "en"}
    )
    assert page.status_code == 200
    assert "No support is recorded for these days." in page.content.decode()
