"""The founder's first screen: what it says, what it leaves out, and what it costs."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from incubator.common.dbroles import Role, database_role
from investors.matching import words
from tenants.deadlines.models import DutyKind
from tenants.leases.enums import LeaseState
from tenants.outcomes.enums import ReportState
from tenants.outcomes.models import KpiReport
from tenants.portal import selectors
from tests.factories.accounts import acting, sign_in
from tests.factories.companies import CompanyFactory, founder_of
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory
from tests.factories.support import (
    counting,
    due_period,
    make_firm,
    make_match,
    make_run,
    statements,
    supported,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_duties() -> None:
    """Insurance and its like are tried where deadlines are; here they would only be more lines."""
    DutyKind.objects.update(active=False)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def _glance(founder: object, now: datetime) -> selectors.Glance:
    company_id = founder.acting.scope_id  # type: ignore[attr-defined]
    with database_role(Role.FOUNDER, user_id=founder.pk, company_ids=[company_id]):  # type: ignore[attr-defined]
        return selectors.glance(founder, now, timezone.localdate(now))


def test_it_says_what_matters_today(now: datetime) -> None:
    home = supported("A", now)
    due_period(now)
    found = _glance(home.founder, now)
    assert found.place == "건물A, room 호A" or found.place.startswith("건물A")
    assert found.lease is not None
    assert found.lease.card.days_left == 42
    assert found.lease.may_ask
    assert found.lease.waived_krw == found.lease.card.waived.total_krw
    assert found.credits.balance.granted == 100 * 3_600_000_000
    assert found.credits.balance.used == found.credits.burn_gflop == 4 * 67_000 * 3600
    assert found.session is not None
    assert found.open_steps == 1
    assert [(each.kind, each.url.partition("#")[0].split("/")[2]) for each in found.todo] == [
        ("waiting", "outcomes"),
        ("attention", "consulting"),
        ("attention", "matches"),
    ]
    assert found.count == 3
    assert found.match is not None


def test_what_waits_for_others_is_shown_and_not_counted(now: datetime) -> None:
    home = supported("A", now, extension=True)
    found = _glance(home.founder, now)
    assert [each.mine for each in found.todo] == [True, True, False]
    assert found.count == 2
    assert found.lease is not None
    assert found.lease.asked
    assert not found.lease.may_ask


def test_the_last_week_to_ask_for_an_extension_waits_too(now: datetime) -> None:
    company = CompanyFactory()
    founder = founder_of(company)
    today = timezone.localdate(now)
    lease = LeaseFactory(company=company)
    for days_left, waits in ((36, 1), (60, 0), (10, 0)):
        lease.period = type(lease.period)(today - timedelta(days=100), today + timedelta(days=days_left + 1))
        lease.save()
        assert _glance(founder, now).count == waits
    ExtensionRequestFactory(lease=lease, until=today + timedelta(days=300), asked_at=now)
    assert _glance(founder, now).count == 0


def test_credits_that_go_back_soon_wait(now: datetime) -> None:
    home = supported("A", now)
    grant = home.company.allocations.get()
    before = _glance(home.founder, now)
    grant.period = type(grant.period)(grant.period.lower, timezone.localdate(now) + timedelta(days=10))
    grant.save()
    after = _glance(home.founder, now)
    assert after.count == before.count + 1
    assert after.todo[0].url == "/portal/credits/"


def test_a_submitted_report_waits_no_longer(now: datetime) -> None:
    company = CompanyFactory()
    founder = founder_of(company)
    period = due_period(now)
    closed = due_period(now, "2분기")
    closed.closed_at = now
    closed.save()
    assert [each.url for each in _glance(founder, now).todo] == [f"/portal/outcomes/{period.pk}/"]
    KpiReport.objects.create(
        company=CompanyFactory(), period=period, state=ReportState.SUBMITTED, submitted_at=now
    )
    assert _glance(founder, now).count == 1
    KpiReport.objects.create(company=company, period=period, state=ReportState.SUBMITTED, submitted_at=now)
    assert _glance(founder, now).count == 0


def test_an_offer_waits_for_the_signature_and_a_draft_is_not_known(now: datetime) -> None:
    company = CompanyFactory()
    founder = founder_of(company)
    lease = LeaseFactory(company=company, state=LeaseState.DRAFT)
    assert _glance(founder, now).lease is None
    lease.state = LeaseState.OFFERED
    lease.save()
    found = _glance(founder, now)
    assert found.lease is not None
    assert [each.url for each in found.todo] == ["/portal/lease/contract/"]


def test_the_newest_run_gives_the_match_and_its_reasons_add_up(now: datetime) -> None:
    company = CompanyFactory()
    founder = founder_of(company)
    old = make_run(now - timedelta(days=90))
    make_match(company, make_firm("옛 투자사"), old, (9_999,))
    type(old).objects.filter(pk=old.pk).update(state="archived")
    old.matches.update(published=False)
    run = make_run(now)
    make_match(company, make_firm("둘째"), run, (1_000, 2_000))
    best = make_match(company, make_firm("첫째"), run, (2_633, 1_999, 1_208, 901, 3))
    make_match(CompanyFactory(), make_firm("남의 것"), run, (9_000,))
    found = _glance(founder, now).match
    assert found == best
    reasons = words.reasons_of(found.score, found.components)
    assert sum(reason.points for reason in reasons) == words.shown_score(found.score) == Decimal("0.674")


def test_an_empty_company_is_told_how_to_begin(client: Client, now: datetime) -> None:
    founder = founder_of(CompanyFactory())
    page = sign_in(client, founder).get("/portal/", headers={"accept-language": "en"})
    text = page.content.decode()
    assert page.status_code == 200
    for sentence in (
        "There is nothing you have to do this week.",
        "No space yet",
        "No credits yet",
        "No session is booked",
        "Nothing waits for you.",
        "No match yet",
    ):
        assert sentence in text


@pytest.mark.parametrize("path", ["/portal/", "/portal/statement/", "/portal/statement/?format=csv"])
def test_the_cost_does_not_grow(client: Client, now: datetime, path: str) -> None:
    home = supported("A", now)
    due_period(now)
    sign_in(client, home.founder)
    counts = []
    for more in (0, 2, 27):
        run = make_run(now - timedelta(hours=more), "draft")
        run.state = "archived"
        run.save()
        for n in range(more):
            firm = make_firm(f"더 {more} {n}")
            make_match(home.company, firm, run)
            LeaseFactory(company=home.company, state=LeaseState.OFFERED)
            due_period(now, f"기간 {more} {n}")
        with counting() as captured:
            page = client.get(path)
        assert page.status_code == 200
        counts.append(len(statements(captured)))
    assert counts[0] <= 12, counts
    assert counts == [counts[0]] * 3


def test_only_a_founder_comes_in(client: Client, now: datetime) -> None:
    assert client.get("/portal/").status_code == 302
    person = acting(founder_of(CompanyFactory()), "investor")
    person.memberships.all().delete()
    assert sign_in(client, person).get("/portal/").status_code == 404
