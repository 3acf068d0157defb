"""What is in a demonstration camp of six companies, made once for all of these tests."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from incubator.accounts.acting import roles_of
from incubator.accounts.models import Invitation, User
from incubator.demo.camp import Camp
from incubator.demo.making import make_camp
from investors.firms.models import Firm
from investors.matching.enums import IntroductionState, MatchState, RunState
from investors.matching.models import DisclosureGrant, Introduction, Match, MatchRun
from tenants.companies.models import Company
from tenants.compute.checking import check_ledger
from tenants.compute.enums import AccountKind, ImportSource
from tenants.compute.models import Allocation, CreditAccount, JobHold, StorageGrant, StorageLevel, UsageImport
from tenants.consulting.enums import BookingState, Side, StepState
from tenants.consulting.models import (
    Adviser,
    Attendance,
    Booking,
    CompanyNote,
    NextStep,
    SessionRating,
    SessionReport,
    Slot,
)
from tenants.leases.enums import CheckState, ExtensionState, LeaseState
from tenants.leases.models import Building, ExtensionRequest, Handover, HandoverItem, Lease, Rate, Space
from tenants.leases.terms import ask_by
from tenants.outcomes.enums import ReportState
from tenants.outcomes.models import KpiReport, ReportingPeriod
from tenants.papers.drawing import sha256
from tenants.papers.enums import PaperKind
from tenants.papers.models import Paper
from tenants.papers.services import file_of

pytestmark = pytest.mark.django_db

SIZE = 6


@pytest.fixture(scope="module")
def camp(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Camp]:
    """The camp of today, gone after these tests. Each of them runs in a savepoint of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_camp(seed=1, companies=SIZE, today=timezone.localdate(), report=lambda *_: None)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _in_the_camp(camp: Camp) -> None:
    pass


def _states(model: Any, column: str = "state") -> set[str]:
    return set(model.objects.order_by().values_list(column, flat=True))


def test_as_many_companies_as_asked_for_live_in_it_each_with_a_lease_that_runs(camp: Camp) -> None:
    assert Company.objects.count() == SIZE
    assert Lease.objects.filter(state=LeaseState.ACTIVE).values("company").distinct().count() == SIZE
    assert Building.objects.count() == 2
    assert Space.objects.count() == Rate.objects.count() / 2 == SIZE + 6


def test_leases_and_requests_to_extend_them_are_in_every_state() -> None:
    assert _states(Lease) == set(LeaseState.values)
    assert _states(ExtensionRequest) >= {
        ExtensionState.OPEN,
        ExtensionState.APPROVED,
        ExtensionState.REFUSED,
    }


def test_sessions_went_every_way() -> None:
    assert _states(Booking) == set(BookingState.values)
    assert _states(Booking, "cancelled_side") == {"", *Side.values}
    assert set(Attendance.objects.values_list("adviser_came", "company_came")) == {
        (True, True),
        (True, False),
        (False, True),
    }
    now = timezone.now()
    assert _states(NextStep) == set(StepState.values)
    today = timezone.localdate(now)
    assert NextStep.objects.open().filter(due_on__lt=today).exists()
    assert NextStep.objects.values("owner").distinct().count() == 3
    assert SessionReport.objects.exclude(differs_from=None).exists()
    assert SessionRating.objects.values("stars").distinct().count() > 2
    assert CompanyNote.objects.exists()
    assert Slot.objects.bookable(now).exists()
    assert Booking.objects.filter(state=BookingState.BOOKED, period__startswith__gt=now).exists()


def test_matches_introductions_and_consents_are_in_every_state() -> None:
    assert _states(MatchRun) == {RunState.PUBLISHED, RunState.DRAFT}
    assert _states(Match) == set(MatchState.values)
    assert _states(Introduction) == set(IntroductionState.values)
    assert DisclosureGrant.objects.live(timezone.localdate()).exists()
    assert DisclosureGrant.objects.filter(withdrawn_at__isnull=False).exists()
    assert all(run.gap == 0 for run in MatchRun.objects.all())


def test_the_ledger_holds_with_a_debt_an_unknown_account_and_two_running_jobs() -> None:
    check = check_ledger()
    assert (check.broken, check.held_jobs) == ({}, 2)
    owed = CreditAccount.objects.filter(balance_gflop__lt=0).exclude(kind=AccountKind.SUPPLY)
    assert sorted(owed.values_list("kind", flat=True)) == [AccountKind.DEBT, AccountKind.SUSPENSE]
    assert JobHold.objects.filter(resolved_at=None).count() == 2
    assert UsageImport.objects.exclude(source=ImportSource.STORAGE).count() == 13
    assert StorageLevel.objects.filter(is_current=True).count() == 13 * StorageGrant.objects.count()
    assert UsageImport.objects.aggregate(Sum("rejected"))["rejected__sum"] == 0


