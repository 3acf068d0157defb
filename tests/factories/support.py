"""A company with one of everything that its first screen and its statement show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incubator.accounts.models import User
from incubator.common.display import GFLOP_PER_PFH
from investors.firms.enums import FirmKind
from investors.firms.models import Firm
from investors.matching.enums import IntroductionState, MatchState, RunState
from investors.matching.models import Introduction, Match, MatchRun
from tenants.companies.models import Company
from tenants.consulting.enums import BookingState
from tenants.leases.models import Lease
from tenants.outcomes.models import ReportingPeriod

from . import compute
from .companies import CompanyFactory, ResidencyFactory, founder_of
from .consulting import AdviserFactory, BookingFactory, NextStepFactory, SessionReportFactory, SlotFactory
from .leases import (
    BuildingFactory,
    ExtensionRequestFactory,
    FloorFactory,
    LeaseFactory,
    RateFactory,
    SpaceFactory,
)

ENVELOPE = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")
ROLES = ("SELECT set_config(", "SELECT current_setting(")


def statements(captured: CaptureQueriesContext, switches: int = 1) -> list[str]:
    """What a page asked the database, without the beginning and end of transactions.

    Inside the test's own transaction a change of roles takes more statements than in a request, where it takes one for
    each of its `switches`.
    """
    found = [each["sql"] for each in captured.captured_queries if not each["sql"].startswith(ENVELOPE)]
    return [*ROLES[:1] * switches, *(sql for sql in found if not sql.startswith(ROLES))]


def counting() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


def make_firm(name: str, **values: Any) -> Firm:
    return Firm.objects.create(
        **{
            "name": name,
            "slug": f"firm-{Firm.objects.count()}",
            "kind": FirmKind.VC,
            "email": "a@firm.example",
            **values,
        }
    )


def make_run(now: datetime, state: str = RunState.PUBLISHED) -> MatchRun:
    return MatchRun.objects.create(
        state=state,
        run_at=now,
        weights_version="2026-1",
        minimum=3,
        objective=1,
        bound=1,
        input_hash="a",
        result_hash="b",
        solver="highs",
        published_at=now if state == RunState.PUBLISHED else None,
    )


def make_match(
    company: Company, firm: Firm, run: MatchRun, contributions: Iterable[int] = (2_630, 4_110)
) -> Match:
    keys = ("sector", "stage", "ticket", "age", "region")
    facts = {
        "sector": ("healthcare", "healthcare"),
        "stage": ("seed", "seed"),
        "ticket": ("500000000", "100000000..500000000"),
        "age": ("2024-03-04", "7"),
        "region": ("gwangju_jeonnam", "nationwide"),
    }
    components = [
        {
            "key": key,
            "weight": 2_000,
            "value": 10_000,
            "contribution": points,
            "company_fact": facts[key][0],
            "firm_fact": facts[key][1],
        }
        for key, points in zip(keys, contributions, strict=False)
    ]
    score = sum(part["contribution"] for part in components)
    # As if it had been there before its run was published.
    with pgtrigger.ignore("matching.Match:frozen_insert"):
        return Match.objects.create(
            run=run,
            company=company,
            firm=firm,
            score=score,
            components=components,
            published=run.state == RunState.PUBLISHED,
            state=MatchState.PROPOSED,
        )


def introduce(
    company: Company, firm: Firm, made_at: datetime, state: str = IntroductionState.ASKED, **values: Any
) -> Introduction:
    return Introduction.objects.create(
        company=company,
        firm=firm,
        state=state,
        items=["contact", "revenue"],
        until=made_at.date() + timedelta(days=90),
        made_at=made_at,
        **values,
    )


def lasting(starts: datetime, minutes: int = 60) -> DateTimeTZRange:
    return DateTimeTZRange(starts, starts + timedelta(minutes=minutes))


@dataclass(frozen=True)
class Supported:
    company: Company
    founder: User
    lease: Lease
    marks: tuple[str, ...]


def supported(mark: str, now: datetime, *, extension: bool = False, days_left: int = 42) -> Supported:
    """A company whose every thing carries `mark` in its words: lease, grant, usage, sessions, match, introductions."""
    today = timezone.localdate(now)
    company = CompanyFactory(name=f"기업{mark}", cluster_account=f"acct{mark}".lower())
    founder = founder_of(company, name=f"사람{mark}")
    ResidencyFactory(company=company, period=DateRange(today - timedelta(days=200), None))
    space = SpaceFactory(floor=FloorFactory(building=BuildingFactory(name=f"건물{mark}")), code=f"호{mark}")
    RateFactory(space=space)
    period = DateRange(today - timedelta(days=200), today + timedelta(days=days_left + 1))
    lease = LeaseFactory(company=company, space=space, period=period)
    if extension:
        ExtensionRequestFactory(
            lease=lease, until=today + timedelta(days=200), asked_at=now - timedelta(days=3)
        )
    pool = compute.Pool.objects.filter(name="pool").first() or compute.make_pool(
        name="pool", period=DateRange(today - timedelta(days=100), today + timedelta(days=100)), now=now
    )
    compute.grant(
        company,
        100 * GFLOP_PER_PFH,
        pool,
        programme=f"지원사업{mark}",
        period=DateRange(today - timedelta(days=90), today + timedelta(days=90)),
        now=now - timedelta(days=60),
    )
    submit = int((now - timedelta(days=2)).timestamp())
    compute.import_rows(
        compute.sacct_row(
            company.pk, company.cluster_account, seconds=3600, submit=submit, units="gres/gpu:h100=4"
        ),
        now=now,
    )
    adviser = AdviserFactory(name=f"전문위원{mark}")
    held = lasting(now - timedelta(days=20), 90)
    past = BookingFactory(
        slot=SlotFactory(adviser=adviser, period=held),
        company=company,
        attendee=founder,
        state=BookingState.HELD,
    )
    report = SessionReportFactory(booking=past, written_at=now - timedelta(days=19))
    NextStepFactory(report=report, text=f"다음 단계{mark}")
    coming = lasting(now + timedelta(days=2))
    BookingFactory(slot=SlotFactory(adviser=adviser, period=coming), company=company, attendee=founder)
    asking, met = make_firm(f"투자사{mark} 1"), make_firm(f"투자사{mark} 2")
    run = MatchRun.objects.filter(state=RunState.PUBLISHED).first() or make_run(now - timedelta(days=5))
    make_match(company, asking, run)
    introduce(company, asking, now - timedelta(days=9))
    introduce(company, met, now - timedelta(days=30), IntroductionState.MET)
    return Supported(
        company,
        founder,
        lease,
        (
            f"기업{mark}",
            f"건물{mark}",
            f"호{mark}",
            f"지원사업{mark}",
            f"전문위원{mark}",
            f"다음 단계{mark}",
            f"투자사{mark}",
            f"사람{mark}",
        ),
    )


def due_period(now: datetime, name: str = "3분기") -> ReportingPeriod:
    """A quarter that is over and due next week."""
    today = timezone.localdate(now)
    return ReportingPeriod.objects.create(
        name=name,
        name_en="Q3",
        period=DateRange(today - timedelta(days=120), today - timedelta(days=20)),
        due_on=today + timedelta(days=8),
    )
