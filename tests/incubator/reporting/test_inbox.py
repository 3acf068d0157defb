"""The managers' inbox: for each rule one thing that must be in it, and others that must not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import Invitation
from incubator.common.display import GFLOP_PER_PFH
from incubator.mailing.models import Mail
from incubator.reporting.inbox import RULES, Inbox, inbox_of
from investors.matching.enums import IntroductionState, RunState
from tenants.companies.enums import ResidencyState
from tenants.compute.enums import ImportState
from tenants.compute.models import ClawBackNotice, Cluster, GrantPolicy, LimitSync, UsageImport
from tenants.consulting.enums import BookingState, Side
from tenants.helpdesk import services as helpdesk
from tenants.intake import services as applications
from tenants.intake.models import Call
from tenants.leases.enums import ExtensionState, LeaseState
from tenants.leases.services import (
    ask_early_end,
    describe_lease,
    give_notice,
    note_holdover,
    resolve_holdover,
)
from tests.factories import compute, intake
from tests.factories.accounts import acting_staff, sign_in, staff_member
from tests.factories.companies import CompanyFactory, ResidencyFactory, founder_of
from tests.factories.consulting import (
    BookingFactory,
    NextStepFactory,
    SessionReportFactory,
    SlotFactory,
    cancelled,
)
from tests.factories.contracts import countersigned, offered, signed
from tests.factories.deadlines import DutyFactory
from tests.factories.helpdesk import reported
from tests.factories.leases import ExtensionRequestFactory, LeaseFactory
from tests.factories.requests import agree, ask, rules
from tests.factories.support import introduce, lasting, make_firm, make_run

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2026, 11, 22, 12))
TODAY = date(2026, 11, 22)


def _days(count: float) -> timedelta:
    return timedelta(days=count)


def _period(first: float, last: float) -> DateRange:
    return DateRange(TODAY + _days(first), TODAY + _days(last + 1))


def _request(days: int, state: str = ExtensionState.OPEN, **lease: Any) -> Any:
    decided = None if state == ExtensionState.OPEN else NOW
    lease = LeaseFactory(**{"period": _period(-100, 200), **lease})
    return ExtensionRequestFactory(lease=lease, asked_at=NOW - _days(days), state=state, decided_at=decided)


def _extension() -> Any:
    for state in (ExtensionState.APPROVED, ExtensionState.REFUSED, ExtensionState.WITHDRAWN):
        _request(3, state)
    return _request(9)


def _ending_lease() -> Any:
    LeaseFactory(period=_period(-100, 61))
    LeaseFactory(period=_period(-100, -1))
    LeaseFactory(period=_period(-100, 20), state=LeaseState.ENDED)
    LeaseFactory(period=_period(-100, 20), state=LeaseState.OFFERED)
    _request(1, ExtensionState.REFUSED, period=_period(-100, 30))
    return LeaseFactory(period=_period(-100, 60))


def _admitted() -> Any:
    ResidencyFactory(state=ResidencyState.ADMITTED, period=DateRange(TODAY + _days(1), None))
    ResidencyFactory(state=ResidencyState.RESIDENT, period=DateRange(TODAY - _days(9), None))
    ResidencyFactory(state=ResidencyState.LEFT_EARLY, period=_period(-9, 0))
    return ResidencyFactory(state=ResidencyState.ADMITTED, period=DateRange(TODAY, None))


def _suspense() -> Any:
    company = CompanyFactory(cluster_account="known")
    compute.grant(company, 10 * GFLOP_PER_PFH)
    compute.import_rows(
        compute.sacct_row(1, "known", units="gres/gpu:h100=1"),
        compute.sacct_row(2, "stranger", units="gres/gpu:h100=1"),
        compute.sacct_row(3, "found", units="gres/gpu:h100=1"),
    )
    from tenants.compute import services
    from tenants.compute.models import CreditAccount

    services.assign_account(
        cluster=compute.make_cluster(), account="found", company=company, reason="asked", actor=None, now=NOW
    )
    return CreditAccount.objects.get(kind="suspense", cluster_account="stranger")


def _debt() -> Any:
    from tenants.compute.models import CreditAccount

    rich, poor = CompanyFactory(cluster_account="rich"), CompanyFactory(cluster_account="poor")
    for company, amount in ((rich, 10 * GFLOP_PER_PFH), (poor, 100)):
        compute.grant(company, amount)
    compute.import_rows(
        compute.sacct_row(11, "rich", units="gres/gpu:h100=1"),
        compute.sacct_row(12, "poor", units="gres/gpu:h100=1"),
    )
    return CreditAccount.objects.get(kind="debt", company=poor)


def _difference() -> Any:
    from tenants.compute import services
    from tenants.compute.sreport import ControlTotal

    cluster = compute.make_cluster("compared")
    Cluster.objects.filter(pk=cluster.pk).update(late_minutes=0)

    def compare(hour: int, *seconds: int) -> Any:
        start = NOW - _days(3) + timedelta(hours=hour)
        values = {"start": start, "end": start + timedelta(hours=1), "source": "sreport", "sha256": "0" * 64}
        totals = [ControlTotal("a", "cpu", each) for each in seconds]
        return services.reconcile_totals(cluster=cluster, totals=totals, actor=None, now=NOW, **values)

    compare(0)
    compare(1, 5)
    compare(1)
    explained = compare(2, 5)
    services.settle_reconciliation(reconciliation=explained, reason="a reservation", actor=None, now=NOW)
    return compare(3, 5)


def _failed_sync() -> Any:
    def sync(name: str, *outcomes: str, enabled: bool = True, dry_run: bool = False) -> Any:
        cluster = compute.make_cluster(name)
        Cluster.objects.filter(pk=cluster.pk).update(limits_enabled=enabled, late_minutes=0)
        for outcome in outcomes:
            failure = "unreachable" if outcome == "failed" else ""
            made = LimitSync.objects.create(
                cluster=cluster, state=outcome, failure=failure, synced_at=NOW, dry_run=dry_run
            )
        return made

    sync("well again", "failed", "done")
    sync("by hand only", "failed", enabled=False)
    sync("tried", "failed", dry_run=True)
    return sync("broken", "failed", "failed")


def _late_usage() -> Any:
    def cluster(name: str, minutes: int, **values: Any) -> Cluster:
        made = compute.make_cluster(name)
        Cluster.objects.filter(pk=made.pk).update(created_at=NOW - _days(9), **values)
        compute.import_rows(cluster=name, now=NOW - timedelta(minutes=minutes))
        return made

    cluster("in time", 60)
    cluster("patient", 120, late_minutes=180)
    cluster("not awaited", 5000, late_minutes=0)
    return cluster("late", 61)


def _failed_import() -> Any:
    cluster = compute.make_cluster()

    def read(state: str, name: str, sha256: str, days: int) -> UsageImport:
        return UsageImport.objects.create(
            cluster=cluster,
            state=state,
            file_name=name,
            sha256=sha256,
            finished_at=NOW - _days(days),
            failure="…",
        )

    read(ImportState.FAILED, "again.txt", "a", 5)
    read(ImportState.IMPORTED, "renamed.txt", "a", 4)
    read(ImportState.FAILED, "mended.txt", "b", 4)
    read(ImportState.IMPORTED, "mended.txt", "c", 3)
    read(ImportState.IMPORTED, "broken.txt", "d", 3)
    return read(ImportState.FAILED, "broken.txt", "e", 2)


def _credit_request() -> Any:
    from tenants.compute import services

    company, manager = CompanyFactory(), acting_staff(StaffGroup.CREDITS)
    services.withdraw_request(request=ask(company, 1), actor=founder_of(company), now=NOW)
    services.decline_request(request=ask(company, 1), reason="x", actor=manager, now=NOW)
    agree(ask(company, 1), manager)
    return ask(company, 1)


def _notice(days: int, **change: Any) -> Any:
    """A notice whose deadline is so many days ahead."""
    lot = compute.grant(CompanyFactory(), 1_000)
    notice = ClawBackNotice.objects.create(
        lot=lot,
        company=lot.company,
        policy=GrantPolicy.objects.latest("pk"),
        checkpoint=TODAY - _days(30),
        planned_gflop=500,
        used_gflop=0,
        proposed_gflop=250,
        sent_at=NOW - _days(14),
        deadline=TODAY + _days(days),
    )
    if change:
        ClawBackNotice.objects.filter(pk=notice.pk).update(**change)
    return notice


_ASKED = {"state": "exempting", "exemption_reason": "곧 씁니다.", "asked_at": NOW - _days(1)}


def _exemption() -> Any:
    _notice(1)
    _notice(1, state="exempted", resolved_at=NOW, asked_at=NOW)
    return _notice(-1, **_ASKED)


def _claw_back() -> Any:
    _notice(0)
    _notice(-1, **_ASKED)
    _notice(-1, state="cancelled", resolved_at=NOW)
    due = _notice(-1)
    rules(TODAY, automatic=True)
    _notice(-1)
    return due


def _attendance() -> Any:
    def booking(starts: datetime, state: str) -> Any:
        return BookingFactory(slot=SlotFactory(period=lasting(starts)), state=state)

    booking(NOW - _days(2), BookingState.HELD)
    booking(NOW - _days(3), BookingState.MISSED)
    booking(NOW + _days(1), BookingState.BOOKED)
    booking(NOW - timedelta(minutes=30), BookingState.BOOKED)
    cancelled(slot=SlotFactory(period=lasting(NOW - _days(4))))
    return booking(NOW - timedelta(minutes=60), BookingState.BOOKED)


def _unreported() -> Any:
    def held(days: int, state: str = BookingState.HELD) -> Any:
        return BookingFactory(slot=SlotFactory(period=lasting(NOW - _days(days))), state=state)

    held(6)
    held(20, BookingState.MISSED)
    SessionReportFactory(booking=held(21))
    return held(8)


def _office_step() -> Any:
    report = SessionReportFactory()
    NextStepFactory(report=report)
    NextStepFactory(report=report, owner=Side.OFFICE, state="done", closed_at=NOW)
    return NextStepFactory(report=report, owner=Side.OFFICE)


def _introduction() -> Any:
    company = CompanyFactory()
    for state in IntroductionState:
        if state != IntroductionState.CONSENTED:
            introduce(company, make_firm(state), NOW - _days(5), state)
    return introduce(
        company, make_firm("agreed"), NOW - _days(5), IntroductionState.CONSENTED, answered_at=NOW - _days(1)
    )


def _stuck_introduction() -> Any:
    company = CompanyFactory()

    def at(state: str, age: float) -> Any:
        made = introduce(company, make_firm(f"{state} {age}"), NOW - _days(age), state)
        type(made).objects.filter(pk=made.pk).update(changed_at=NOW - _days(age))
        return made

    at(IntroductionState.MET, 13)
    at(IntroductionState.CONTINUING, 20)
    at(IntroductionState.CONSENTED, 90)
    at(IntroductionState.PASSED, 90)
    return at(IntroductionState.MET, 15)


def _draft_run() -> Any:
    make_run(NOW - _days(5), RunState.DRAFT)
    make_run(NOW - _days(4), RunState.PUBLISHED)
    make_run(NOW - _days(1), RunState.ARCHIVED)
    return make_run(NOW - _days(2), RunState.DRAFT)


def _invitation() -> Any:
    company = CompanyFactory()

    def invite(name: str, ends: float, **values: Any) -> Invitation:
        email = values.pop("email", f"{name}@test.example")
        values.setdefault("sent_at", NOW - _days(9))
        return Invitation.objects.create(
            email=email,
            name=name,
            kind=Kind.FOUNDER,
            scope_id=company.pk,
            token_hash=f"{name}{ends}",
            expires_at=NOW + _days(ends),
            **values,
        )

    invite("still", 1)
    invite("came", -1, accepted_at=NOW)
    invite("not", -1, revoked_at=NOW)
    invite("never mailed", -1, sent_at=None)
    invite("renewed", -2)
    invite("renewed", 5)
    return invite("late", -1)


def _countersign() -> Any:
    """Signed by the company in its newest contract, and by nobody else."""
    offered()
    both = offered()
    signed(both)
    countersigned(both)
    changed = offered()
    signed(changed)
    describe_lease(lease=changed.lease, legal_basis="조례 제3조", comparator="", actor=None, now=NOW)
    waits = offered()
    signed(waits)
    return waits.lease


def _early_end() -> Any:
    give_notice(
        lease=LeaseFactory(period=_period(-10, 300)),
        last_day=TODAY + _days(90),
        reason="위반",
        actor=None,
        now=NOW,
    )
    return ask_early_end(
        lease=LeaseFactory(period=_period(-10, 300)),
        last_day=TODAY + _days(90),
        reason="이전",
        actor=None,
        now=NOW,
    )


def _holdover() -> Any:
    over = [LeaseFactory(period=_period(-100, -9), state=LeaseState.ENDED) for _each in range(2)]
    left, there = (note_holdover(lease=lease, reason="장비", actor=None, now=NOW) for lease in over)
    resolve_holdover(holdover=left, outcome="left", actor=None, now=NOW)
    return there


def _help_request() -> Any:
    answered = reported(now=NOW - _days(30))
    helpdesk.solve(request=answered, text="고쳤습니다.", actor=None, now=NOW)
    waits = reported(now=NOW - _days(20))
    helpdesk.wait_for_company(request=waits, text="언제요?", actor=None, now=NOW)
    return reported(now=NOW - _days(8))


def _duty() -> Any:
    DutyFactory()
    return DutyFactory(state="submitted", decided_at=None)


def _unclear_mail() -> Any:
    def letter(key: str, **values: Any) -> Mail:
        return Mail.objects.create(
            topic="test", key=key, address="a@test.example", subject=key, made_at=NOW - _days(1), **values
        )

    letter("sent", claimed_at=NOW - _days(1), sent_at=NOW)
    letter("waits")
    letter("on its way", claimed_at=NOW - timedelta(minutes=5))
    return letter("unclear", claimed_at=NOW - timedelta(minutes=20))


def _to_screen() -> Any:
    intake.submitted(intake.make_call(), "나중", 61)
    over = intake.make_call()
    waits = intake.submitted(over, "하나", 62)
    intake.eligible(over, "둘", 63)
    Call.objects.filter(pk=over.pk).update(opens_at=NOW - _days(9), closes_at=NOW - _days(1))
    return waits


def _review_missing() -> Any:
    call = intake.make_call()
    application = intake.eligible(call, "셋", 64)
    intake.close(call)
    intake.scored(application, intake.reviewer(call), 3, 4)
    behind = intake.reviewer(call)
    intake.assigned(application, behind)
    return behind


def _free_place() -> Any:
    call = intake.make_call(places=1)
    accepted, first, second = (intake.eligible(call, f"기업{number}", 70 + number) for number in range(3))
    intake.close(call)
    intake.accept(accepted)
    for each in (first, second):
        applications.put_on_waiting_list(application=each, actor=None, now=NOW)
    applications.undo_acceptance(
        application=accepted, reason="사정", declined=True, actor=None, now=intake.now()
    )
    return first


THINGS: dict[str, Callable[[], Any]] = {
    "to_screen": _to_screen,
    "reviews_missing": _review_missing,
    "free_place": _free_place,
    "request": _help_request,
    "duty": _duty,
    "mail": _unclear_mail,
    "extension": _extension,
    "countersign": _countersign,
    "early_end": _early_end,
    "holdover": _holdover,
    "ending_lease": _ending_lease,
    "admitted": _admitted,
    "credit_request": _credit_request,
    "exemption": _exemption,
    "claw_back": _claw_back,
    "suspense": _suspense,
    "debt": _debt,
    "failed_import": _failed_import,
    "difference": _difference,
    "late_usage": _late_usage,
    "failed_sync": _failed_sync,
    "attendance": _attendance,
    "unreported": _unreported,
    "office_step": _office_step,
    "introduction": _introduction,
    "stuck_introduction": _stuck_introduction,
    "draft_run": _draft_run,
    "invitation": _invitation,
}


def _inbox(*groups: str) -> Inbox:
    return inbox_of(acting_staff(*groups), NOW, TODAY)


def _of_kind(inbox: Inbox, kind: str) -> list[int]:
    return [entry.object_id for entry in inbox.entries if entry.kind == kind]


def test_every_rule_is_tried() -> None:
    assert {rule.kind for rule in RULES} == set(THINGS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_a_rule_shows_what_waits_to_those_who_decide_it(rule: Any) -> None:
    thing = THINGS[rule.kind]()
    for groups in ([StaffGroup.DIRECTOR], [StaffGroup.AUDITOR], [rule.groups[0]]):
        assert _of_kind(_inbox(*groups), rule.kind) == [thing.pk]
    others = {*StaffGroup} - {*rule.groups, StaffGroup.DIRECTOR, StaffGroup.AUDITOR}
    # What concerns every group has nobody else.
    assert not others or [each.kind for each in _inbox(*others).entries if each.kind == rule.kind] == []


def test_an_open_request_takes_the_place_of_its_ending_lease() -> None:
    request = _request(2, period=_period(-100, 30))
    inbox = _inbox()
    assert [(each.kind, each.object_id) for each in inbox.entries] == [("extension", request.pk)]
    request.state, request.decided_at = ExtensionState.WITHDRAWN, NOW
    request.save()
    assert [(each.kind, each.object_id) for each in _inbox().entries] == [("ending_lease", request.lease_id)]


def test_a_group_sees_the_invitations_it_sends() -> None:
    _invitation()
    Invitation.objects.create(
        email="i@test.example",
        name="i",
        kind=Kind.INVESTOR,
        scope_id=1,
        token_hash="i",
        sent_at=NOW,
        expires_at=NOW - _days(3),
    )
    assert [entry.title for entry in _inbox(StaffGroup.LEASES).entries] == [
        "The invitation of late has expired"
    ]
    assert [entry.title for entry in _inbox(StaffGroup.MATCHING).entries] == [
        "The invitation of i has expired"
    ]
    assert len(_inbox().entries) == 2


@pytest.fixture(autouse=True)
def _english() -> Any:
    from django.utils import translation

    with translation.override("en"):
        yield


def test_what_waits_longest_stands_first_with_its_age() -> None:
    for days in (0, 12, 3):
        _request(days)
    inbox = _inbox()
    assert [(entry.days, entry.age) for entry in inbox.entries] == [
        (13, "day 13"),
        (4, "day 4"),
        (1, "since today"),
    ]
    assert [entry.mark for entry in inbox.entries] == ["attention", "waiting", "waiting"]
    assert inbox.oldest_days == 13


def test_of_an_ending_lease_the_days_left_are_told() -> None:
    LeaseFactory(period=_period(-100, 12))
    LeaseFactory(period=_period(-100, 31))
    _request(2)
    inbox = _inbox()
    assert [(entry.age, entry.mark) for entry in inbox.entries] == [
        ("D-12", "attention"),
        ("D-31", "waiting"),
        ("day 3", "waiting"),
    ]
    assert inbox.oldest_days == 3


def test_all_are_counted_where_not_all_are_shown() -> None:
    for days in range(25):
        _request(days)
        LeaseFactory(period=_period(-100, 10))
    inbox = _inbox()
    assert [sort.count for sort in inbox.sorts] == [25, 25]
    assert inbox.total == 50
    assert len(inbox.entries) == 30
    assert inbox.hidden == 20


def test_every_link_leads_to_a_page_that_opens(client: Client) -> None:
    for make in THINGS.values():
        make()
    inbox = _inbox()
    assert {entry.kind for entry in inbox.entries} == set(THINGS)
    sign_in(client, staff_member())
    for url in [entry.url for entry in inbox.entries] + [sort.url for sort in inbox.sorts]:
        page = client.get(url)
        assert page.status_code == 200, url
    for sort, rule in zip(inbox.sorts, RULES, strict=True):
        shown = client.get(sort.url).context["cl"].result_count
        assert shown >= sort.count, rule.kind