def test_one_company_hoards_and_one_is_nearly_out_of_credits() -> None:
    left = [
        lot.account.balance_gflop / lot.amount_gflop
        for lot in Allocation.objects.select_related("account").order_by("pk")
    ]
    assert max(left) == 1
    assert 0 < min(share for share in left if share > 0) < 0.06


def test_outcomes_are_reported_for_a_closed_and_an_open_period() -> None:
    assert _states(KpiReport) == set(ReportState.values)
    assert [period.closed_at is None for period in ReportingPeriod.objects.order_by("period")] == [
        False,
        True,
    ]
    assert KpiReport.objects.filter(revision=1, state=ReportState.SUBMITTED).count() > SIZE


def test_some_invitations_are_open_and_some_have_run_out() -> None:
    now = timezone.now()
    opened = [invitation.is_open(now) for invitation in Invitation.objects.order_by("expires_at")]
    assert sorted(set(opened)) == [False, True]


def test_the_first_founder_finds_something_of_everything(camp: Camp) -> None:
    company, today = camp.companies[0], camp.today
    lease = Lease.objects.get(company=company, state=LeaseState.ACTIVE)
    assert lease.last_day == today + timedelta(days=42)
    assert ask_by(lease.last_day) >= today
    assert not ExtensionRequest.objects.filter(lease=lease).exists()
    coming = Booking.objects.get(company=company, state=BookingState.BOOKED)
    assert timezone.localdate(coming.starts) == today + timedelta(days=2)
    assert NextStep.objects.open().filter(company=company).count() == 2
    assert [each.state for each in Introduction.objects.filter(company=company)] == [IntroductionState.ASKED]
    granted = Allocation.objects.get(company=company)
    used = 1 - granted.account.balance_gflop / granted.amount_gflop
    assert 0.59 < used < 0.61
    assert KpiReport.objects.filter(company=company, period__closed_at=None).count() == 0


def test_the_first_investor_finds_matches_and_introductions(camp: Camp) -> None:
    firm = camp.firms[0]
    assert Match.objects.filter(firm=firm, published=True).exists()
    assert Introduction.objects.filter(firm=firm).exclude(state=IntroductionState.ASKED).exists()
    assert Firm.objects.count() == len(camp.investors)


def test_advisers_may_belong_to_firms(camp: Camp) -> None:
    assert Adviser.objects.filter(firm__kind="ac").exists()
    assert Adviser.objects.count() == len(camp.advisers)


PLACES = [
    ("manager@camp.example", "/admin/"),
    ("auditor@camp.example", "/admin/"),
    ("founder01@camp.example", "/portal/"),
    ("founder06@camp.example", "/portal/lease/"),
    ("member02@camp.example", "/portal/credits/"),
    ("investor01@camp.example", "/invest/"),
    ("adviser01@camp.example", "/advise/"),
    ("many@camp.example", "/portal/"),
    ("many@camp.example", "/invest/"),
    ("many@camp.example", "/advise/"),
]


@pytest.mark.parametrize(("email", "place"), PLACES)
def test_everyone_signs_in_with_the_same_password(email: str, place: str) -> None:
    client = Client()
    answer = client.post("/accounts/login/", {"login": email, "password": "camp-demo"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/start/")
    assert client.get(place).status_code == 200


def test_one_person_has_four_roles() -> None:
    roles = roles_of(User.objects.get(email="many@camp.example"))
    assert sorted(role.kind for role in roles) == ["adviser", "founder", "founder", "investor"]


def test_nothing_was_sent() -> None:
    assert mail.outbox == []
    assert connection.run_on_commit == []


def test_papers_were_issued_and_handovers_have_begun(camp: Camp) -> None:
    papers = Paper.objects.filter(company=camp.companies[0]).exclude(kind=PaperKind.CONTRACT)
    assert sorted(papers.values_list("kind", "language")) == [
        ("residency", "en"),
        ("residency", "ko"),
        ("support", "ko"),
    ]
    assert all(sha256(file_of(paper)) == paper.pdf_sha256 for paper in Paper.objects.all())
    soon = Lease.objects.filter(
        state=LeaseState.ACTIVE, period__endswith__lte=timezone.localdate() + timedelta(days=30)
    )
    assert Handover.objects.filter(lease__in=soon).count() == soon.count() > 0
    assert HandoverItem.objects.filter(state=CheckState.DONE).exists()
